"""The query lab in a real browser: a mistake told while it is typed, a test, labels, a proposal, a version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store.brands import current_queries
from store.ingest import commit_page
from store.records import PageCommit, UnmatchedRecord
from store.schema import conversation
from tests.screens.conftest import House, Served
from tests.screens.test_accessible import settled, violations
from tests.store.making import mention

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def _noise(served: Served) -> None:
    """Job ads that somebody called spam, complaints that were solved, and something that no query matched."""
    house = served.house
    now = datetime.now(UTC)
    spam = _came(
        house, now, "spam", *(f"Northwind zoekt een monteur, solliciteer direct in vestiging {n}" for n in "abcdefgh")
    )
    good = _came(house, now, "good", *(f"Northwind monteur kwam niet opdagen in straat {n}" for n in "abcdefghijkl"))
    missed = UnmatchedRecord(
        external_id="missed",
        namespace="n",
        title=None,
        text="North Wind doet het weer niet",
        lang="nl",
        url=None,
        published_at=now,
    )
    commit_page(house.store, PageCommit(source_id="news", query_id="all", fetched_at=now, unmatched=(missed,)))
    with house.store.write() as conn:
        c = conversation.c
        conn.execute(conversation.update().where(c.key.in_(spam)).values(status="spam", is_open=False))
        conn.execute(conversation.update().where(c.key.in_(good)).values(status="resolved", is_open=False))


def _came(house: House, now: datetime, kind: str, *texts: str) -> list[str]:
    rows = [
        mention(
            f"{kind}{n}",
            text=text,
            platform="files",
            published_at=now - timedelta(hours=5 + n),
            brand_ids=("northwind",),
        )
        for n, text in enumerate(texts)
    ]
    commit_page(house.store, PageCommit(source_id="reviews", query_id="all", fetched_at=now, mentions=tuple(rows)))
    return [str(row.thread_key) for row in rows]


def field(page: Any) -> Any:
    return page.get_by_label("Query of Northwind")


def holds(page: Any, text: str, *, whole: bool = False) -> None:
    """Wait until the field begins with a text, or is it."""
    page.wait_for_function(
        "([text, whole]) => [...document.querySelectorAll('.st-key-labpage *')].some(node => {"
        " const found = node.shadowRoot?.querySelector('textarea')?.value;"
        " return found !== undefined && (whole ? found === text : found.startsWith(text)); })",
        arg=[text, whole],
    )


def test_a_query_is_mended_tested_labelled_narrowed_and_saved(visit: Visit, served: Served) -> None:
    page = visit("sanne", "/queries")
    settled(page)
    field(page).fill('northwind OR "north wind')
    page.get_by_text("A quotation mark is opened but never closed").wait_for()
    assert page.locator(".wrong").text_content() == '"north wind'
    assert page.get_by_role("button", name="Test").is_disabled()
    page.get_by_role("button", name="Mend it").click()
    page.get_by_text("This can be read. It counts once it is saved.").wait_for()
    assert field(page).input_value() == 'northwind OR "north wind"'

    page.get_by_role("button", name="Test", exact=True).click()
    page.locator("ul.kb-hits li.added", has_text="North Wind doet het weer niet").wait_for()
    assert page.locator(".kb-labsum .added b").text_content() == "+1"
    assert page.get_by_role("row", name="Regionaal nieuws").is_visible()

    settled(page)
    page.get_by_role("radio", name="Precision").click()
    for n in range(6):
        asked = page.locator(".kb-asked")
        asked.wait_for()
        settled(page)  # the keys are listened to once the whole page stands
        item = asked.get_attribute("data-item")
        page.keyboard.press("s" if n == 3 else "n" if "solliciteer" in asked.text_content() else "y")
        page.wait_for_function("item => document.querySelector('.kb-asked')?.dataset.item !== item", arg=item)
    page.get_by_text("5 of 20 labelled by Sanne de Wit").wait_for()

    settled(page)
    page.get_by_role("radio", name="Proposals").click()
    page.get_by_text("drops 8 messages of noise").first.wait_for()
    settled(page)
    page.get_by_role("button", name="Add NOT").first.click()
    holds(page, '(northwind OR "north wind") NOT')
    settled(page)
    page.get_by_role("button", name="Test", exact=True).click()
    page.wait_for_function("() => document.querySelector('.kb-labsum .dropped b')?.textContent === '\u22128'")

    settled(page)
    page.get_by_role("button", name="Save as new version").click()
    page.get_by_text("The query is saved.").wait_for()
    page.locator(".kb-version ins", has_text="NOT").first.wait_for()
    text = current_queries(served.house.store, datetime.now(UTC))["northwind"]
    assert text.startswith('(northwind OR "north wind") NOT ')
    page.get_by_role("button", name="Go back to this").click()
    page.get_by_text("The earlier text counts again").wait_for()
    assert current_queries(served.house.store, datetime.now(UTC))["northwind"] == "northwind"
    assert page.elsewhere == []

    record = visit("sanne", "/record")
    record.get_by_text("query of a brand changed").first.wait_for()


def test_a_ready_made_set_goes_into_the_text_and_out_again(visit: Visit) -> None:
    page = visit("sanne", "/queries")
    page.get_by_role("radio", name="Ready-made exclusions").click()
    page.get_by_text("in 8 of the newest").wait_for()
    page.get_by_text("Job ads (nl)").click()
    holds(page, "northwind NOT (vacature*")
    page.get_by_text("Job ads (nl)").click()
    holds(page, "northwind", whole=True)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_no_part_of_the_lab_has_barriers(visit: Visit, look: str) -> None:
    page = visit("sanne", "/queries", **({"color_scheme": "dark"} if look == "dark" else {}))
    page.get_by_role("button", name="Test", exact=True).click()
    page.locator(".kb-labsum").wait_for()
    for part, shown in (("Test", ".kb-hits"), ("Precision", ".kb-asked"), ("Versions", ".kb-version")):
        page.get_by_role("radio", name=part, exact=True).click()
        page.locator(shown).first.wait_for()
        settled(page)
        assert violations(page) == [], part
