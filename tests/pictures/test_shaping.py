"""A picture made anew: upright, small enough, and without what its camera wrote into the file."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.pictures.shaping import LARGE, SMALL, fitting, shape
from tests.pictures.making import HTML, PLACE, SVG, bomb, photo


def _opened(body: bytes) -> Image.Image:
    return Image.open(BytesIO(body))


def _is_red(picture: Image.Image, x: int, y: int) -> bool:
    red, _, blue = picture.convert("RGB").getpixel((x, y))  # type: ignore[misc]
    return bool(red > 150 > blue)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_every_kind_that_is_read_becomes_a_jpeg(kind: str) -> None:
    made = shape(photo(kind=kind))
    assert made.refused == ""
    assert (made.width, made.height) == (640, 480)
    assert _opened(made.large).format == "JPEG"
    assert _is_red(_opened(made.large), 10, 240)  # of a moving picture the first frame


def test_where_it_was_taken_and_with_what_goes() -> None:
    body = photo()
    assert PLACE.encode() in body
    made = shape(body)
    for each in (made.small, made.large):
        assert PLACE.encode() not in each
        assert b"Telefoonmerk" not in each
        assert not _opened(each).getexif()
        assert set(_opened(each).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("turned", "size", "red_at"), [(3, (640, 480), (600, 240)), (6, (480, 640), (240, 10)), (8, (480, 640), (240, 600))]
)
def test_a_picture_stands_upright(turned: int, size: tuple[int, int], red_at: tuple[int, int]) -> None:
    made = shape(photo(turned=turned))
    assert (made.width, made.height) == size
    assert _is_red(_opened(made.large), *red_at)


def test_what_is_seen_through_shows_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    assert _opened(shape(out.getvalue()).large).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_every_way_of_writing_colours_is_read(mode: str) -> None:
    out = BytesIO()
    Image.new(mode, (30, 20)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    made = shape(out.getvalue())
    assert (made.refused, made.width, made.height) == ("", 30, 20)


def test_bombs_and_what_is_no_picture_are_refused() -> None:
    assert shape(bomb()).refused == "large"
    assert shape(bomb(100)).refused == "unreadable"
    assert shape(photo(200, 200), most_pixels=39_999).refused == "large"
    for each in (b"", HTML, SVG, b"%PDF-1.7", photo()[:400]):
        assert shape(each).refused == "unreadable"


@given(st.binary(max_size=400))
def test_whatever_comes_nothing_is_raised(body: bytes) -> None:
    assert shape(body).refused == "unreadable"


@given(st.integers(0, 2500), st.integers(0, 255))
def test_a_picture_that_was_tampered_with_raises_nothing(at: int, value: int) -> None:
    body = bytearray(photo(64, 48))
    body[at % len(body)] = value
    assert shape(bytes(body)).refused in {"", "unreadable", "large"}


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.sampled_from([LARGE, SMALL]))
def test_a_size_fits_keeps_its_proportions_and_never_grows(width: int, height: int, longest: int) -> None:
    made = fitting(width, height, longest)
    assert max(made) <= longest
    assert made[0] <= width
    assert made[1] <= height
    assert min(made) >= 1
    if min(made) > 1:
        assert abs(made[0] * height - made[1] * width) <= max(width, height)
