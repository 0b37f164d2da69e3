"""Noise on both engines: setting aside, who is never set aside, taking back, coming back, hits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from inbox.errors import BadInput, NotAllowed, NotFound, UndoRefused
from inbox.noise import back, everything
from inbox.noise.index import Kind
from inbox.noise.marking import Scope
from inbox.noise.views import NoiseDraft
from inbox.permissions import Role
from inbox.rules.views import Progress
from tests.inbox.conftest import World
from tests.inbox.noisy import hits, lead, rule, said

Later = Callable[..., datetime]
LONG = "Win nu een gratis vakantie naar een zonnig eiland en bel meteen"


def all_back(world: World, rule_id: int) -> Progress:
    token, progress = lead(world), None
    while progress is None or not progress.done:
        progress = world.inbox.noise.take_back(token, rule_id, progress)
    return progress


@pytest.mark.parametrize(
    ("kind", "text", "facts"),
    [
        (Kind.AUTHOR, "@Gokker", {"by": "gokker"}),
        (Kind.SITE, "https://www.casino.example/pagina", {"text": "Kijk op https://m.casino.example/x"}),
        (Kind.SITE, "casino.example", {"url": "https://casino.example/1"}),
        (Kind.WORD, "Gratis  vakantie!", {"text": "Win een GRATIS vakantie"}),
        (Kind.PATTERN, 'win* AND "gratis vakantie"', {"text": "winnen: gratis vakantie"}),
        (Kind.PATTERN, "gratis NEAR/5 vakantie", {"text": "gratis en voor niets vakantie"}),
    ],
)
def test_a_rule_sets_aside_what_comes_in_and_keeps_it(
    world: World, kind: Kind, text: str, facts: dict[str, Any]
) -> None:
    number = rule(world, kind, text)
    other = said(world, "Mijn pakket is kwijt")
    row_id = said(world, **{"text": "Hallo allemaal", **facts})
    row = world.row(row_id)
    assert (row.status, row.is_open, row.status_reason) == ("spam", False, f"noise_{kind.value}")
    assert world.row(other).status == "new"
    (hit,) = hits(world, number)
    (event,) = [one for one in world.events(row_id) if one.action == "ruled"]
    assert (hit.event_id, event.actor_type, event.actor_id) == (event.id, "rule", number)
    assert event.after["facts"]["mention_id"] == hit.mention_id
    (aside,) = world.inbox.noise.set_aside(lead(world)).rows
    assert (aside.conversation_id, aside.rule_id, aside.kind) == (row_id, number, kind)
    (listed,) = world.inbox.noise.listing(lead(world))
    assert (listed.hits.total, listed.hits.week, listed.set_aside, listed.brought_back) == (1, 1, 1, 0)
    assert world.inbox.noise.totals(lead(world)).ever == 1


@pytest.mark.parametrize("facts", [{"visibility": "private"}, {"flags": ["addressed"]}])
def test_who_writes_to_us_directly_is_set_aside_by_nobody_but_a_person_who_said_so(
    world: World, facts: dict[str, Any]
) -> None:
    rule(world, Kind.WORD, "vakantie")
    rule(world, Kind.SITE, "casino.example")
    rule(world, Kind.AUTHOR, "piet")
    assert world.row(said(world, "vakantie https://casino.example", **facts)).status == "new"
    rule(world, Kind.AUTHOR, "gokker", direct=True)
    assert world.row(said(world, "vakantie", by="gokker", **facts)).status == "spam"


def test_an_answer_to_ours_is_direct(world: World) -> None:
    row_id = said(world, "Hoi", routed=False)
    world.message(row_id, "Dag, wat kunnen we doen?", direction="outbound", said_at=world.clock() - timedelta(hours=1))
    rule(world, Kind.WORD, "hoi")
    world.route()
    assert world.row(row_id).status == "new"


def test_a_rule_of_a_brand_or_source_leaves_the_others_alone(world: World) -> None:
    rule(world, Kind.WORD, "vakantie", source_id="elders")
    rule(world, Kind.WORD, "vakantie", brand_id="merk")
    assert world.row(said(world, "vakantie")).status == "new"
    rule(world, Kind.WORD, "vakantie", source_id="forum")
    assert world.row(said(world, "vakantie")).status == "spam"


def test_what_somebody_holds_stays_in_their_hands(world: World) -> None:
    rule(world, Kind.WORD, "vakantie")
    row_id = said(world, "vakantie", routed=False)
    world.inbox.claim(world.token(world.person()), row_id)
    world.route()
    assert world.row(row_id).status != "spam"


def test_noise_in_a_conversation_with_others_is_counted_and_opens_nothing(world: World) -> None:
    number = rule(world, Kind.WORD, "vakantie")
    row_id = said(world, "Mijn pakket is kwijt")
    world.inbox.resolve(world.token(world.person()), row_id)
    world.message(row_id, "gratis vakantie")
    world.route()
    assert world.row(row_id).status == "resolved"
    assert world.row(row_id).unanswered_since is None
    assert [one.event_id for one in hits(world, number)] == [None]
    world.message(row_id, "Hij is nog steeds kwijt!")
    world.route()
    assert world.row(row_id).status == "open"


def test_somebody_else_writing_in_what_was_set_aside_brings_it_back(world: World) -> None:
    rule(world, Kind.WORD, "vakantie")
    row_id = said(world, "gratis vakantie")
    world.message(row_id, "nog een vakantie")
    world.route()
    assert world.row(row_id).status == "spam"
    world.message(row_id, "Is dit echt van jullie? Ik ben opgelicht")
    world.route()
    assert (world.row(row_id).status, world.row(row_id).is_open) == ("new", True)
    assert world.actions(row_id)[-1] == "noise_back"
    assert world.inbox.detail(lead(world), row_id).events[-1].text == "Somebody wrote something else; it is new again."


def test_what_a_person_called_spam_stays_spam_whoever_writes(world: World) -> None:
    rule(world, Kind.WORD, "vakantie")
    token, row_id = world.token(world.person()), said(world, "gratis vakantie")
    world.inbox.not_spam(token, row_id)
    world.inbox.mark_spam(token, row_id)
    world.message(row_id, "iets heel anders")
    world.route()
    assert world.row(row_id).status == "spam"


def test_taking_a_rule_back_brings_all_it_set_aside_back_but_what_somebody_touched(world: World) -> None:
    number = rule(world, Kind.WORD, "vakantie")
    first, touched, seen = (said(world, f"vakantie {n}") for n in range(3))
    token = world.token(world.person())
    world.inbox.not_spam(token, touched)
    world.inbox.mark_spam(token, touched)
    world.inbox.add_tag(token, seen, "gezien")
    done = all_back(world, number)
    assert (done.total, done.changed) == (3, 1)
    assert [world.row(one).status for one in (first, touched, seen)] == ["new", "spam", "spam"]
    assert world.row(first).unanswered_since is not None
    assert world.inbox.noise.listing(lead(world)) == ()
    assert world.row(said(world, "vakantie")).status == "new"
    assert all_back(world, number).changed == 0
    world.message(first, "nog eens vakantie")
    rule(world, Kind.WORD, "vakantie")
    world.route()
    assert world.row(first).status == "new"


def test_what_another_rule_wants_too_stays_in_its_name(world: World) -> None:
    one, two = rule(world, Kind.WORD, "vakantie"), rule(world, Kind.AUTHOR, "gokker")
    row_id = said(world, "vakantie", by="gokker")
    assert world.events(row_id)[-1].actor_id == two
    assert all_back(world, two).changed == 0
    assert world.row(row_id).status == "spam"
    assert [hit.event_id is None for hit in hits(world, one)] == [False]
    assert all_back(world, one).changed == 1
    assert world.row(row_id).status == "new"


def test_a_single_hit_is_taken_back_like_that_of_any_rule(world: World) -> None:
    number = rule(world, Kind.WORD, "vakantie")
    row_id = said(world, "vakantie")
    world.inbox.rules.take_back(world.token(world.person()), hits(world, number)[0].event_id)
    assert world.row(row_id).status == "new"
    assert world.inbox.noise.listing(lead(world))[0].brought_back == 1
    world.message(row_id, "vakantie!")
    world.route()
    assert world.row(row_id).status == "new"


def test_a_rule_that_is_off_or_only_proposes_moves_nothing(world: World) -> None:
    number = rule(world, Kind.WORD, "vakantie", proposes=True)
    row_id = said(world, "vakantie")
    assert world.row(row_id).status == "new"
    (aside,) = world.inbox.noise.proposed(lead(world))
    assert (aside.conversation_id, aside.event_id) == (row_id, None)
    world.inbox.noise.propose(lead(world), number, proposes=False)
    assert world.row(said(world, "vakantie")).status == "spam"
    world.inbox.noise.switch(lead(world), number, on=False)
    assert world.row(said(world, "vakantie")).status == "new"
    assert [code for _at, code, _by in world.inbox.noise.open(lead(world), number).history] == [
        "noise_off",
        "noise_sets_aside",
        "noise_made",
    ]


# --- from the inbox -------------------------------------------------------------------------------------------------


def test_an_agent_marks_one_and_its_author_site_or_text_is_noise_from_then_on(world: World) -> None:
    token = world.token(world.person(name="Eva"))
    for scope, example, next_one in (
        (Scope.AUTHOR, {"text": "Kijk dit", "by": "gokker"}, {"text": "En dit", "by": "gokker"}),
        (Scope.SITE, {"text": "Zie https://a.winst.example/1"}, {"text": "Kom naar https://b.winst.example"}),
        (Scope.LIKE, {"text": LONG}, {"text": f"RT {LONG.upper()}!!"}),
    ):
        row_id = said(world, **example)
        done = world.inbox.noise.mark(token, row_id, scope, version=world.row(row_id).version)
        assert (done.code, world.row(row_id).status) == ("spam", "spam")
        assert world.row(said(world, **next_one)).status == "spam"
    assert [one.by.name if one.by else "" for one in world.inbox.noise.listing(token)] == ["Eva"] * 3


def test_marking_what_is_spam_already_makes_the_rule_only(world: World) -> None:
    token, row_id = world.token(world.person()), said(world, "Kijk dit", by="gokker")
    world.inbox.mark_spam(token, row_id)
    done = world.inbox.noise.mark(token, row_id, Scope.AUTHOR)
    assert done.code == "noise_made_here"
    assert world.actions(row_id) == ["routed", "spam", "noise_made_here"]
    world.inbox.undo(token, done.event_id or 0)
    assert world.row(row_id).status == "spam"
    assert world.inbox.noise.listing(token) == ()


def test_undoing_the_step_takes_the_rule_and_what_it_did_meanwhile_with_it(world: World, later: Later) -> None:
    token, row_id = world.token(world.person()), said(world, "Kijk dit", by="gokker")
    done = world.inbox.noise.mark(token, row_id, Scope.AUTHOR)
    meanwhile = said(world, "En dit", by="gokker")
    assert world.row(meanwhile).status == "spam"
    world.inbox.undo(token, done.event_id or 0)
    assert [world.row(one).status for one in (row_id, meanwhile)] == ["new", "new"]
    assert world.row(said(world, "En dat", by="gokker")).status == "new"
    again = world.inbox.noise.mark(token, row_id, Scope.AUTHOR)
    later(seconds=16)
    with pytest.raises(UndoRefused):
        world.inbox.undo(token, again.event_id or 0)


def test_a_rule_that_stands_already_is_not_made_twice_and_not_undone_with_another_step(world: World) -> None:
    token = world.token(world.person())
    one, two = said(world, "Kijk dit", by="gokker"), said(world, "En dit", by="gokker")
    world.inbox.noise.mark(token, one, Scope.AUTHOR)
    done = world.inbox.noise.mark(token, two, Scope.AUTHOR)
    assert len(world.inbox.noise.listing(token)) == 1
    world.inbox.undo(token, done.event_id or 0)
    assert len(world.inbox.noise.listing(token)) == 1


def test_a_word_that_would_have_cost_good_conversations_is_refused_at_one_key(world: World) -> None:
    token = world.token(world.person())
    good, bad = said(world, "Mijn vakantie is bedorven"), said(world, "gratis vakantie")
    world.inbox.resolve(token, good)
    with pytest.raises(BadInput, match="vakantie"):
        world.inbox.noise.mark(token, bad, Scope.WORD, text="vakantie")
    assert world.row(bad).status == "new"
    world.inbox.noise.mark(token, bad, Scope.WORD, text="gratis vakantie")
    assert world.row(bad).status == "spam"


@pytest.mark.parametrize(
    ("text", "scope", "word"),
    [("kort", Scope.LIKE, ""), ("geen link", Scope.SITE, ""), ("hoi", Scope.WORD, "..."), ("hoi", Scope.WORD, "nu")],
)
def test_what_the_message_does_not_hold_is_refused_in_words(world: World, text: str, scope: Scope, word: str) -> None:
    row_id = said(world, text)
    with pytest.raises(BadInput):
        world.inbox.noise.mark(world.token(world.person()), row_id, scope, text=word)
    assert world.row(row_id).status == "new"


def test_a_text_is_known_again_for_thirty_days(world: World, later: Later) -> None:
    world.inbox.noise.mark(world.token(world.person()), said(world, LONG), Scope.LIKE)
    later(days=29)
    assert world.row(said(world, LONG)).status == "spam"
    later(days=2)
    assert world.row(said(world, LONG)).status == "new"


def test_a_rule_is_run_over_what_is_open_and_takes_nothing_out_of_hands(world: World) -> None:
    token = world.token(world.person())
    plain, held, mixed, back = (said(world, f"kijk {n}", by="gokker") for n in range(4))
    direct = said(world, "kijk", by="gokker", visibility="private")
    world.inbox.claim(token, held)
    world.message(mixed, "Is dit van jullie?")
    world.route()
    number = rule(world, Kind.AUTHOR, "gokker")
    done = world.inbox.noise.apply(lead(world), number)
    assert (done.changed, done.done) == (2, True)
    assert [world.row(one).status for one in (plain, mixed, back, direct)] == ["spam", "new", "spam", "new"]
    world.inbox.rules.take_back(token, world.events(back)[-1].id)
    assert world.inbox.noise.apply(lead(world), number).changed == 0
    assert world.row(back).status == "new"
    assert all_back(world, number).changed == 1
    assert world.row(plain).status == "new"
    with pytest.raises(NotFound):
        world.inbox.noise.apply(lead(world), number)


# --- who may --------------------------------------------------------------------------------------------------------


def test_an_agent_changes_own_rules_and_a_lead_all(world: World) -> None:
    token, row_id = world.token(world.person()), said(world, "Kijk dit", by="gokker")
    world.inbox.noise.mark(token, row_id, Scope.AUTHOR)
    (mine,) = world.inbox.noise.listing(token)
    other = world.token(world.person())
    with pytest.raises(NotAllowed):
        world.inbox.noise.switch(other, mine.id, on=False)
    with pytest.raises(NotAllowed):
        world.inbox.noise.take_back(other, mine.id)
    with pytest.raises(NotAllowed):
        world.inbox.noise.save(token, NoiseDraft(Kind.WORD, "vakantie"))
    with pytest.raises(NotAllowed):
        world.inbox.noise.mark(world.token(world.person(Role.READ_ONLY)), row_id, Scope.AUTHOR)
    world.inbox.noise.switch(token, mine.id, on=False)
    world.inbox.noise.switch(lead(world), mine.id, on=True)
    with pytest.raises(NotFound):
        world.inbox.noise.switch(token, 5, on=True)


@pytest.mark.parametrize("marked", [False, True], ids=["as it came", "marked as spam before"])
def test_everything_open_of_an_author_goes_and_comes_back_as_one_act_with_its_number_told_before(
    world: World, marked: bool
) -> None:
    token = world.token(world.person())
    mine = [said(world, f"Kijk op https://spul.example/{n} voor nummer {n}", by="gokker") for n in range(4)]
    other, held = said(world, "Mijn pakket is kwijt"), said(world, "Nog iets van mij over dit spul", by="gokker")
    world.inbox.claim(world.token(world.person(name="Kees")), held)
    told = {one.scope: one for one in world.inbox.noise.reach(token, mine[0])}
    assert [(told[scope].n, told[scope].more) for scope in ("author", "site")] == [(3, False), (3, False)]
    assert (told["author"].shown, told["site"].shown) == ("@gokker", "spul.example")
    if marked:
        world.inbox.mark_spam(token, mine[0])
    done = world.inbox.noise.mark(token, mine[0], Scope.AUTHOR, everything=True)
    assert done.params["noise_everything"] == 3
    assert [world.row(each).status for each in mine] == ["spam"] * 4
    assert [world.row(each).status for each in (other, held)] == ["new", "open"]
    assert world.inbox.noise.totals(lead(world)).ever == 3
    assert done.event_id is not None
    world.inbox.undo(token, done.event_id)
    assert [world.row(each).status for each in mine] == ["spam" if marked else "new", *["new"] * 3]
    assert world.inbox.noise.listing(lead(world)) == ()


def test_undo_of_everything_brings_back_what_came_in_meanwhile_however_much_was_there_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back, "STRETCH", 2)
    token = world.token(world.person())
    mine = [said(world, f"Weer iets van mij, nummer {n}", by="gokker") for n in range(4)]
    done = world.inbox.noise.mark(token, mine[0], Scope.AUTHOR, everything=True)
    mine += [said(world, f"En weer, nummer {n}", by="gokker") for n in range(4)]
    assert [world.row(each).status for each in mine] == ["spam"] * 8
    world.inbox.undo(token, done.event_id or 0)
    assert [world.row(each).status for each in mine] == ["new"] * 8


def test_everything_in_the_name_of_a_rule_that_stood_already_comes_back_and_the_rule_stays(world: World) -> None:
    token = world.token(world.person())
    mine = [said(world, f"Weer iets van mij, nummer {n}", by="gokker") for n in range(3)]
    number = rule(world, Kind.AUTHOR, "id:u-gokker", platform="discourse")
    done = world.inbox.noise.mark(token, mine[0], Scope.AUTHOR, everything=True)
    assert [world.row(each).status for each in mine] == ["spam"] * 3
    assert done.event_id is not None
    world.inbox.undo(token, done.event_id)
    assert [world.row(each).status for each in mine] == ["new"] * 3
    assert [(one.id, one.active) for one in world.inbox.noise.listing(lead(world))] == [(number, True)]


def test_what_else_is_open_and_what_a_rule_would_have_cost_take_as_many_queries_however_much_there_is(
    world: World,
) -> None:
    token, manager = world.token(world.person()), lead(world)
    draft = NoiseDraft(Kind.WORD, "pakket")

    def more(n: int) -> int:
        for number in range(n):
            row_id = said(world, f"Pakket https://spul.example/{number} met dezelfde tekst van mij", by="gokker")
            world.message(row_id, "Welk pakket?", direction="outbound")
            world.message(row_id, "Pakket https://spul.example/ zonder antwoord", direction="inbound")
        world.route()
        return row_id

    chosen = more(2)
    first = world.n_asked(lambda: world.inbox.noise.reach(token, chosen))
    tried = world.n_asked(lambda: world.inbox.noise.trial(manager, draft))
    more(15)
    assert world.n_asked(lambda: world.inbox.noise.reach(token, chosen)) == first
    assert world.n_asked(lambda: world.inbox.noise.trial(manager, draft)) == tried


def test_the_number_told_before_leaves_out_where_the_same_rule_was_taken_back(world: World) -> None:
    token = world.token(world.person())
    number = rule(world, Kind.AUTHOR, "id:u-gokker", platform="discourse")
    mine = [said(world, f"Weer iets van mij, nummer {n}", by="gokker") for n in range(3)]
    for row_id in mine:
        world.inbox.rules.take_back(token, world.events(row_id)[-1].id)
    world.inbox.noise.switch(lead(world), number, on=False)
    fresh = said(world, "En nog een van mij", by="gokker")
    told = {one.scope: one.n for one in world.inbox.noise.reach(token, mine[0])}
    assert told["author"] == 1
    assert world.inbox.noise.mark(token, mine[0], Scope.AUTHOR, everything=True).params["noise_everything"] == 1
    assert [world.row(each).status for each in (fresh, *mine[1:])] == ["spam", "new", "new"]


def test_of_more_than_one_act_takes_the_newest_go_and_the_rest_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everything, "MOST", 2)
    token = world.token(world.person())
    mine = [said(world, f"Weer iets van mij, nummer {n}", by="gokker") for n in range(4)]
    told = {one.scope: one for one in world.inbox.noise.reach(token, mine[0])}
    assert (told["author"].n, told["author"].more) == (2, True)
    assert world.inbox.noise.mark(token, mine[0], Scope.AUTHOR, everything=True).params["noise_everything"] == 2
    assert sum(world.row(each).status == "spam" for each in mine) == 3
