"""Manual entry: a telephone call is a conversation like every other, with its own source, private and never polled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.manual import entry as entries
from inbox.manual.views import CHANNELS, Entered, Entry
from inbox.permissions import Role
from inbox.views import Filters, View
from store.rollups import check_rollups
from store.schema import brand, conversation, mention, rollup_day, source, source_schedule
from store.sources import SourceRecord, sync_sources
from tests.inbox.conftest import World

CALL = Entry("phone", "Mijn monteur kwam niet opdagen.", name="Tjeerd Wouda", contact="06-12345678")


@pytest.fixture
def token(world: World) -> str:
    return world.token(world.person(name="Sanne"))


def _enter(world: World, token: str, entry: Entry = CALL) -> Entered:
    done = world.inbox.manual.enter(token, entry)
    world.route()
    return done


def test_a_call_becomes_a_private_conversation_with_team_priority_and_a_clock(world: World, token: str) -> None:
    done = _enter(world, token, Entry(**{**_plain(CALL), "team_id": "night", "priority": 1, "mine": True}))
    row = world.row(done.conversation_id)
    assert (row.status, row.visibility, row.kind, row.platform, row.source_id) == (
        "new", "private", "manual", "phone", "manual",
    )  # fmt: skip
    assert (row.team_id, row.priority, row.author_name, row.n_inbound) == ("night", 1, "Tjeerd Wouda", 1)
    assert row.sla_due_at == world.clock() + timedelta(minutes=30)
    assert world.actions(done.conversation_id) == ["entered", "routed"]
    detail = world.inbox.detail(token, done.conversation_id)
    assert detail.messages[0].text == CALL.text
    assert detail.card.assignee is not None
    assert detail.events[0].text == "Sanne entered it by hand."


def _plain(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__dataclass_fields__}


def test_the_source_by_hand_is_made_once_shown_and_never_due(world: World, token: str) -> None:
    _enter(world, token)
    _enter(world, token)
    with world.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(source).where(source.c.id == "manual")).scalar_one() == 1
        assert not conn.execute(select(source_schedule).where(source_schedule.c.source_id == "manual")).first()
    sync_sources(world.store, [SourceRecord("x", "feeds", "feeds", "X", 300, 0)], world.clock())
    shown = {one.id: one for one in world.inbox.sources(token)}
    assert (shown["manual"].level, shown["manual"].enabled, shown["manual"].name) == ("ok", True, "By hand")


def test_what_was_entered_is_counted_found_and_listed_as_everything_else(world: World, token: str) -> None:
    with world.store.write() as conn:
        conn.execute(brand.insert().values(id="northwind", name="Northwind", competitor=False))
    done = _enter(world, token, Entry(**{**_plain(CALL), "brand_ids": ("northwind",)}))
    found = world.inbox.listing(token, View.ALL, Filters(search="monteur"))
    assert [card.id for card in found.cards] == [done.conversation_id]
    assert found.cards[0].brand_ids == ("northwind",)
    with world.store.read() as conn:
        counted = conn.execute(select(rollup_day.c.n).where(rollup_day.c.source_id == "manual")).scalars().all()
    assert counted == [1, 1]
    assert check_rollups(world.store, timezone="Europe/Amsterdam") == []


def test_the_same_number_is_the_same_customer_next_time(world: World, token: str) -> None:
    first = _enter(world, token)
    second = _enter(world, token, Entry("phone", "Ik weer.", name="T. Wouda", contact="+31 6 1234 5678"))
    nobody = _enter(world, token, Entry("phone", "Geen nummer."))
    rows = [world.row(one.conversation_id).author_id for one in (first, second, nobody)]
    assert rows[0] == rows[1]
    assert rows[2] != rows[0]
    seen = world.inbox.persons.customer(token, rows[0])
    assert seen.counts.contacts == 2


def test_who_calls_again_opens_what_was_closed(world: World, token: str, later: Callable[..., datetime]) -> None:
    done = _enter(world, token)
    world.inbox.answered_by_hand(token, done.conversation_id, text="We bellen u morgen.")
    world.inbox.resolve(token, done.conversation_id)
    later(hours=3)
    again = world.inbox.manual.add(token, done.conversation_id, Entry("phone", "Er is niet gebeld, ik ben boos."))
    world.route()
    assert again.conversation_id == done.conversation_id
    row = world.row(done.conversation_id)
    assert (row.status, row.cycle, row.n_inbound, row.author_name) == ("open", 2, 2, "Tjeerd Wouda")
    assert [one.text for one in world.inbox.detail(token, done.conversation_id).messages] == [
        CALL.text,
        "Er is niet gebeld, ik ben boos.",
    ]


def test_only_what_was_entered_can_be_added_to(world: World, token: str) -> None:
    with pytest.raises(BadInput):
        world.inbox.manual.add(token, world.conversation(), CALL)
    with pytest.raises(NotFound):
        world.inbox.manual.add(token, 12, CALL)


def test_who_does_not_work_on_conversations_enters_nothing(world: World) -> None:
    for role in (Role.READ_ONLY, Role.ANALYST, Role.SPECIALIST):
        with pytest.raises(NotAllowed):
            world.inbox.manual.enter(world.token(world.person(role)), CALL)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", "pigeon"),
        ("text", "  "),
        ("text", "x" * 20_001),
        ("name", "x" * 201),
        ("lang", "Dutch"),
        ("team_id", "nobody"),
        ("brand_ids", ("nothing",)),
        ("priority", 9),
        ("said_at", datetime(2026, 3, 11, tzinfo=UTC)),
        ("said_at", datetime(2026, 3, 9)),  # noqa: DTZ001 - that is what is refused
        ("said_at", datetime(1999, 1, 1, tzinfo=UTC)),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_stored(world: World, token: str, field: str, value: Any) -> None:
    with pytest.raises(BadInput) as told:
        world.inbox.manual.enter(token, Entry(**{**_plain(CALL), field: value}))
    assert told.value.params["field"] == field
    with world.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(conversation)).scalar_one() == 0
        assert conn.execute(select(func.count()).select_from(mention)).scalar_one() == 0


def test_an_old_call_that_is_entered_later_is_work_all_the_same(world: World, token: str) -> None:
    done = _enter(world, token, Entry(**{**_plain(CALL), "said_at": world.clock() - timedelta(days=9)}))
    assert world.row(done.conversation_id).status == "new"


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("06-12345678", "tel:+31612345678"),
        ("0031 6 12 34 56 78", "tel:+31612345678"),
        (" Tjeerd@Wouda.example ", "mailto:tjeerd@wouda.example"),
        ("balie Zwolle", "contact:balie zwolle"),
        ("", ""),
    ],
)
def test_a_contact_detail_is_kept_in_one_form(contact: str, link: str) -> None:
    assert entries.link_of(contact) == link


@given(
    st.builds(
        Entry,
        channel=st.sampled_from(CHANNELS),
        text=st.text(min_size=1, max_size=200),
        name=st.text(max_size=100),
        contact=st.text(max_size=100),
    )
)
def test_any_text_name_and_contact_gives_a_mention_or_a_refusal(entry: Entry) -> None:
    now = datetime(2026, 3, 10, 10, tzinfo=UTC)
    try:
        clean = entries.checked(entry, now=now, teams=frozenset(), brands=frozenset())
    except BadInput:
        return
    record = entries.mention_of(clean, 7, author=entries.author_of(clean, 7), user_id=1)
    assert record.published_at == now
    assert record.author is not None
    assert record.author.external_id
