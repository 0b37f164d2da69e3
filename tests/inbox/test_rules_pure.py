"""Rules without a store: what fits, in which order, and what is left when they contradict each other."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.errors import BadInput, BadSearch
from inbox.rules.counting import DAYS, by_day, drift
from inbox.rules.evaluate import Facts, Reason, matches, reasons
from inbox.rules.language import Conditions, Draft, checked, written
from inbox.rules.views import Drift
from inbox.rules.walk import Office, Ready, Ruleset, Standing, effects
from inbox.states import MOVES, By, Status
from understanding.match import Document

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
OFFICE = Office(teams=frozenset({"webcare", "press"}), people=frozenset({7}))


def said(text: str = "", title: str = "", **parts: Any) -> Facts:
    return Facts(mention_id=1, at=NOON, text=text, title=title, document=Document(title, text), **parts)


def rule(number: int = 1, **parts: Any) -> Ready:
    return Ready(number, written(**{"name": f"rule {number}", **parts}))


def when(*conditions: dict[str, Any], any_of: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"all_of": list(conditions), "any_of": list(any_of)}


LOW = {"test": "rating", "at_most": 0.4}
REVIEWS = {"test": "one_of", "field": "source", "values": ["reviews"]}


# --- conditions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "facts", "fits"),
    [
        (LOW, said(rating=0.4), True),
        (LOW, said(rating=0.41), False),
        (LOW, said(rating=None), False),
        ({"test": "rating", "at_least": 0.8}, said(rating=1.0), True),
        ({"test": "one_of", "field": "sentiment", "values": ["unknown", "negative"]}, said(sentiment=None), True),
        ({"test": "one_of", "field": "sentiment", "values": ["negative"]}, said(sentiment=None), False),
        ({"test": "one_of", "field": "language", "values": ["unknown"]}, said(language="und"), True),
        ({"test": "one_of", "field": "brand", "values": ["acme"]}, said(brands=frozenset({"acme", "b"})), True),
        ({"test": "one_of", "field": "brand", "values": ["acme"], "negated": True}, said(), True),
        ({"test": "one_of", "field": "handle", "values": ["@Piet"]}, said(handle="piet"), True),
        ({"test": "one_of", "field": "handle", "values": ["piet"]}, said(handle=""), False),
        ({"test": "one_of", "field": "badge", "values": ["vip"]}, said(badges=frozenset({"vip"})), True),
        ({"test": "text", "query": '"geld terug" -grap'}, said("Ik wil mijn GELD terug!"), True),
        ({"test": "text", "query": '"geld terug" -grap'}, said("geld terug, grap"), False),
        ({"test": "text", "query": "monteur"}, said(title="Monteur niet gekomen"), True),
        ({"test": "followers", "at_least": 1000}, said(followers=1000), True),
        ({"test": "followers", "at_least": 0}, said(followers=None), False),
        ({"test": "is", "what": "first_contact"}, said(first_contact=True), True),
        ({"test": "is", "what": "has_link", "yes": False}, said(has_link=True), False),
        ({"test": "is", "what": "open_hours", "yes": False}, said(open_hours=False), True),
        ({"test": "age", "at_least_h": 24}, said(age_s=86_400), True),
        ({"test": "age", "at_most_h": 1}, said(age_s=3_601), False),
        ({"test": "contains", "field": "url", "text": "/FORUM/"}, said(url="https://x.example/forum/1"), True),
        ({"test": "contains", "field": "title", "text": "spam", "negated": True}, said(title="Vraag"), True),
        ({"test": "contains", "field": "author", "text": "bot"}, said(author="NewsBot"), True),
    ],
)
def test_a_condition_holds_or_not(condition: dict[str, Any], facts: Facts, fits: bool) -> None:
    assert matches(Conditions.model_validate(when(condition)), facts) is fits


def test_all_of_the_first_list_and_one_of_the_second_must_hold() -> None:
    both = Conditions.model_validate(when(REVIEWS, any_of=(LOW, {"test": "text", "query": "slecht"})))
    assert matches(both, said("slecht", source="reviews"))
    assert matches(both, said(source="reviews", rating=0.2))
    assert not matches(both, said("slecht", source="forum"))
    assert not matches(both, said("goed", source="reviews"))


def test_a_rule_without_conditions_fits_nothing_and_is_not_kept() -> None:
    assert not matches(Conditions(), said())
    with pytest.raises(BadInput, match="when"):
        checked(written(name="leeg", actions={"tags": ["x"]}))


def test_why_it_fits_names_what_was_found() -> None:
    conditions = Conditions.model_validate(when(LOW, REVIEWS, {"test": "text", "query": "geld* OR boos"}))
    assert reasons(conditions, said("Mijn geldzaken", source="reviews", rating=0.2)) == (
        Reason("rating", "0.2"),
        Reason("source", "reviews"),
        Reason("text", "geldzaken"),
    )


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"conditions": when(REVIEWS)}, "what this rule does"),
        ({"conditions": when({"test": "rating"}), "actions": {"tags": ["x"]}}, "rating"),
        ({"conditions": when(REVIEWS), "actions": {"move": "ignored"}}, "why it is ignored"),
        ({"conditions": when(REVIEWS), "actions": {"move": "open"}}, "move"),
        ({"conditions": when(REVIEWS), "actions": {"priority": 5}}, "priority"),
        ({"conditions": when(REVIEWS), "actions": {"why": "boredom"}}, "reason for contact"),
        ({"name": "", "conditions": when(REVIEWS), "actions": {"tags": ["x"]}}, "name"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(parts: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        checked(written(**{"name": "regel", **parts}))


def test_a_text_that_cannot_be_read_is_refused_with_the_place() -> None:
    draft = written(name="x", conditions=when({"test": "text", "query": "(geld OR"}), actions={"tags": ["x"]})
    with pytest.raises(BadSearch):
        checked(draft)


# --- against a slow reference ---------------------------------------------------------------------------------------

_WORDS = ("geld", "terug", "grap", "boos")
_FACTS = st.builds(
    said,
    st.lists(st.sampled_from(_WORDS), max_size=4).map(" ".join),
    source=st.sampled_from(("reviews", "forum")),
    sentiment=st.sampled_from((None, "negative", "positive")),
    rating=st.sampled_from((None, 0.0, 0.2, 0.4, 1.0)),
    followers=st.sampled_from((None, 0, 10, 1000)),
    has_link=st.booleans(),
    age_s=st.sampled_from((0.0, 3600.0, 90_000.0)),
    url=st.sampled_from(("", "https://x.example/a")),
)
_CONDITION = st.one_of(
    st.fixed_dictionaries(
        {
            "test": st.just("one_of"),
            "field": st.sampled_from(("source", "sentiment")),
            "values": st.lists(st.sampled_from(("reviews", "forum", "negative", "unknown")), min_size=1, max_size=2),
            "negated": st.booleans(),
        }
    ),
    st.sampled_from(
        (
            LOW,
            {"test": "rating", "at_least": 0.2},
            {"test": "followers", "at_least": 10},
            {"test": "is", "what": "has_link", "yes": True},
            {"test": "is", "what": "has_link", "yes": False},
            {"test": "age", "at_least_h": 2.0},
            {"test": "contains", "field": "url", "text": "/A", "negated": False},
        )
    ),
    st.sampled_from(_WORDS).map(lambda word: {"test": "text", "query": word}),
)


def _slow(condition: dict[str, Any], facts: Facts) -> bool:  # noqa: PLR0911 - one line per kind
    """The same in other words, over plain values."""
    kind = condition["test"]
    if kind == "one_of":
        value = facts.source if condition["field"] == "source" else facts.sentiment or "unknown"
        return (value in condition["values"]) != condition["negated"]
    if kind == "rating":
        low, high = condition.get("at_least", 0), condition.get("at_most", 1)
        return facts.rating is not None and low <= facts.rating <= high
    if kind == "followers":
        return (facts.followers if facts.followers is not None else -1) >= condition["at_least"]
    if kind == "is":
        return facts.has_link == condition["yes"]
    if kind == "age":
        return facts.age_s >= condition["at_least_h"] * 3600
    if kind == "contains":
        return condition["text"].lower() in facts.url.lower()
    return condition["query"] in facts.text.split()


@given(st.lists(_CONDITION, max_size=3), st.lists(_CONDITION, max_size=3), _FACTS)
def test_conditions_mean_what_a_slow_reference_says(
    every: list[dict[str, Any]], some: list[dict[str, Any]], facts: Facts
) -> None:
    conditions = Conditions.model_validate(when(*every, any_of=tuple(some)))
    expected = bool(every or some) and all(_slow(one, facts) for one in every)
    expected = expected and (not some or any(_slow(one, facts) for one in some))
    assert matches(conditions, facts) is expected
    if expected:
        assert len(reasons(conditions, facts)) >= max(1, len(every))


_DRAFT = st.builds(
    lambda every, some, stop, moment: {
        "conditions": when(*every, any_of=tuple(some)),
        "stop": stop,
        "moment": moment,
        "actions": {"tags": ["t"]},
    },
    st.lists(_CONDITION, max_size=2),
    st.lists(_CONDITION, max_size=2),
    st.booleans(),
    st.sampled_from(("first", "every")),
)


@given(st.lists(_DRAFT, max_size=8), _FACTS, st.booleans(), st.sets(st.integers(1, 8)))
def test_the_filed_walk_finds_what_trying_every_rule_in_order_finds(
    drafts: list[dict[str, Any]], facts: Facts, first: bool, without: set[int]
) -> None:
    rules = [rule(number, **draft) for number, draft in enumerate(drafts, start=1)]
    expected = []
    for one in rules:
        if one.id in without or not (first or one.draft.moment == "every"):
            continue
        if matches(one.draft.conditions, facts):
            expected.append(one)
            if one.draft.stop:
                break
    assert list(Ruleset(rules).hits(facts, first=first, without=without)) == expected


# --- contradictions -------------------------------------------------------------------------------------------------


def test_the_last_rule_in_order_decides_and_the_earlier_one_says_who_did() -> None:
    first = rule(1, conditions=when(REVIEWS), actions={"priority": 0, "tags": ["a"]})
    second = rule(2, conditions=when(REVIEWS), actions={"priority": 4, "tags": ["a", "b"]})
    one, two = effects([first, second], Standing(), said(source="reviews"), OFFICE)
    assert (one.tags, dict(one.sets), dict(one.overruled)) == (("a",), {}, {"priority": 2})
    assert (two.tags, dict(two.sets)) == (("b",), {"priority": 4})


def test_what_somebody_has_in_hand_is_not_taken_away() -> None:
    given_away = rule(conditions=when(REVIEWS), actions={"team_id": "press", "move": "spam", "priority": 0})
    (one,) = effects([given_away], Standing(held=True), said(source="reviews"), OFFICE)
    assert (dict(one.sets), one.move) == ({"priority": 0}, None)
    assert dict(one.refused) == {"team_id": "held", "move": "held"}


def test_a_team_or_person_that_left_is_passed_over() -> None:
    one = rule(conditions=when(REVIEWS), actions={"team_id": "gone", "assignee_id": 99})
    (effect,) = effects([one], Standing(), said(source="reviews"), OFFICE)
    assert dict(effect.refused) == {"team_id": "gone", "assignee_id": "gone"}
    assert not effect.changes


@pytest.mark.parametrize("status", [one.value for one in Status])
@pytest.mark.parametrize("move", ["spam", "ignored", "resolved"])
def test_a_rule_moves_only_where_the_table_lets_rules_move(status: str, move: str) -> None:
    one = rule(conditions=when(REVIEWS), actions={"move": move, "reason": "ruis"})
    (effect,) = effects([one], Standing(status=status), said(source="reviews"), OFFICE)
    allowed = By.RULE in MOVES.get((Status(status), Status(move)), ())
    assert (effect.move is not None) is allowed
    if status != move and not allowed:
        assert dict(effect.refused) == {"move": "state"}


_ACTIONS = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(st.sampled_from(("a", "b", "c")), max_size=2),
        "priority": st.integers(0, 4),
        "why": st.sampled_from(("complaint", "question")),
        "team_id": st.sampled_from(("webcare", "press")),
        "assignee_id": st.just(7),
        "mute": st.booleans(),
    },
)


@given(st.lists(_ACTIONS, min_size=1, max_size=6))
def test_done_twice_changes_nothing_the_second_time_and_each_field_changes_once(many: list[dict[str, Any]]) -> None:
    rules = [rule(number, conditions=when(REVIEWS), actions=one) for number, one in enumerate(many, start=1)]
    facts = said(source="reviews")
    done = effects(rules, Standing(), facts, OFFICE)
    state: dict[str, Any] = {}
    tags: set[str] = set()
    for one in done:
        assert not state.keys() & one.sets.keys()
        assert tags.isdisjoint(one.tags)
        state |= one.sets
        tags |= set(one.tags)
    for name in ("priority", "why", "team_id", "assignee_id"):
        wishes = [one[name] for one in many if one.get(name) is not None]
        if wishes and wishes[-1] != getattr(Standing(), name):
            assert state[name] == wishes[-1]
    assert tags == {tag for one in many for tag in one.get("tags", ())}
    again = effects(rules, Standing(**state, tags=frozenset(tags)), facts, OFFICE)
    assert not any(one.changes for one in again)


# --- speed and counting ---------------------------------------------------------------------------------------------


def test_a_rule_that_cannot_be_read_is_left_out_and_the_others_go_on() -> None:
    broken = Ready(1, Draft.model_validate({"name": "x", "conditions": when({"test": "text", "query": "(geld"})}))
    works = rule(2, conditions=when(REVIEWS), actions={"tags": ["a"]})
    ruleset = Ruleset([broken, works])
    assert ruleset.unreadable == {1}
    assert ruleset.hits(said("geld", source="reviews"), first=True) == (works,)


def test_a_thousand_rules_cost_less_than_a_read_of_the_store() -> None:
    rules = [
        rule(
            number,
            conditions=when({"test": "text", "query": f"woord{number} OR ander{number}"}),
            actions={"priority": 0},
        )
        for number in range(1, 501)
    ] + [
        rule(number, conditions=when({"test": "one_of", "field": "source", "values": [f"bron{number}"]}), stop=True)
        for number in range(501, 1001)
    ]
    ruleset = Ruleset(rules)
    facts = [said(f"Mijn pakket woord{number} is kwijt " * 10, source="forum") for number in range(1, 51)]
    ruleset.hits(facts[0], first=True)
    began = time.process_time()
    found = [ruleset.hits(one, first=True) for one in facts]
    each_us = (time.process_time() - began) / len(facts) * 1e6
    assert [one.id for (one,) in found] == list(range(1, 51))
    assert each_us < 20_000, f"{each_us:.0f} µs per conversation"


@pytest.mark.parametrize(
    ("day", "week", "month", "told"),
    [
        (0, 0, 0, None),
        (1, 7, 28, None),
        (0, 0, 21, Drift.STOPPED),
        (0, 0, 20, None),
        (40, 60, 100, Drift.SURGE),
        (20, 24, 40, Drift.SURGE),
        (19, 20, 22, None),
        (25, 25, 25, None),
        (30, 200, 800, None),
    ],
)
def test_a_rule_that_stopped_or_runs_wild_is_noticed(day: int, week: int, month: int, told: Drift | None) -> None:
    assert drift(day=day, week=week, month=month) is told


@given(st.lists(st.integers(0, 60 * 24 * 40), max_size=30))
@settings(max_examples=50)
def test_hits_are_counted_on_the_days_of_the_workspace(minutes: list[int]) -> None:
    from datetime import timedelta

    zone = ZoneInfo("Europe/Amsterdam")
    instants = [NOON - timedelta(minutes=one) for one in minutes]
    counts = by_day(instants, NOON, zone)
    today = NOON.astimezone(zone).date()
    recent = [one for one in instants if (today - one.astimezone(zone).date()).days < DAYS]
    assert sum(counts) == len(recent)
    assert counts[-1] == sum(one.astimezone(zone).date() == today for one in instants)
