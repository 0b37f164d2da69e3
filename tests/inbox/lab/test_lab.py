"""The query lab at work on both engines: back-test, labels, proposals, versions, who may what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from inbox.errors import BadInput, BadSearch, NotAllowed, NotFound
from inbox.lab import backtest
from inbox.lab.backtest import BackTest
from inbox.lab.views import Findings
from inbox.permissions import Role
from store.brands import BrandRecord, current_queries, sync_brands, take_up, versions_of
from store.ingest import commit_page
from store.records import UnmatchedRecord
from store.schema import conversation, event
from store.schema import mention as mentions
from store.sources import SourceRecord, sync_sources
from tests.inbox.conftest import World
from tests.store.making import NOW, mention, page

Later = Callable[..., datetime]
BRANDS = [
    BrandRecord("acme", "Acme", "acme"),
    BrandRecord("gymco", "Gymco", "gym", competitor=True),
]


@pytest.fixture(autouse=True)
def _listened(world: World) -> None:
    """Two sources and two brands."""
    names = (("forum", "Forum", False), ("own", "Own channel", True))
    sync_sources(
        world.store,
        [
            SourceRecord(key, "files", "forum", name, every_s=300, archive_after_s=99_999, own=own)
            for key, name, own in names
        ],
        NOW - timedelta(days=100),
    )
    sync_brands(world.store, BRANDS, NOW - timedelta(days=100))


def came(
    world: World, *texts: str, source: str = "forum", days: float = 1, brands: tuple[str, ...] = ("acme",), **parts: Any
) -> list[int]:
    """Mentions that came in, each a conversation of its own; their conversations' ids in order."""
    start = world.store.new_id()
    said = NOW - timedelta(days=days)
    rows = [
        mention(f"{start}-{n}", text=text, published_at=said - timedelta(seconds=n), brand_ids=brands, **parts)
        for n, text in enumerate(texts)
    ]
    commit_page(world.store, page(*rows, source_id=source, fetched_at=world.clock()))
    keys = [row.thread_key for row in rows]
    with world.store.read() as conn:
        found = {row.key: row.id for row in conn.execute(select(conversation.c.key, conversation.c.id))}
    return [found[key] for key in keys]


def passed_by(world: World, *texts: str, days: float = 1) -> None:
    """Items that no query matched."""
    start = world.store.new_id()
    said = NOW - timedelta(days=days)
    rows = [
        UnmatchedRecord(
            external_id=f"{start}-{n}",
            namespace="forum:a",
            title=None,
            text=text,
            lang="nl",
            url=None,
            published_at=said,
        )
        for n, text in enumerate(texts)
    ]
    commit_page(world.store, page(source_id="forum", unmatched=tuple(rows), fetched_at=world.clock()))


def tried(world: World, text: str, *, days: int | None = None, token: str | None = None) -> tuple[BackTest, Findings]:
    token = token or world.token(world.person(Role.LEAD))
    job = world.inbox.lab.begin(token, "acme", text, days=days)
    told = world.inbox.lab.go_on(token, job, for_s=60)
    assert told.state == "done"
    return job, told


# --- back-test --------------------------------------------------------------------------------------------------------


def test_a_back_test_shows_what_a_change_adds_drops_and_keeps_per_source(world: World) -> None:
    came(world, "Acme is kapot", "Acme gym is open", "Acme gym is dicht")
    came(world, "vloerbedekking van een ander", brands=())
    passed_by(world, "mijn akme is stuk", "iets heel anders")
    _, told = tried(world, "(acme OR akme) NOT gym")
    assert (told.tested, told.expected) == (6, 6)
    assert (told.added, told.dropped, told.kept, told.from_outside) == (1, 2, 1, 1)
    assert told.horizon == world.clock()
    (row,) = told.per_source
    assert (row.name, row.added, row.dropped, row.kept) == ("Forum", 1, 2, 1)
    assert {(one.outcome, one.text) for one in told.examples} == {
        ("added", "mijn akme is stuk"),
        ("dropped", "Acme gym is open"),
        ("dropped", "Acme gym is dicht"),
        ("kept", "Acme is kapot"),
    }


def test_conditions_on_facts_are_tried_too(world: World) -> None:
    came(world, "Acme is broken", lang="en", rating=0.2, rating_raw=1.0, rating_scale=5.0)
    came(world, "Acme is stuk", lang="nl")
    passed_by(world, "akme is stuk")
    _, told = tried(world, "acme lang:en rating<2 OR akme source:forum lang:nl")
    assert (told.added, told.dropped, told.kept) == (1, 1, 1)
    with pytest.raises(BadSearch):
        tried(world, "acme tag:klacht")


def test_what_another_brand_finds_too_is_told(world: World) -> None:
    came(world, "Acme gym", "Acme")
    _, told = tried(world, "acme*")
    assert told.overlap == {"Gymco": 1}


def test_copies_are_counted_once_and_days_narrow_what_is_tested(world: World) -> None:
    text = "Acme heeft vandaag een grote storing in heel Nederland"
    came(world, text, text, text, dup_hash=7)
    came(world, "Acme lang geleden", days=40)
    _, told = tried(world, "acme NOT gym")
    assert (told.tested, told.kept) == (2, 2)
    _, told = tried(world, "acme NOT gym", days=30)
    assert (told.tested, told.expected, told.kept) == (1, 1, 1)
    with world.store.write() as conn:  # the first one is removed, and its oldest copy takes over
        c = mentions.c
        first, heir = conn.execute(select(c.id).where(c.text == text).order_by(c.id).limit(2)).scalars()
        conn.execute(mentions.update().where(c.id == first).values(deleted_at=NOW))
        conn.execute(mentions.update().where(c.dup_of == first).values(dup_of=heir))
    _, told = tried(world, "acme NOT gym", days=30)
    assert told.kept == 1


def test_our_own_channel_keeps_all_it_has(world: World) -> None:
    came(world, "Acme", "Acme gym", source="own")
    _, told = tried(world, "acme NOT gym")
    assert (told.dropped, told.kept, told.whole) == (0, 0, 2)


def test_a_job_is_done_in_pieces_stops_at_its_cap_and_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtest, "PAGE", 2)
    came(world, *(f"Acme nummer {n}" for n in range(7)))
    passed_by(world, "akme die niemand zag")
    seconds = iter(range(1_000))
    job = backtest.begin(world.desk, "acme", "acme OR akme", days=None)
    job.cap_s = 3.0
    first = backtest.go_on(world.desk, job, for_s=1, timer=lambda: float(next(seconds)))
    assert (first.state, first.tested, first.expected) == ("running", 2, 8)
    told = backtest.go_on(world.desk, job, for_s=60, timer=lambda: float(next(seconds)))
    assert told.state == "capped"
    assert told.tested < 8
    job.cap_s += 60
    told = backtest.go_on(world.desk, job, for_s=60, timer=lambda: float(next(seconds)))
    assert (told.state, told.tested, told.kept, told.added) == ("done", 8, 7, 1)


def test_what_cannot_be_read_or_belongs_to_no_brand_is_refused(world: World) -> None:
    lead = world.token(world.person(Role.LEAD))
    with pytest.raises(BadSearch) as refused:
        world.inbox.lab.begin(lead, "acme", 'acme "open')
    assert refused.value.suggestion == 'acme "open"'
    with pytest.raises(NotFound):
        world.inbox.lab.begin(lead, "nobody", "acme")


# --- labels -----------------------------------------------------------------------------------------------------------


def test_twenty_labels_give_a_precision_and_somebody_else_goes_on_where_one_stopped(world: World) -> None:
    came(world, *(f"Acme bericht {n}" for n in range(30)))
    first, second = (world.token(world.person(Role.AGENT, name=name)) for name in ("Ada", "Bas"))
    job, _ = tried(world, "acme", token=first)
    asked = []
    for n in range(12):
        shown = world.inbox.lab.next_to_label(first, job)
        assert shown is not None
        asked.append(shown.id)
        world.inbox.lab.label(first, "acme", "acme", shown.id, relevant=None if n == 0 else n % 4 > 0)
    job, _ = tried(world, "acme", token=second)
    while (told := world.inbox.lab.precision(second, "acme", "acme")).share.n < told.wanted:
        shown = world.inbox.lab.next_to_label(second, job)
        assert shown is not None
        asked.append(shown.id)
        world.inbox.lab.label(second, "acme", "acme ", shown.id, relevant=True)
    assert len(set(asked)) == 21
    assert (told.share.hits, told.share.n, told.skipped, told.by) == (18, 20, 1, ("Ada", "Bas"))
    assert [round(bound, 2) for bound in told.share.interval] == [0.70, 0.97]
    assert world.inbox.lab.precision(second, "acme", "acme NOT gym").share.n == 0


def test_a_label_can_be_taken_back_and_what_is_erased_is_not_asked_about(world: World) -> None:
    came(world, "Acme een", "Acme twee")
    token = world.token(world.person(Role.AGENT))
    job, _ = tried(world, "acme", token=token)
    shown = world.inbox.lab.next_to_label(token, job)
    assert shown is not None
    world.inbox.lab.label(token, "acme", "acme", shown.id, relevant=False)
    assert world.inbox.lab.take_label_back(token, "acme", "acme", shown.id).share.n == 0
    again = world.inbox.lab.next_to_label(token, job)
    assert again == shown
    with pytest.raises(NotFound):
        world.inbox.lab.label(token, "acme", "acme", 5, relevant=True)


def test_what_no_query_matched_is_labelled_too(world: World) -> None:
    passed_by(world, "akme")
    token = world.token(world.person(Role.AGENT))
    job, _ = tried(world, "akme", token=token)
    shown = world.inbox.lab.next_to_label(token, job)
    assert shown is not None
    assert (shown.text, shown.conversation_id) == ("akme", None)
    assert world.inbox.lab.label(token, "acme", "akme", shown.id, relevant=True).share.hits == 1


# --- proposals --------------------------------------------------------------------------------------------------------


def judged(world: World) -> str:
    """Job ads that agents called spam, and complaints that they solved; a lead's token."""
    spam = came(world, *(f"Acme zoekt een monteur, solliciteer direct bij vestiging {n}" for n in "abcdefgh"))
    good = came(world, *(f"Acme monteur kwam niet opdagen in straat {n}" for n in "abcdefghij"))
    with world.store.write() as conn:
        c = conversation.c
        conn.execute(conversation.update().where(c.id.in_(spam)).values(status="spam", is_open=False))
        conn.execute(conversation.update().where(c.id.in_(good)).values(status="resolved", is_open=False))
    return world.token(world.person(Role.LEAD))


def test_what_agents_called_noise_becomes_proposals_with_their_use_and_their_cost(world: World) -> None:
    lead = judged(world)
    told = world.inbox.lab.proposals(lead, "acme", "acme")
    assert (told.n_noise, told.n_good) == (8, 10)
    best = told.found[0]
    assert (best.drops, best.costs) == (8, 0)
    assert "monteur" not in {one.phrase for one in told.found}
    assert [best.noise[0].text[mark.start : mark.end].lower() for mark in best.noise[0].against] == [best.phrase]
    changed = world.inbox.lab.accepted(lead, "acme OR akme", best.clause)
    assert changed == f"(acme OR akme) {best.clause}"
    assert world.inbox.lab.proposals(lead, "acme", changed).n_noise == 0
    world.inbox.lab.dismiss(lead, "acme", best.phrase)
    assert best.phrase not in {one.phrase for one in world.inbox.lab.proposals(lead, "acme", "acme").found}


def test_a_label_outweighs_what_became_of_the_conversation(world: World) -> None:
    lead = judged(world)
    job, _ = tried(world, "acme", token=lead)
    for _ in range(18):
        shown = world.inbox.lab.next_to_label(lead, job)
        assert shown is not None
        world.inbox.lab.label(lead, "acme", "acme", shown.id, relevant="solliciteer" in shown.text)
    told = world.inbox.lab.proposals(lead, "acme", "acme")
    assert (told.n_noise, told.n_good) == (10, 8)
    assert "solliciteer" not in " ".join(one.phrase for one in told.found)


def test_what_is_ignored_as_a_double_is_no_noise(world: World) -> None:
    (double, strange) = came(world, "Acme dubbel bericht hier", "Acme in een ander land")
    with world.store.write() as conn:
        for row, reason in ((double, "duplicate"), (strange, "not_about_us")):
            conn.execute(
                conversation.update()
                .where(conversation.c.id == row)
                .values(status="ignored", status_reason=reason, is_open=False)
            )
    assert world.inbox.lab.proposals(world.token(world.person(Role.LEAD)), "acme", "acme").n_noise == 1


def test_a_ready_made_set_is_switched_with_its_effect_shown(world: World) -> None:
    lead = judged(world)
    state = {one.id: one for one in world.inbox.lab.sets(lead, "acme", "acme")}["jobs-nl"]
    assert (state.on, state.drops, state.answered, state.of) == (False, 8, 0, 18)
    text = world.inbox.lab.switched(lead, "acme", "jobs-nl", on=True)
    assert {one.id for one in world.inbox.lab.sets(lead, "acme", text) if one.on} == {"jobs-nl"}
    _, told = tried(world, text, token=lead)
    assert told.dropped == 8
    assert world.inbox.lab.switched(lead, text, "jobs-nl", on=False) == "acme"
    with pytest.raises(NotFound):
        world.inbox.lab.switched(lead, "acme", "nothing", on=True)


# --- versions ---------------------------------------------------------------------------------------------------------


def test_a_saved_version_counts_from_then_on_and_going_back_makes_another(world: World, later: Later) -> None:
    lead = world.person(Role.ANALYST, name="Lieke")
    token = world.token(lead)
    seen = world.inbox.lab.open(token, "acme").version_id
    at = later(minutes=1)
    world.inbox.lab.save(token, "acme", " acme NOT gym ", seen=seen)
    assert current_queries(world.store, at)["acme"] == "acme NOT gym"
    assert current_queries(world.store, at - timedelta(seconds=1))["acme"] == "acme"
    back_at = later(minutes=1)
    assert seen is not None
    world.inbox.lab.go_back(token, seen)
    opened = world.inbox.lab.open(token, "acme")
    assert [(one.text, one.author, one.current) for one in opened.versions] == [
        ("acme", "Lieke", True),
        ("acme NOT gym", "Lieke", False),
        ("acme", "config", False),
    ]
    assert [(one.kind, one.text) for one in opened.versions[1].changes] == [("same", "acme"), ("added", "NOT gym")]
    changed = world.inbox.lab.query_changes(token, "acme", NOW, NOW + timedelta(days=1))
    assert [(one.at, one.before, one.after) for one in changed] == [
        (at, "acme", "acme NOT gym"),
        (back_at, "acme NOT gym", "acme"),
    ]
    assert opened.changed == changed
    with world.store.read() as conn:
        told = conn.execute(select(event).where(event.c.action == "query_saved").order_by(event.c.id)).all()
    assert [(row.object_type, row.object_id, row.actor_id) for row in told] == [("brand", "acme", lead.id)] * 2
    assert told[0].after["facts"]["after"] == "acme NOT gym"


def test_two_who_save_at_once_do_not_undo_each_other(world: World, later: Later) -> None:
    first, second = (world.token(world.person(Role.LEAD)) for _ in range(2))
    seen = world.inbox.lab.open(first, "acme").version_id
    later(minutes=1)
    world.inbox.lab.save(first, "acme", "acme NOT gym", seen=seen)
    with pytest.raises(BadInput, match="Somebody else saved"):
        world.inbox.lab.save(second, "acme", "acme NOT fiets", seen=seen)
    with pytest.raises(BadInput, match="says already"):
        world.inbox.lab.save(second, "acme", "acme NOT gym")
    with pytest.raises(BadSearch):
        world.inbox.lab.save(second, "acme", "NOT gym")
    with pytest.raises(NotFound):
        world.inbox.lab.save(second, "nobody", "acme")


def test_the_same_text_under_a_new_number_is_in_nobodys_way(world: World, later: Later) -> None:
    lead = world.token(world.person(Role.LEAD))
    seen = world.inbox.lab.open(lead, "acme").version_id
    with world.store.write() as conn:
        (only,) = versions_of(conn, "acme")
        take_up(conn, world.store, only)  # as `klankbord query pull` notes it
    later(minutes=1)
    world.inbox.lab.save(lead, "acme", "acme NOT gym", seen=seen)
    assert [one.text for one in world.inbox.lab.open(lead, "acme").versions] == ["acme NOT gym", "acme", "acme"]
    assert len(world.inbox.lab.query_changes(lead, "acme", NOW - timedelta(days=999), NOW + timedelta(days=9))) == 1


def test_the_days_of_a_brand_come_with_the_marks_of_its_changes(world: World) -> None:
    came(world, "Acme een", "Acme twee", days=3)
    opened = world.inbox.lab.open(world.token(world.person(Role.AGENT)), "acme")
    assert len(opened.per_day) == 90
    assert {one.day.isoformat(): one.n for one in opened.per_day if one.n} == {"2026-03-07": 2}
    assert [one.name for one in world.inbox.lab.brands(world.token(world.person(Role.AGENT)))] == ["Acme", "Gymco"]


def test_who_sees_no_figures_stays_outside_and_an_agent_may_not_save(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.inbox.lab.open(world.token(world.person(Role.READ_ONLY)), "acme")
    agent = world.token(world.person(Role.AGENT))
    with pytest.raises(NotAllowed):
        world.inbox.lab.save(agent, "acme", "acme NOT gym")
    with pytest.raises(NotAllowed):
        world.inbox.lab.dismiss(agent, "acme", "gym")
