"""The decisions of the query lab: reading what is typed, changing it, comparing two texts, drawing a sample."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.errors import BadSearch
from inbox.lab import checking, editing
from inbox.lab.comparing import EXAMPLES, OF_A_SOURCE, SAMPLE, Comparison
from inbox.lab.diff import changes
from store.lab import Walked, text_key
from understanding.exclusions import exclusion_sets
from understanding.fold import words
from understanding.match import Document, matches
from understanding.query import And, Node, Not, Or, Phrase, Prefix, QueryError, Term, parse_query

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
BAD = {
    "empty": "",
    "long": "woord " * 17_000,
    "one long word": "a" * 100_000,
    "spaces": " " * 100_000,
    "quotes": '"' * 20_000,
    "open": "(" * 20_000,
    "minus": "-" * 20_000,
    "nots": "NOT " * 5_000,
    "emoji": "😀" * 5_000,
    "zalgo": "z" + "\u0335\u0336" * 5_000,
    "bidi": "\u202eacme\u202c OR \u0645\u0631\u062d\u0628\u0627",
    "nul": "acme\x00 OR b",
    "surrogate": "acme \ud800",
}
WORDS = st.sampled_from(["acme", "gym", "baan", "fiets", "kapot"])
LEAVES = st.one_of(
    WORDS, WORDS.map(lambda word: f"{word}*"), st.tuples(WORDS, WORDS).map(lambda two: f'"{two[0]} {two[1]}"')
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" OR ".join),
        st.tuples(inner, inner).map(" ".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"NOT ({one})"),
    ),
    max_leaves=6,
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)


def walked(number: int, text: str, *, source: str = "forum", days: int = 0, inside: bool = True) -> Walked:
    return Walked(number, source, None, text, "nl", NOW - timedelta(days=days), number if inside else None)


def comparison(before: str | None, after: str, **parts: object) -> Comparison:
    made: dict[str, object] = {"others": {}, "whole": frozenset(), "names": {}, "seed": "s", "zone": UTC, **parts}
    return Comparison(None if before is None else parse_query(before), parse_query(after), **made)  # type: ignore[arg-type]


def judge(made: Comparison, one: Walked) -> None:
    for left in made.sieved([one]):
        made.judge(left, Document(left.title, left.text))


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_mistake_is_told_with_its_place_and_a_mended_text() -> None:
    checked = checking.check('acme "storing in')
    assert not checked.fits
    assert "quotation mark" in str(checked.problem)
    assert (checked.start, checked.end) == (5, 16)
    assert checked.mended == 'acme "storing in"'


def test_what_can_be_read_but_was_hardly_meant_is_pointed_out() -> None:
    checked = checking.check("acme or gym")
    assert checked.fits
    assert "in capitals" in str(checked.hint)
    assert checked.mended == "acme OR gym"


def test_a_query_that_only_excludes_is_refused() -> None:
    assert "only excludes" in str(checking.check("NOT acme").problem)
    with pytest.raises(BadSearch):
        checking.read("NOT acme")


def test_the_parts_of_a_text_are_marked_even_while_it_is_not_finished() -> None:
    found = {
        (part.kind, 'acme* AND (-gym "te ko'[part.start : part.end])
        for part in checking.parts('acme* AND (-gym "te ko')
    }
    assert found == {("prefix", "acme*"), ("operator", "AND"), ("bracket", "("), ("minus", "-"), ("phrase", '"te ko')}


@pytest.mark.parametrize("name", BAD)
def test_whatever_is_typed_is_answered_at_once(name: str) -> None:
    text = BAD[name]
    began = time.monotonic()
    checked = checking.check(text)
    editing.sets_in(text)
    changes(text, f"{text} NOT x")
    assert checked.fits or checked.problem is not None
    assert 0 <= checked.start <= len(text)
    assert time.monotonic() - began < 5  # not a measurement: the square of such a length would take hours


# --- changing ---------------------------------------------------------------------------------------------------------


@given(QUERIES, TEXTS)
def test_leaving_something_out_takes_exactly_that_away(query: str, text: str) -> None:
    document = Document(text)
    changed = editing.excluding(query, 'NOT "kapot gym"')
    left = matches(parse_query(query), document) and not matches(parse_query('"kapot gym"'), document)
    assert matches(parse_query(changed), document) == left


@given(QUERIES, st.sampled_from(sorted(exclusion_sets())))
def test_a_set_switched_on_and_off_again_leaves_the_same_query(query: str, name: str) -> None:
    found = exclusion_sets()[name]
    on = editing.switched(query, found, on=True)
    assert editing.sets_in(on)[name].exact
    assert editing.switched(on, found, on=True) == on
    off = editing.switched(on, found, on=False)
    assert name not in editing.sets_in(off)
    assert parse_query(off) == parse_query(query)


@pytest.mark.parametrize("name", sorted(exclusion_sets()))
def test_every_ready_made_set_is_a_query_of_single_terms_that_differ_from_all_others(name: str) -> None:
    found = exclusion_sets()[name]
    assert len(found.terms) >= 15
    assert all(len(list(editing.sets_in(f"acme {found.clause}"))) == 1 for _ in found.terms)
    for term in found.terms:
        assert type(parse_query(term)).__name__ in {"Term", "Prefix", "Phrase"}, term
    with pytest.raises(QueryError):
        parse_query(f"{found.clause})")


def test_a_set_that_somebody_changed_is_still_known_and_named() -> None:
    found = exclusion_sets()["jobs-nl"]
    text = f"acme {found.clause[:-1]} OR stageplek)"
    (group,) = editing.sets_in(text).values()
    assert (group.id, group.exact) == ("jobs-nl", False)
    assert editing.shortened(text) == "acme NOT [Job ads (nl) *]"
    assert editing.switched(text, found, on=True) == f"acme {found.clause}"


def test_a_phrase_is_written_so_that_it_is_read_as_words() -> None:
    assert [editing.term_of(one) for one in ("baan", "te koop", "NOT", "e-mail")] == [
        "baan",
        '"te koop"',
        '"NOT"',
        '"e-mail"',
    ]


def test_a_difference_is_shown_word_by_word() -> None:
    found = changes('acme OR "acme nl"', 'acme NOT "acme gym"')
    assert [(one.kind, one.text) for one in found] == [
        ("same", "acme"),
        ("removed", 'OR "acme nl"'),
        ("added", 'NOT "acme gym"'),
    ]


# --- comparing --------------------------------------------------------------------------------------------------------


@given(QUERIES, QUERIES, st.lists(TEXTS, max_size=12))
def test_counts_are_those_of_judging_each_by_hand(before: str, after: str, texts: list[str]) -> None:
    made = comparison(before, after)
    for number, text in enumerate(texts, start=1):
        judge(made, walked(number, text, source=f"s{number % 3}", days=number))
    naive = {"added": 0, "dropped": 0, "kept": 0}
    for text in texts:
        old, new = (matches(parse_query(query), Document(text)) for query in (before, after))
        if old or new:
            naive["kept" if old and new else "added" if new else "dropped"] += 1
    assert {name: made.counts[name] for name in naive} == naive  # type: ignore[index]
    assert made.judged == len(texts)
    assert sum(row.added + row.kept for row in made.per_source()) == naive["added"] + naive["kept"]
    assert sum(week.after for week in made.per_week()) == naive["added"] + naive["kept"]
    assert sum(week.before for week in made.per_week()) == naive["dropped"] + naive["kept"]
    assert len(made.sample()) == naive["added"] + naive["kept"]


@given(st.text(max_size=60), st.data())
def test_whatever_a_query_finds_passes_the_sieve(text: str, data: st.DataObject) -> None:
    said = words(text)
    if not said:
        return
    at = data.draw(st.integers(0, len(said) - 1))
    phrase = tuple(said[at : at + 2])
    nodes: list[Node] = [Term(said[at]), Prefix(said[at][:2])]
    nodes += [Phrase(phrase), And((Term(said[0]), Not(Term("acme"))))] if len(phrase) == 2 else []
    for node in nodes:
        made = Comparison(node, Or((node, Term("acme"))), others={}, whole=frozenset(), names={}, seed="", zone=UTC)
        assert len(made.sieved([walked(1, text)])) == 1, node


def test_memory_stays_bounded_however_much_is_found() -> None:
    made = comparison(None, "acme")
    for number in range(1, 3_000):
        judge(made, walked(number, "acme", source=f"s{number % 50}"))
    assert made.counts["added"] == 2_999
    assert len(made.examples()) == EXAMPLES
    assert len(made.sample()) == SAMPLE
    other = comparison(None, "acme")
    for number in range(1, 100):
        judge(other, walked(number, "acme"))
    assert len(other.examples()) == OF_A_SOURCE


@settings(max_examples=15)
@given(st.permutations(range(1, 600)))
def test_the_sample_is_the_same_in_whatever_order_things_are_met(order: list[int]) -> None:
    one, other = comparison(None, "acme"), comparison(None, "acme")
    for number in range(1, 600):
        one._draw(number)
    for number in order:
        other._draw(number)
    assert one.sample() == other.sample()


def test_another_seed_draws_others_and_the_draw_is_fair() -> None:
    drawn: list[int] = []
    for seed in range(40):
        made = comparison(None, "acme", seed=str(seed))
        for number in range(1, 101):
            judge(made, walked(number, "acme"))
        drawn += made.sample()[:10]
    counts = [drawn.count(number) for number in range(1, 101)]
    assert max(counts) <= 15  # 4 expected; 15 is six standard deviations away
    assert sum(number <= 50 for number in drawn) in range(140, 261)


def test_copies_from_outside_the_archive_count_once() -> None:
    made = comparison("gym", "acme")
    for number in (1, 2, 3):
        judge(made, walked(number, "Acme opent vandaag een hele nieuwe winkel in Zwolle", inside=False))
    judge(made, walked(4, "Acme!", inside=False))
    judge(made, walked(5, "Acme!", inside=False))
    assert (made.counts["added"], made.from_outside) == (3, 3)


def test_what_our_own_channels_bring_stays_whatever_the_query_says() -> None:
    made = comparison("acme", "gym", whole=frozenset({"own"}))
    judge(made, walked(1, "acme", source="own"))
    judge(made, walked(2, "acme"))
    assert (made.whole, made.counts["dropped"]) == (1, 1)


def test_an_example_shows_the_words_that_decided() -> None:
    made = comparison("acme", 'acme NOT "te koop"', names={"forum": "Forum"}, others={"Gym BV": parse_query("gym")})
    judge(made, walked(1, f"{'ruis ' * 200}mijn acme is te koop, bel mij {'ruis ' * 200}"))
    judge(made, walked(2, "acme gym"))
    dropped, kept = made.examples()
    assert dropped.text.startswith("… ")
    assert [dropped.text[mark.start : mark.end] for mark in dropped.against] == ["te koop"]
    assert [dropped.text[mark.start : mark.end] for mark in dropped.marks] == ["acme"]
    assert (kept.also, made.overlap, kept.source_name) == (("Gym BV",), {"Gym BV": 1}, "Forum")


def test_weeks_begin_on_monday_in_the_time_of_the_workspace() -> None:
    made = comparison("acme", "acme")
    judge(made, walked(1, "acme", days=1))
    judge(made, walked(2, "acme", days=2))
    assert [(week.monday.isoformat(), week.after) for week in made.per_week()] == [("2026-03-02", 1), ("2026-03-09", 1)]


# --- measuring --------------------------------------------------------------------------------------------------------


def test_labels_are_kept_under_what_the_text_says_not_how_it_is_laid_out() -> None:
    assert text_key("acme", "acme  NOT\n gym") == text_key("acme", "acme NOT gym ")
    assert text_key("acme", "acme") != text_key("rival", "acme")
