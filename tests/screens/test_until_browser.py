"""The composer says until when a platform takes an answer, and afterwards why not, in the reader's language."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from store.schema import mention
from tests.screens.composing import Visit, at
from tests.screens.conftest import House, Served

pytestmark = pytest.mark.slow
LATE = "More than 24 hours have passed since this message; Meta takes no answer from here then."


def taken_until(house: House, number: int, until: datetime) -> None:
    """Let the conversation's messages be answerable until then, as `pipeline.enrich` keeps it."""
    with house.store.write() as conn:
        wanted = mention.c.conversation_id == number
        for row in conn.execute(select(mention.c.id, mention.c.capabilities).where(wanted)).all():
            able = {**row.capabilities, "can_reply": True, "why_not_reply": LATE, "reply_until": until.isoformat()}
            conn.execute(mention.update().where(mention.c.id == row.id).values(capabilities=able))


def test_until_when_and_then_why_not_in_both_languages(served: Served, visit: Visit) -> None:
    page, number = at(served, visit, "bereik")
    taken_until(served.house, number, datetime.now(UTC) + timedelta(hours=2))
    for language, words in (
        ("en-GB", r"The platform takes an answer until .*\d\d:\d\d"),
        ("nl-NL", r"Het platform neemt tot .*\d\d:\d\d een antwoord aan"),
    ):
        page, _ = at(served, visit, "bereik", locale=language)
        page.locator(".st-key-composer .approval", has_text=re.compile(words)).wait_for()
    taken_until(served.house, number, datetime.now(UTC) - timedelta(minutes=1))
    for language, words in (
        ("en-GB", LATE),
        ("nl-NL", "Dit bericht is meer dan 24 uur oud; Meta neemt dan hiervandaan geen antwoord meer aan."),
    ):
        page, _ = at(served, visit, "bereik", locale=language)
        page.locator(".st-key-composer .why", has_text=words).wait_for()
        assert page.locator(".st-key-composer [data-mode=reply]").count() == 0
