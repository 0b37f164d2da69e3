"""A picture made anew out of bytes of others: decoded, upright, small enough, and without what stood in the file.

What something is, its decoder decides; nobody's word for it counts. Runs in a process of its own (`pipeline.isolate`):
decoders are C libraries that read what strangers made. Imports nothing of ours, so that the process stays small.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
"""What is read. Never SVG (a program), nor formats whose decoders nobody needs here."""
MOST_PIXELS = 64_000_000
"""Larger than any telephone's camera gives by default; decoded it takes 256 MB, within the process' limit."""
LARGE, SMALL = 1600, 320
"""Longest side in pixels."""
_QUALITY = {LARGE: 82, SMALL: 75}
_PAPER = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Shaped:
    """A picture as it may be kept, or why not.

    Attributes:
        small, large: JPEG.
        width, height: pixels of the large one.
        refused: "large" for more pixels than are decoded, "unreadable" for what is no picture; "" when it is one.
    """

    small: bytes = field(default=b"", repr=False)
    large: bytes = field(default=b"", repr=False)
    width: int = 0
    height: int = 0
    refused: str = ""


def shape(body: bytes, *, most_pixels: int = MOST_PIXELS) -> Shaped:
    """Make a picture anew; of a moving one its first frame.

    Args:
        body: what came, whatever it is.
        most_pixels: more are not decoded; judged by the file's head, before any is.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own, lower thought of what is a bomb; ours is refused below
            picture = Image.open(BytesIO(body), formats=FORMATS)
        if picture.width * picture.height > most_pixels:
            return Shaped(refused="large")
        return _made(picture)
    except Image.DecompressionBombError:
        return Shaped(refused="large")
    except MemoryError:
        return Shaped(refused="large")
    except Exception:  # noqa: BLE001 - decoders raise whatever they like (OSError, SyntaxError, struct.error, ...)
        return Shaped(refused="unreadable")


def fitting(width: int, height: int, longest: int) -> tuple[int, int]:
    """The size within `longest` pixels a side, in the same proportions, never larger than it was. Pure."""
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _made(picture: Image.Image) -> Shaped:
    # A JPEG need not be decoded larger than it is used.
    picture.draft("RGB", (LARGE, LARGE))
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    plain = _on_paper(upright)
    large = plain.resize(fitting(*plain.size, LARGE), Image.Resampling.LANCZOS)
    small = large.resize(fitting(*plain.size, SMALL), Image.Resampling.LANCZOS)
    return Shaped(_jpeg(small, SMALL), _jpeg(large, LARGE), large.width, large.height)


def _on_paper(picture: Image.Image) -> Image.Image:
    """The picture in plain colours; what is seen through shows white. A new one, so that nothing else travels along."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    paper = Image.new("RGB", seen.size, _PAPER)
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def _jpeg(picture: Image.Image, side: int) -> bytes:
    out = BytesIO()
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())  # pixels only: no EXIF, no profile, no comment
    bare.save(out, "JPEG", quality=_QUALITY[side], optimize=True)
    return out.getvalue()
