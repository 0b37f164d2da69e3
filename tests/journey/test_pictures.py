"""The pictures of the documentation: every page has one, every one is there, and none is heavy."""

from __future__ import annotations

from urllib.parse import urlsplit

from screens.navigation import PLACES
from tests.journey.pictures import SHOTS, TARGET

LARGEST = 300 * 1024
"""Bytes."""


def test_every_page_of_the_menu_has_a_picture() -> None:
    shown = {urlsplit(shot.path.partition("{")[0]).path.strip("/") or "inbox" for shot in SHOTS}
    assert {place.path for place in PLACES} <= shown


def test_every_picture_was_taken_and_none_is_left_over() -> None:
    assert sorted(shot.name for shot in SHOTS) == sorted(picture.stem for picture in TARGET.glob("*"))


def test_every_picture_stands_in_the_documentation() -> None:
    pages = "".join(page.read_text("utf-8") for page in TARGET.parent.rglob("*.md"))
    assert {shot.name for shot in SHOTS if f"(screenshots/{shot.name}.png)" not in pages} == set()


def test_no_picture_is_heavy() -> None:
    assert {
        picture.name: picture.stat().st_size for picture in TARGET.iterdir() if picture.stat().st_size > LARGEST
    } == {}
