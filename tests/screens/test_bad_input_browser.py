"""What nobody should send and somebody does: endless texts and threads, odd names, messages that are gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inbox.route import route_pending
from store.ingest import commit_page
from store.records import DeletedRecord, PageCommit, Span
from tests.screens import sample
from tests.screens.composing import Visit, number_of
from tests.screens.conftest import BROWSER, House, Served, make_house, serve
from tests.screens.test_accessible import settled

pytestmark = pytest.mark.slow
MESSAGES = 5_000
LONG = "Northwind zwijgt. " * 5_500 + "onbreekbaar" * 100 + " en het einde van het verhaal"
ZALGO = "Z̸̢̛͇̈́͗a̷̧̛̪̓͋l̵̨̛͖̿͝g̸̡̛͚̀͘o̶̢̝͆͠" * 12
RTL = "\u202eعبد الرحمن بن عبد العزيز آل سعود\u202d"
WIDE = "W" * 300
# author, a word to find it by, the rest of what was said
ODD = (
    ("", "naamloos", "Northwind, wie ben ik?"),
    (RTL, "rechtslinks", "متى يعمل الإنترنت؟ Northwind"),
    (ZALGO, "gestapeld", f"Northwind {ZALGO}"),
    (WIDE, "breed", f"Northwind {'x' * 3000} https://northwind.example/{'y' * 2000}"),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder = tmp_path_factory.mktemp("bad")
    house = make_house(folder)
    fill(house)
    yield from serve(folder, house)
    house.store.close()


def fill(house: House) -> None:
    now = datetime.now(UTC)
    thread = [
        said("Praatgraag", f"Antwoord {n} over Northwind", now - timedelta(seconds=MESSAGES - n), f"deep-{n}", "deep")
        for n in range(MESSAGES)
    ]
    odd = [
        said(author, f"{word}: {text}", now - timedelta(minutes=3), f"odd-{n}", f"odd-{n}")
        for n, (author, word, text) in enumerate(ODD)
    ]
    parent = said("Weggegaan", "ouderbericht van Northwind", now - timedelta(minutes=9), "gone-1", "gone")
    child = replace(
        said("Blijver", "kindbericht: wat stond daar, Northwind?", now - timedelta(minutes=8), "gone-2", "gone"),
        parent_external_id="gone-1",
    )
    endless = said("Schrijver", LONG, now - timedelta(minutes=2), "endless", "endless")
    for page in (thread, [*odd, parent, child, endless]):
        commit(house, tuple(page), now)
    gone = DeletedRecord(parent.external_id, parent.namespace)
    commit_page(house.store, PageCommit("mastodon", "northwind", now, deleted=(gone,)))


def said(author: str, text: str, at: datetime, external_id: str, thread: str) -> Any:
    made = sample.posted("mastodon", external_id, "post", author, text, at, thread_key=f"mastodon:{thread}")
    return made if author else replace(made, author=None)


def commit(house: House, found: tuple[Any, ...], now: datetime) -> None:
    covered = Span(now - timedelta(days=1), now)
    page = PageCommit(source_id="mastodon", query_id="northwind", fetched_at=now, mentions=found, covered=covered)
    commit_page(house.store, page)
    while route_pending(house.store, sample.SETTINGS, now):
        pass


def open_at(served: Served, visit: Visit, words: str, **options: Any) -> Any:
    page = visit("daan", f"/?view=all&c={number_of(served.house, words)}", **options)
    page.wait_for_selector(f".kb-head[data-conversation='{number_of(served.house, words)}']")
    page.locator(".kb-msg").first.wait_for()
    settled(page)
    return page


def fits(page: Any) -> None:
    """No element sticks out of the pane it stands in, and the page does not scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    over = page.evaluate(
        """() => ['.st-key-listpane', '.st-key-detailpane'].flatMap(name => {
          const pane = document.querySelector(name);
          if (!pane || !pane.getBoundingClientRect().width) return [];
          const edge = pane.getBoundingClientRect().right + 1, out = [];
          const walk = (node) => {
            for (const child of node.children) {
              const style = getComputedStyle(child), box = child.getBoundingClientRect();
              if (box.width && box.height && box.right > edge && style.position !== 'fixed')
                out.push(`${name} ${child.tagName}.${child.className} ${box.right} > ${edge}`);
              if (style.overflowX === 'visible') walk(child);
              if (child.shadowRoot) walk(child.shadowRoot);
            }
          };
          walk(pane);
          if (pane.scrollWidth > pane.clientWidth + 1) out.push(`${name} scrolls sideways`);
          return out;
        })"""
    )
    assert over == []


def test_a_message_of_a_hundred_thousand_characters_is_folded_and_read_to_its_end(served: Served, visit: Visit) -> None:
    assert len(LONG) > 99_000
    page = open_at(served, visit, "einde AND verhaal")
    fold = page.locator(".kb-msg summary", has_text="Show the whole text")
    fold.wait_for()
    text = page.locator(".kb-msg.focus .kb-text")
    assert "en het einde van het verhaal" not in text.inner_text()
    fits(page)
    fold.click()
    page.locator(".kb-msg details[open]").wait_for()
    assert text.inner_text().rstrip().endswith("en het einde van het verhaal")
    fits(page)


def test_a_thread_of_five_thousand_messages_opens_quickly_and_shows_earlier_ones_when_asked(
    served: Served, visit: Visit
) -> None:
    page = open_at(served, visit, "verhuizen")
    number = number_of(served.house, "Antwoord AND 4999")
    begun = time.monotonic()
    page.get_by_placeholder("Search words").fill("Antwoord AND 4999")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    page.locator(".kb-msg").nth(199).wait_for()
    took = time.monotonic() - begun
    assert took < 15, f"{took:.1f} s; a second or two on an idle machine"
    newest = page.locator(".kb-msg.focus")
    assert "Antwoord 4999 over Northwind" in newest.inner_text()
    assert page.locator(".kb-msg").count() == 201, "the newest, and the first on top"
    page.get_by_role("button", name="Show earlier messages").click()
    page.locator(".kb-msg", has_text="Antwoord 4300 over Northwind").wait_for()
    assert "Antwoord 0 over" in page.locator(".kb-msg").first.inner_text()
    assert "Antwoord 4999 over Northwind" in newest.inner_text()
    fits(page)


def test_a_long_conversation_opens_at_what_the_customer_wrote_last_and_a_short_one_at_its_head(
    served: Served, visit: Visit
) -> None:
    from playwright.sync_api import expect

    page = open_at(served, visit, "Antwoord AND 4999")
    expect(page.locator(".kb-msg.focus", has_text="Antwoord 4999")).to_be_in_viewport(ratio=1)
    page.get_by_placeholder("Search words").fill("kindbericht")
    page.keyboard.press("Enter")
    page.locator(".kb-msg.focus", has_text="kindbericht").wait_for()
    expect(page.locator(".kb-head")).to_be_in_viewport(ratio=1)


@pytest.mark.usefixtures("served")
def test_on_a_phone_a_long_conversation_is_at_what_the_customer_wrote_last_when_it_is_chosen(visit: Visit) -> None:
    from playwright.sync_api import expect

    page = visit("daan", "/?view=all", viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page.locator(".card", has_text="Antwoord 4999").tap()
    expect(page.locator(".kb-msg.focus", has_text="Antwoord 4999")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("word", [word for _author, word, _text in ODD])
def test_a_name_or_text_of_any_shape_stays_in_its_pane(served: Served, visit: Visit, word: str, *, phone: bool) -> None:
    options: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True} if phone else {}
    page = open_at(served, visit, word, **options)
    fits(page)
    author = next(author for author, one, _text in ODD if one == word)
    shown = page.locator(".kb-head bdi").inner_text()
    assert shown == (author or "No name")


def test_a_parent_that_was_deleted_is_told_and_the_answer_to_it_stays(served: Served, visit: Visit) -> None:
    page = open_at(served, visit, "kindbericht")
    page.locator(".kb-removed", has_text="removed this message").wait_for()
    page.locator(".kb-msg", has_text="kindbericht: wat stond daar").wait_for()
    assert page.get_by_text("ouderbericht").count() == 0
