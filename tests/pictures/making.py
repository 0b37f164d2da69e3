"""Makes picture files, honest and hostile."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageDraw

PLACE = "52.3702 4.8952"
"""What a telephone writes of where it was."""


def photo(width: int = 640, height: int = 480, *, turned: int | None = None, kind: str = "JPEG") -> bytes:
    """A photograph whose left half is red and right half blue, with a camera's EXIF where the format has it."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    ImageDraw.Draw(picture).rectangle((width // 2, 0, width, height), fill=(30, 30, 200))
    exif = Image.Exif()
    exif[0x010F] = "Telefoonmerk"
    exif[0x010E] = PLACE
    exif.get_ifd(0x8825)[2] = (52.0, 22.0, 12.7)
    if turned is not None:
        exif[0x0112] = turned
    out = BytesIO()
    if kind == "GIF":
        picture.save(out, kind, save_all=True, append_images=[Image.new("RGB", (width, height), (0, 200, 0))])
    else:
        picture.save(out, kind, exif=exif)
    return out.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few hundred bytes that says it is nearly a thousand million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><body><h1>Log in</h1></body></html>"
