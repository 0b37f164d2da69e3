"""Which characters a file's bytes mean."""

from __future__ import annotations

import codecs

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(body: bytes, override: str | None = None) -> str:
    """Turn bytes into text: the byte order mark, then UTF-16 without one, then UTF-8, else Windows-1252.

    Statistical guessing is left out: it called short Western texts Central European. A file that is UTF-8 but for a
    few damaged bytes stays UTF-8. NUL characters are left out, as no database takes them.

    Args:
        body: of the file.
        override: encoding set by a person; its wrong bytes become U+FFFD.
    """
    return _decode(body, override).replace("\x00", "")


def _decode(body: bytes, override: str | None) -> str:
    if override is not None:
        return body.decode(override, "replace").removeprefix("\ufeff")
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body.decode(encoding, "replace")
    wide = _utf16_without_mark(body[:4_000])
    if wide is not None:
        return body.decode(wide, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _damaged_utf8(body) or body.decode("cp1252", "replace")


def _utf16_without_mark(start: bytes) -> str | None:
    """Western text in UTF-16 has a zero in nearly every second byte."""
    pairs = len(start) // 2
    if pairs < 4:
        return None
    if start[1::2].count(0) > pairs * 0.6:
        return "utf-16-le"
    return "utf-16-be" if start[0::2].count(0) > pairs * 0.6 else None


def _damaged_utf8(body: bytes) -> str | None:
    """Read as UTF-8 when its multi-byte characters outnumber the wrong bytes ten times; the wrong ones as cp1252."""
    text = body.decode("utf-8", "surrogateescape")
    wrong = sum("\udc80" <= char <= "\udcff" for char in text)
    right = sum(char > "\x7f" for char in text) - wrong
    if right < 10 * wrong:
        return None
    return "".join(
        bytes([ord(char) - 0xDC00]).decode("cp1252", "replace") if "\udc80" <= char <= "\udcff" else char
        for char in text
    )
