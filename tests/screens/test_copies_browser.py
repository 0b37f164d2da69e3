"""Who says the same, in a real browser: opened, closed together, taken back, one taken out, all answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from inbox.route import route_pending
from store.ingest import commit_page
from store.records import AuthorRecord, PageCommit
from store.schema import mention
from tests.screens.conftest import Served
from tests.screens.sample import SETTINGS
from tests.screens.test_accessible import settled, violations
from tests.store.copying import OTHER, SAID, saying

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]
ABLE = {"can_reply": True, "max_length": 500, "length_unit": "code_points"}
NAMES = ("Kees Vis", "Petra Blom", "Mo Aziz", "Ilse de Wit")


def bring(served: Served, group: str, text: str) -> dict[str, int]:
    """A message, a repost, the same said to us, and the same with more behind it; conversations by external id."""
    store, now = served.house.inbox._desk.store, served.house.inbox.now()
    said = (text, f"RT @kees: {text}", f"Help! {text}", f"{text} echt waar")
    for number, (words, name) in enumerate(zip(said, NAMES, strict=True)):
        record = saying(
            f"{group}{number}",
            words,
            namespace="mastodon",
            platform="mastodon",
            author=AuthorRecord(f"{group}{number}", "mastodon", name=name, followers=120 * (number + 1)),
            published_at=now - timedelta(minutes=20 - number),
            url=f"https://social{number}.example/@a/{group}{number}",
            capabilities=ABLE if number != 3 else {"why_not_reply": "An article in a feed takes no answers."},
            flags=("addressed",) if number >= 2 else (),
            brand_ids=("northwind",),
        )
        commit_page(store, PageCommit("mastodon", "q", fetched_at=now, mentions=(record,), timezone="Europe/Amsterdam"))
    route_pending(store, SETTINGS, now)
    with store.read() as conn:
        rows = conn.execute(select(mention.c.external_id, mention.c.conversation_id))
        return {row.external_id: row.conversation_id for row in rows if row.external_id.startswith(group)}


def status(served: Served, talk: int) -> str:
    return str(served.house.inbox.detail(served.house.token("sanne"), talk).card.status)


def test_a_group_is_closed_together_taken_back_and_one_is_taken_out(visit: Visit, served: Served) -> None:
    talks = bring(served, "a", SAID)
    page = visit("sanne", f"/?c={talks['a0']}")
    page.wait_for_selector(".st-key-copies >> text=+3 like this")
    assert page.locator(".kb-copy").count() == 3
    page.get_by_role("button", name="Close together").click()
    page.get_by_text("All of it is spam").click()
    page.wait_for_selector("text=Done for 3 conversations.")
    assert [status(served, talks[f"a{n}"]) for n in range(4)] == ["spam", "archived", "spam", "spam"]
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector("text=3 conversations are as they were.")
    assert [status(served, talks[f"a{n}"]) for n in range(4)] == ["new", "archived", "new", "new"]
    page.locator(".st-key-copies").get_by_role("button", name="This one is different").first.click()
    page.wait_for_selector(".st-key-copies >> text=+2 like this")
    assert status(served, talks["a1"]) == "new"
    assert page.elsewhere == []


def test_all_who_can_be_answered_are_each_by_name(visit: Visit, served: Served) -> None:
    talks = bring(
        served, "b", SAID.replace("Utrecht", "Groningen").replace("internet", "waterleidingbedrijf in storing")
    )
    page = visit("sanne", f"/?c={talks['b0']}")
    page.get_by_role("button", name="Answer all").click()
    page.get_by_label("Your answer").fill("Dag {first_name}, we zijn ermee bezig.")
    page.get_by_role("button", name="Send to all").click()
    page.wait_for_selector("text=Done for 3 conversations.")
    who = served.house.token("sanne")
    texts = {n: [one.text for one in served.house.inbox.replies.of(who, talks[f"b{n}"])] for n in range(4)}
    for number, name in enumerate(("Kees", "Petra", "Mo")):
        assert (texts[number][0] or "").startswith(f"Dag {name}, we zijn ermee bezig.")
    assert texts[3] == []
    assert page.elsewhere == []


LOOKS = {
    "light": OTHER,
    "dark": "Sinds de laatste update kan niemand in mijn familie nog foto's bekijken op de televisie in de kamer",
}


@pytest.mark.parametrize("look", LOOKS)
def test_the_list_of_who_says_the_same_has_no_barriers(visit: Visit, served: Served, look: str) -> None:
    talks = bring(served, look, LOOKS[look])
    page = visit("sanne", f"/?c={talks[f'{look}0']}", **({"color_scheme": "dark"} if look == "dark" else {}))
    page.wait_for_selector(".kb-copy")
    settled(page)
    assert violations(page) == []
