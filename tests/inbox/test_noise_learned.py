"""Noise on both engines: the dry run and its price, suggestions, lists, who is erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.noise.index import Kind
from inbox.noise.marking import Scope
from inbox.noise.views import NoiseDraft, Stand
from inbox.permissions import Role
from inbox.privacy import dossier, erasing
from inbox.rules.views import Drift
from store import forgetting
from store.schema import noise_rule
from tests.inbox.conftest import World
from tests.inbox.exported import rows
from tests.inbox.noisy import hits, lead, rule, said, writer

Later = Callable[..., datetime]


def spam(world: World, text: str, **facts: str) -> int:
    """Something that an agent marked as spam."""
    number = said(world, text, **facts)
    world.inbox.mark_spam(world.token(world.person()), number)
    return number


def good(world: World, text: str, **facts: str) -> int:
    """Something that an agent resolved."""
    number = said(world, text, **facts)
    world.inbox.resolve(world.token(world.person()), number)
    return number


# --- dry run --------------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_what_would_have_gone_and_the_good_among_it_and_changes_nothing(
    world: World, later: Later
) -> None:
    said(world, "gratis reis van veertig dagen terug")
    later(days=40)
    bad, kept = spam(world, "gratis reis nu"), good(world, "Mijn gratis reis gaat niet door")
    undecided = said(world, "gratis reis morgen")
    said(world, "gratis reis graag", visibility="private")
    told = world.inbox.noise.trial(lead(world), NoiseDraft(Kind.WORD, "Gratis reis"))
    assert told.stands == {Stand.NOISE: 1, Stand.GOOD: 1, Stand.OPEN: 1}
    assert (told.met, told.good, told.looked_at, told.complete) == (3, 1, 4, True)
    assert [one.conversation_id for one in told.examples] == [kept, undecided, bad]
    assert told.per_source == {"Own forum": 3}
    assert world.inbox.noise.listing(lead(world)) == ()
    few = world.inbox.noise.trial(lead(world), NoiseDraft(Kind.WORD, "gratis reis"), limit=2)
    assert (few.looked_at, few.complete) == (2, False)


def test_a_dry_run_is_for_who_may_make_the_rule_and_says_what_cannot_be_one(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.inbox.noise.trial(world.token(world.person()), NoiseDraft(Kind.WORD, "gratis"))
    with pytest.raises(BadInput):
        world.inbox.noise.trial(lead(world), NoiseDraft(Kind.SITE, "geen site"))


# --- suggestions ----------------------------------------------------------------------------------------------------


def test_what_agents_always_mark_is_suggested_with_its_evidence_and_made_only_when_somebody_says_so(
    world: World, later: Later
) -> None:
    for number in range(3):
        spam(world, f"Kijk nummer {number}", by="gokker")
    for number in range(3):
        good(world, f"Mijn pakket {number} is kwijt")
    token = lead(world)
    (one,) = [each for each in world.inbox.noise.suggestions(token) if each.key[0] is Kind.AUTHOR]
    assert (one.draft.text, one.n_noise, one.n_good) == ("@gokker", 3, 0)
    assert (one.share or 0) >= 0.8
    assert (one.trial.met, one.trial.good) == (3, 0)
    assert world.row(said(world, "En nog een", by="gokker")).status == "new"
    number = world.inbox.noise.accept(token, one.key)
    assert world.row(said(world, "En nog een", by="gokker")).status == "spam"
    assert [each.id for each in world.inbox.noise.listing(token)] == [number]
    assert one.key not in [each.key for each in world.inbox.noise.suggestions(token)]
    later(minutes=6)
    assert one.key not in [each.key for each in world.inbox.noise.suggestions(token)]
    with pytest.raises(NotFound):
        world.inbox.noise.accept(token, one.key)
    with pytest.raises(NotAllowed):
        world.inbox.noise.suggestions(world.token(world.person()))


def test_a_declined_suggestion_comes_back_when_twice_as_much_speaks_for_it(world: World, later: Later) -> None:
    token = lead(world)

    def keys() -> list[tuple[Kind, str]]:
        later(minutes=6)
        return [one.key for one in world.inbox.noise.suggestions(token) if one.key[0] is Kind.AUTHOR]

    for number in range(3):
        spam(world, f"Kijk nummer {number}", by="gokker")
    (key,) = keys()
    world.inbox.noise.decline(token, key)
    assert keys() == []
    for number in range(2):
        spam(world, f"Zie nummer {number}", by="gokker")
    assert keys() == []
    spam(world, "En nog een", by="gokker")
    assert keys() == [key]


def test_what_a_rule_set_aside_and_what_one_good_message_speaks_against_teach_nothing(world: World) -> None:
    rule(world, Kind.WORD, "kijk")
    for number in range(4):
        said(world, f"Kijk {number}", by="gokker")
    for number in range(3):
        spam(world, f"Zie {number}", by="piet")
    good(world, "Mijn pakket is kwijt", by="piet")
    assert [one for one in world.inbox.noise.suggestions(lead(world)) if one.key[0] is Kind.AUTHOR] == []


# --- hits and drift -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_rule_that_stops_or_suddenly_hits_far_more_often_says_so(world: World, later: Later) -> None:
    stopped, surging = rule(world, Kind.WORD, "gratis"), rule(world, Kind.WORD, "reclame")
    for _number in range(24):
        said(world, "gratis")
        later(hours=20)
    said(world, "reclame")
    later(days=7)
    for _ in range(20):
        said(world, "reclame", routed=False)
    world.route()
    drifts = {one.id: one.hits.drift for one in world.inbox.noise.listing(lead(world))}
    assert drifts == {stopped: Drift.STOPPED, surging: Drift.SURGE}
    view = world.inbox.noise.open(lead(world), surging)
    assert (view.per_day[-1], sum(view.per_day)) == (20, 21)


# --- lists ----------------------------------------------------------------------------------------------------------


def test_a_list_goes_out_and_comes_in_again(world: World) -> None:
    token = world.token(world.person(Role.ADMINISTRATOR))
    for kind, text in (
        (Kind.AUTHOR, "@Gokker"),
        (Kind.SITE, "www.casino.example"),
        (Kind.WORD, "gratis reis"),
        (Kind.PATTERN, 'win* OR "zonder kosten"'),
    ):
        rule(world, kind, text, why="=1+1")
    taken = world.inbox.noise.export_list(token)
    assert "'=1+1" in taken
    assert world.inbox.noise.import_list(token, taken.encode()).known == 4
    for one in world.inbox.noise.listing(token):
        world.inbox.noise.take_back(token, one.id)
    done = world.inbox.noise.import_list(token, b"\xef\xbb\xbf" + taken.replace(",", ";").encode())
    assert (done.made, done.known, done.refused) == (4, 0, ())
    assert {one.why for one in world.inbox.noise.listing(token)} == {"=1+1"}
    assert world.row(said(world, "gratis reis")).status == "spam"


def test_lines_that_cannot_be_used_are_told_and_the_others_are_made(world: World) -> None:
    data = "kind,value\nsite,casino.example\nsite,\nspook,x\nword,a\nauthor,jan jansen\n\nsite,winst.example\n"
    done = world.inbox.noise.import_list(lead(world), data.encode())
    assert (done.made, [line for line, _why in done.refused]) == (2, [3, 4, 5, 6])
    plain = world.inbox.noise.import_list(lead(world), b"winst.example\nhttps://www.nieuw.example/x\n")
    assert (plain.made, plain.known) == (1, 1)
    assert world.inbox.noise.import_list(lead(world), b"").made == 0


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"a,b\nc,d\n", b"x" * 5_000_001, b"s.nl\n" * 20_001])
def test_a_file_that_is_no_list_is_refused_as_a_whole(world: World, data: bytes) -> None:
    with pytest.raises(BadInput):
        world.inbox.noise.import_list(lead(world), data)
    assert world.inbox.noise.listing(lead(world)) == ()


def test_a_list_is_for_who_may_manage_work(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.inbox.noise.import_list(world.token(world.person()), b"casino.example\n")
    with pytest.raises(NotAllowed):
        world.inbox.noise.export_list(world.token(world.person()))


# --- privacy and export ---------------------------------------------------------------------------------------------


def test_who_is_erased_is_in_no_rule_any_more_and_who_asks_is_told_of_it(world: World) -> None:
    token = lead(world)
    by_id = said(world, "Win nu een gratis reis naar een warm land", by="gokker")
    text = said(world, "Bel nu voor gratis geld op je rekening vandaag", by="gokker")
    world.inbox.noise.mark(token, by_id, Scope.AUTHOR)
    world.inbox.noise.mark(token, text, Scope.LIKE)
    by_name, kept = rule(world, Kind.AUTHOR, "@Gokker"), rule(world, Kind.AUTHOR, "@ander")
    with world.store.read() as conn:
        subject = forgetting.find(conn, author_id=writer_number(world))
    assert subject is not None
    told = dossier.gather(world.desk, subject)
    assert [(one["kind"], one["account"]) for one in told.noise_rules] == [
        (Kind.AUTHOR, "@gokker"),
        (Kind.LIKE, ""),
        (Kind.AUTHOR, "@Gokker"),
    ]
    erasing.erase(world.desk, subject, actor_id=None)
    assert [one.id for one in world.inbox.noise.listing(token)] == [kept]
    with world.store.read() as conn:
        rows = conn.execute(select(noise_rule)).all()
    assert {(row.value, row.shown, row.keys) for row in rows if row.id != kept} <= {("", "", None)}
    assert by_name in {row.id for row in rows}
    assert world.row(said(world, "Bel nu voor gratis geld op je rekening vandaag", by="nieuw")).status == "new"


def writer_number(world: World) -> int:
    return writer(world, "gokker")


def test_what_was_set_aside_is_in_the_export_with_its_reason(world: World) -> None:
    number = rule(world, Kind.WORD, "gratis")
    said(world, "gratis reis")
    said(world, "Mijn pakket is kwijt")
    assert [row["conversation_status_reason"] for row in rows(world, "mentions")] == ["noise_word", None]
    assert len(hits(world, number)) == 1
