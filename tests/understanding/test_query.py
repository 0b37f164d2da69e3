"""The query language: what it reads, what it refuses, and that anchors change nothing but the speed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.match import Document, Rules, matches, spans
from understanding.query import (
    And,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    QueryError,
    Term,
    needs_something,
    parse_query,
    wanted,
)


def found(query: str, text: str) -> bool:
    return matches(parse_query(query), Document(text))


def test_and_binds_tighter_than_or_and_not_tighter_than_and() -> None:
    assert parse_query("a OR b AND NOT c") == Or((Term("a"), And((Term("b"), Not(Term("c"))))))


def test_words_next_to_each_other_mean_and() -> None:
    assert parse_query("rood blauw") == And((Term("rood"), Term("blauw")))


def test_a_minus_before_a_word_excludes_it_but_a_hyphen_inside_does_not() -> None:
    assert parse_query("acme -gratis") == And((Term("acme"), Not(Term("gratis"))))
    assert parse_query("e-mail") == Phrase(("e", "mail"))


def test_a_quoted_phrase_is_found_only_with_its_words_next_to_each_other() -> None:
    assert found('"klapt eruit"', "De app klapt eruit!")
    assert not found('"klapt eruit"', "eruit klapt hij")


def test_a_phrase_does_not_run_over_from_the_title_into_the_text() -> None:
    assert not matches(parse_query('"nieuwe storing"'), Document("Alweer een nieuwe", "storing in Zwolle"))


def test_a_phrase_is_found_after_a_false_start() -> None:
    assert found('"de de app"', "de app, de de app")


def test_a_star_finds_every_word_that_begins_so() -> None:
    assert found("web*", "Onze webshop ligt eruit")
    assert not found("web*", "de cobweb")


def test_case_accents_and_marks_of_mention_do_not_matter() -> None:
    assert found("cafe", "Het CAFÉ is dicht")
    assert found("@acme", "acme reageert niet")
    assert found("acme", "#Acme en @acme_nl")


def test_operators_work_only_in_capitals() -> None:
    assert found("or", "whether or not")
    assert parse_query("a OR b") == Or((Term("a"), Term("b")))


@pytest.mark.parametrize(
    ("query", "position", "hint"),
    [
        ("", 0, "empty"),
        ("   ", 3, "empty"),
        ("acme AND", 8, "missing"),
        ("OR acme", 0, "missing before"),
        ("(acme", 0, "never closed"),
        ("acme)", 4, "too many"),
        ('acme "gym', 5, "quotation"),
        ("ac*me", 2, "end of a single word"),
        ("acme !!", 5, "no letter"),
        ("*", 0, "no letter"),
        ("e-mail*", 0, "single word"),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_what_to_do(query: str, position: int, hint: str) -> None:
    with pytest.raises(QueryError, match=hint) as caught:
        parse_query(query)
    assert caught.value.position == position


def test_nesting_without_end_is_refused_rather_than_crashing() -> None:
    for query in ("(" * 10_000 + "a" + ")" * 10_000, "NOT " * 4_000 + "a"):
        with pytest.raises(QueryError):
            parse_query(query)


def test_a_query_that_only_excludes_is_recognised() -> None:
    assert not needs_something(parse_query("NOT gym"))
    assert not needs_something(parse_query("acme OR NOT gym"))
    assert needs_something(parse_query("acme NOT gym"))


def test_marking_gives_code_points_also_after_emoji_and_accents() -> None:
    text = "😀 Café dicht, de app klapt eruit"
    marked = [text[start:end] for start, end in spans([parse_query('cafe "klapt eruit" NOT dicht')], text)]
    assert marked == ["Café", "klapt eruit"]


WORDS = st.sampled_from(["acme", "app", "storing", "gym", "gratis", "webshop", "web"])
LEAVES = st.one_of(
    WORDS.map(Term),
    WORDS.map(lambda word: Prefix(word[:3])),
    st.lists(WORDS, min_size=2, max_size=3).map(lambda found: Phrase(tuple(found))),
)
NODES: st.SearchStrategy[Node] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=8,
)


@given(st.lists(NODES, min_size=1, max_size=6), st.lists(WORDS, max_size=8))
def test_rules_filed_under_anchors_answer_as_if_each_were_tried(nodes: list[Node], said: list[str]) -> None:
    rules = {str(number): node for number, node in enumerate(nodes)}
    document = Document(" ".join(said))
    assert Rules(rules).match(document) == tuple(name for name, node in rules.items() if matches(node, document))


@given(NODES, st.lists(WORDS, max_size=8))
def test_a_query_that_needs_something_never_matches_a_text_without_any_wanted_word(node: Node, said: list[str]) -> None:
    text = " ".join(said)
    if needs_something(node) and matches(node, Document(text)):
        assert any(matches(leaf, Document(text)) for leaf in wanted(node))


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_query_error(text: str) -> None:
    try:
        matches(parse_query(text), Document(text))
    except QueryError as error:
        position = error.position
    else:
        position = 0
    assert 0 <= position <= len(text)
