"""Read a body within its cap, however it is compressed.

Libraries decompress a network chunk whole before anyone can look at its size: 292 kB of gzip gave one 67 MB
piece through httpx. Here the raw bytes come in, each decoder gives out small pieces, and reading stops at the cap
on either side of the decompression.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

from connectors.errors import FormatChanged

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_PIECE = 65_536
_MOST_ENCODINGS = 3
# One zstd block of 4 bytes can hold 128 kB, so that many bytes of input give at most 4 MB at a time.
_ZSTD_SLICE = 128
# RFC 9659: a zstd content coding needs no window above 8 MB.
_ZSTD_WINDOW = 8 * 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"


class Broken(Exception):  # noqa: N818 - reads as what it says: the body is broken
    """The body ended early or is damaged; asking again may help."""


class TooLarge(FormatChanged):
    """The body is over its cap, and was not read to its end."""


class Decoder(Protocol):
    """Turns compressed bytes into pieces of bounded size."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give out what these bytes decode to, piece by piece.

        Raises:
            Broken: the data is damaged.
        """
        ...

    def finished(self) -> bool:
        """Tell whether the compressed data came to its proper end."""
        ...


class _Zlib:
    """gzip (several members too) and deflate, which servers send with and without the zlib wrapping."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._unzip: zlib._Decompress | None = None
        self._head = b""
        self._ended = False

    def _open(self) -> zlib._Decompress | None:
        """Start a stream once its first two bytes are in."""
        if len(self._head) < 2:
            return None
        if self._gzip:
            return zlib.decompressobj(31)
        wrapped = self._head[0] & 0x0F == 8 and int.from_bytes(self._head[:2], "big") % 31 == 0
        return zlib.decompressobj(15 if wrapped else -15)

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._unzip is None:
            self._head += data
            if self._ended and not _GZIP_MAGIC.startswith(self._head[:2]):
                self._head = b""  # padding behind the last member
                return
            self._unzip = self._open()
            data, self._head = (self._head, b"") if self._unzip is not None else (b"", self._head)
        while data and self._unzip is not None:
            self._ended = False
            try:
                piece = self._unzip.decompress(data, _PIECE)
                # Output may still wait inside when the input is used up.
                while len(piece) == _PIECE and not self._unzip.unconsumed_tail and not self._unzip.eof:
                    yield piece
                    piece = self._unzip.decompress(b"", _PIECE)
            except zlib.error:
                msg = "its compressed body is damaged"
                raise Broken(msg) from None
            if piece:
                yield piece
            data = self._unzip.unconsumed_tail
            if self._unzip.eof:
                data, self._unzip, self._ended = self._unzip.unused_data, None, True
                if self._gzip and data.startswith(_GZIP_MAGIC):
                    self._unzip = zlib.decompressobj(31)

    def finished(self) -> bool:
        return self._ended


class _Brotli:
    """br, RFC 7932."""

    def __init__(self) -> None:
        self._unpack = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            while not self._unpack.is_finished():
                piece = self._unpack.process(data, output_buffer_limit=_PIECE)
                data = b""
                # It says that it can take more while output still waits inside, so only an empty piece ends this.
                if not piece:
                    return
                yield piece
        except brotli.error:
            msg = "its compressed body is damaged"
            raise Broken(msg) from None

    def finished(self) -> bool:
        return bool(self._unpack.is_finished())


class _Zstd:
    """zstd, RFC 8878; fed in slices, because its decoder has no limit on output."""

    def __init__(self) -> None:
        self._unpack: zstandard.ZstdDecompressionObj | None = None
        self._ended = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _ZSTD_SLICE):
            rest = data[at : at + _ZSTD_SLICE]
            while rest:
                if self._unpack is None:
                    self._unpack = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
                try:
                    piece = self._unpack.decompress(rest)
                except zstandard.ZstdError:
                    msg = "its compressed body is damaged"
                    raise Broken(msg) from None
                self._ended = self._unpack.eof
                rest = b""
                if self._ended:
                    rest, self._unpack = self._unpack.unused_data, None
                if piece:
                    yield piece

    def finished(self) -> bool:
        return self._ended


_DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}


def decoders_for(content_encoding: str) -> list[Decoder]:
    """The decoders that undo a Content-Encoding, in the order they are applied.

    Raises:
        FormatChanged: an encoding we did not ask for, or more of them than any honest server stacks.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name and name != "identity"]
    unknown = [name for name in names if name not in _DECODERS]
    if unknown or len(names) > _MOST_ENCODINGS:
        msg = f"the answer is compressed as {content_encoding[:60]!r}, which was not asked for"
        raise FormatChanged(msg)
    return [_DECODERS[name]() for name in reversed(names)]


def decode(decoders: list[Decoder], data: bytes) -> Iterator[bytes]:
    """Run bytes through a stack of decoders, piece by piece; never holds more than a piece of each."""
    if not decoders:
        yield data
        return
    for piece in decoders[0].feed(data):
        yield from decode(decoders[1:], piece)


def _too_large(most: int) -> TooLarge:
    """The error for a body over its cap."""
    size = f"{most / 1_000_000:g} MB" if most >= 1_000_000 else f"{most} bytes"
    return TooLarge(f"the answer is larger than {size}, the most that is read here; it was not read to its end")


class Collected:
    """A body as it comes in, within its cap.

    Args:
        content_encoding: of the answer.
        most: cap in bytes, on the compressed and on the decoded side.
    """

    def __init__(self, content_encoding: str, most: int) -> None:
        self._decoders = decoders_for(content_encoding)
        self._most = most
        self._pieces: list[bytes] = []
        self._size = 0
        self.received = 0

    def take(self, data: bytes) -> None:
        """Take in raw bytes.

        Raises:
            FormatChanged: the body is over its cap.
            Broken: the compressed data is damaged.
        """
        self.received += len(data)
        if self.received > self._most:
            raise _too_large(self._most)
        for piece in decode(self._decoders, data):
            self._size += len(piece)
            if self._size > self._most:
                self._pieces.clear()
                raise _too_large(self._most)
            self._pieces.append(piece)

    def whole(self, declared: int | None) -> bytes:
        """The decoded body, once everything is in.

        Args:
            declared: Content-Length; None when the answer did not say or the length does not count.

        Raises:
            Broken: less came than was announced, or the compressed data ends in the middle.
        """
        if declared is not None and self.received < declared:
            msg = f"the connection ended after {self.received} of {declared} bytes"
            raise Broken(msg)
        if self.received and not all(decoder.finished() for decoder in self._decoders):
            msg = "its compressed body ends in the middle"
            raise Broken(msg)
        return b"".join(self._pieces)


def declared_length(value: str | None, most: int, *, encoded: bool) -> int | None:
    """Read Content-Length; refuses at once what is announced to be over the cap.

    Raises:
        FormatChanged: the announced length is over the cap.
    """
    if value is None or not value.strip().isascii() or not value.strip().isdigit():
        return None
    length = int(value.strip()[:20])
    if length > most and not encoded:
        raise _too_large(most)
    return length


async def read_body(raw: AsyncIterable[bytes], collected: Collected, declared: int | None) -> bytes:
    """Read a raw stream to its end.

    Raises:
        FormatChanged: over the cap.
        Broken: cut off or damaged.
    """
    async for chunk in raw:
        for part in _slices(chunk):
            collected.take(part)
    return collected.whole(declared)


def _slices(chunk: bytes) -> Iterable[bytes]:
    """Cut a large network chunk, so that the cap on the compressed side is looked at often."""
    if len(chunk) <= _PIECE:
        return (chunk,)
    return (chunk[at : at + _PIECE] for at in range(0, len(chunk), _PIECE))
