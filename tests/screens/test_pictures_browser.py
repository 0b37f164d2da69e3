"""Pictures in a real browser: seen, opened by keyboard, described, and nothing asked of anybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from store.records import MediaRecord
from store.schema import mention
from tests.pictures.making import photo
from tests.pictures.planting import fetch_all
from tests.screens import sample
from tests.screens.conftest import Served
from tests.screens.test_accessible import violations

pytestmark = pytest.mark.slow

Visit = Callable[..., Any]
HOSTILE = '"><img src=https://evil.example/pixel onerror=alert(1)>'

DECODED = "async image => { await image.decode(); return image.naturalWidth; }"


@pytest.fixture(scope="module")
def number(served: Served) -> Iterator[int]:
    """A conversation whose last message has a picture, a video, and one that was never there."""
    store = served.house.store
    attached = (
        MediaRecord("image", "https://cdn.example/a.jpg", "een doos met een deuk"),
        MediaRecord("video", "https://cdn.example/v.mp4", HOSTILE, "video"),
        MediaRecord("image", "https://cdn.example/old.jpg", "", "gone"),
    )
    sample.customer_writes(store, "zo kwam het aan", media=attached)
    fetch_all(store, photo(1800, 1200))
    with store.read() as conn:
        yield int(conn.execute(mention.select().where(mention.c.text == "zo kwam het aan")).one().conversation_id)


@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}])
def test_a_picture_is_seen_opened_by_keyboard_and_described(visit: Visit, number: int, look: dict[str, Any]) -> None:
    page = visit("daan", f"/?c={number}", **look)
    small = page.get_by_role("img", name="een doos met een deuk").first
    small.wait_for()
    assert small.evaluate(DECODED) == 320
    page.locator(".kb-picture summary").focus()
    page.keyboard.press("Enter")
    large = page.locator(".kb-picture figure img")
    large.wait_for()
    assert large.evaluate(DECODED) == 1600
    assert page.get_by_role("link", name="Open in a new tab").is_visible()
    assert page.locator(".kb-nopicture").count() == 2
    assert "evil.example" in page.locator(".kb-nopicture q").inner_text()
    assert violations(page) == []
    assert page.elsewhere == []


def test_an_agent_reads_it_in_dutch_and_sees_in_the_list_that_there_is_a_picture(visit: Visit, number: int) -> None:
    page = visit("daan", f"/?c={number}", locale="nl-NL")
    page.locator(".kb-nopicture").first.wait_for()
    assert page.locator(".kb-nopicture").all_inner_texts()[1].strip() == "Foto staat er niet meer"
    page.get_by_text("met foto").first.wait_for()


def test_a_picture_by_itself_is_a_page_that_runs_nothing(visit: Visit, number: int) -> None:
    page = visit("daan", f"/?c={number}")
    page.locator(".kb-picture summary").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open in a new tab").click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("document.images[0].naturalWidth") == 1600
    assert page.elsewhere == []
