"""Bodies within their caps, however compressed."""

import contextlib
import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import FormatChanged
from pipeline.http.body import Broken, Collected, declared_length


def _raw_deflate(data: bytes) -> bytes:
    pack = zlib.compressobj(wbits=-15)
    return pack.compress(data) + pack.flush()


PACK = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=3),
    "zstd": zstandard.ZstdCompressor().compress,
}


def unpack(encoding: str, data: bytes, *, most: int = 10_000_000, step: int = 16_384) -> bytes:
    collected = Collected(encoding, most)
    for at in range(0, len(data), step):
        collected.take(data[at : at + step])
    return collected.whole(len(data))


@given(st.binary(max_size=5_000), st.lists(st.sampled_from(sorted(PACK)), max_size=3), st.integers(1, 400))
def test_every_encoding_and_stack_of_encodings_is_undone(data: bytes, names: list[str], step: int) -> None:
    packed = data
    for name in names:
        packed = PACK[name](packed)
    assert unpack(", ".join(names), packed, step=step) == data


@pytest.mark.parametrize("name", sorted(PACK))
def test_a_large_body_that_hardly_compresses_is_whole(name: str) -> None:
    data = bytes(range(256)) * 4_000
    assert unpack(name, PACK[name](data)) == data


def test_deflate_is_read_without_its_wrapping_too() -> None:
    assert unpack("deflate", _raw_deflate(b"bare" * 99)) == b"bare" * 99


def test_gzip_in_several_members_with_padding_is_read() -> None:
    assert unpack("gzip", gzip.compress(b"one ") + gzip.compress(b"two") + bytes(50), step=7) == b"one two"


def test_zstd_in_several_frames_is_read() -> None:
    pack = zstandard.ZstdCompressor().compress
    assert unpack("zstd", pack(b"one ") + pack(b"two"), step=7) == b"one two"


@given(st.sampled_from(sorted(PACK)), st.binary(max_size=300), st.integers(1, 64))
def test_any_bytes_are_read_or_refused_and_never_more(name: str, data: bytes, step: int) -> None:
    with contextlib.suppress(Broken, FormatChanged):
        unpack(name, data, step=step, most=100_000)


@pytest.mark.parametrize("name", sorted(PACK))
def test_a_cut_off_body_is_noticed(name: str) -> None:
    packed = PACK[name](bytes(range(256)) * 40)
    with pytest.raises(Broken):
        unpack(name, packed[: len(packed) // 2])


@pytest.mark.parametrize("value", ["compress", "gzip, aes128gcm", "gzip, gzip, gzip, gzip"])
def test_an_encoding_nobody_asked_for_is_refused(value: str) -> None:
    with pytest.raises(FormatChanged, match="not asked for"):
        Collected(value, 100)


def test_an_announced_size_over_the_cap_is_refused_before_reading() -> None:
    with pytest.raises(FormatChanged, match="larger than 1 MB"):
        declared_length("1000001", 1_000_000, encoded=False)
    assert declared_length("x", 10, encoded=False) is None


def _bomb(name: str, size: int) -> bytes:
    """So many zero bytes, compressed piece by piece."""
    pack = {
        "gzip": lambda: zlib.compressobj(9, wbits=31),
        "deflate": lambda: zlib.compressobj(9),
        "zstd": lambda: zstandard.ZstdCompressor(level=3).compressobj(),
    }.get(name)
    piece = bytes(1_000_000)
    if pack is None:
        packer = brotli.Compressor(quality=5)
        return b"".join(packer.process(piece) for _ in range(size // len(piece))) + packer.finish()
    writer = pack()
    return b"".join(writer.compress(piece) for _ in range(size // len(piece))) + writer.flush()


@pytest.mark.parametrize(
    ("encodings", "size"),
    [
        (["gzip"], 100_000_000),
        (["deflate"], 100_000_000),
        (["br"], 100_000_000),
        (["zstd"], 100_000_000),
        (["gzip", "gzip"], 100_000_000),
        (["zstd", "gzip"], 100_000_000),
        pytest.param(["gzip"], 1_000_000_000, marks=pytest.mark.slow),
        pytest.param(["zstd"], 1_000_000_000, marks=pytest.mark.slow),
        pytest.param(["br"], 1_000_000_000, marks=pytest.mark.slow),
    ],
)
def test_a_bomb_stops_at_the_cap_with_little_memory(encodings: list[str], size: int) -> None:
    bomb = _bomb(encodings[0], size)
    for name in encodings[1:]:
        bomb = PACK[name](bomb)
    tracemalloc.start()
    try:
        with pytest.raises(FormatChanged, match="larger than 1 MB"):
            unpack(", ".join(encodings), bomb, most=1_000_000, step=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()
