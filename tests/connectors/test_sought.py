"""What platforms are asked for finds at least what the queries of brands match, in words that they understand."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bluesky.lines import queries_of as of_bluesky
from connectors.bluesky.options import BlueskyOptions
from connectors.sought import SYNTAXES, Sought, beside, key_of, quoted
from connectors.x.searching import spelt
from pipeline.sought import sought
from tests.understanding import queries
from understanding.query import Facts, Near, Node, Phrase, Place, Term, parse_query

PLAIN = st.one_of(
    queries.words.map(Term), st.lists(queries.words, min_size=2, max_size=3).map(lambda found: Phrase(tuple(found)))
)
WORDED: st.SearchStrategy[Node] = st.recursive(
    st.one_of(PLAIN, PLAIN, st.builds(Near, PLAIN, PLAIN, st.integers(1, 4))),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: queries.And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: queries.Or(tuple(parts))),
        st.tuples(inner, st.one_of(queries.nodes(Place.BRAND), inner).map(queries.Not)).map(queries.And),
        st.tuples(inner, queries.conditions(Place.BRAND)).map(queries.And),
    ),
    max_leaves=8,
)
"""Queries of which every choice holds a word; beginnings are asked of platforms as words."""

_PART = re.compile(r'\s*(?:(?P<sign>-?)"(?P<said>[^"]*)"|(?P<other>\(|\)|OR|AND))')


def asked(term: Sought, platform: str) -> str:
    """What a platform is asked for one search."""
    return spelt(term) or "" if platform == "x" else quoted(term) + beside(term, platform)


def finds(question: str, text: str) -> bool:
    """Whether a platform that does exactly what it is asked finds a text: AND, then OR in parentheses, and `-`."""
    parts = [(match["sign"], match["said"], match["other"]) for match in _PART.finditer(question)]
    assert _PART.sub("", question).strip() == "", question
    spaced = f" {text} "

    def any_of(at: int) -> tuple[bool, int]:
        found, at = all_of(at)
        while at < len(parts) and parts[at][2] == "OR":
            more, at = all_of(at + 1)
            found = found or more
        return found, at

    def all_of(at: int) -> tuple[bool, int]:
        found = True
        while at < len(parts) and parts[at][2] not in {"OR", ")"}:
            sign, said, other = parts[at]
            if other == "(":
                inner, at = any_of(at + 1)
                found = found and inner
            elif other is None:
                found = found and ((f" {said} " in spaced) is not (sign == "-"))
            at += 1
        return found, at

    return any_of(0)[0]


@pytest.mark.parametrize("platform", SYNTAXES)
@given(node=WORDED, said=st.tuples(queries.said, queries.said), facts=queries.facts)
def test_a_platform_is_asked_for_at_least_what_a_query_matches(
    platform: str, node: Node, said: tuple[list[str], list[str]], facts: Facts
) -> None:
    if queries.holds(node, list(said), facts):
        text = " | ".join(" ".join(part) for part in said)
        assert any(finds(asked(term, platform), text) for term in sought([node]))


@given(WORDED, st.tuples(queries.said, queries.said), queries.facts)
def test_a_connector_that_takes_plain_words_misses_nothing_either(
    node: Node, said: tuple[list[str], list[str]], facts: Facts
) -> None:
    if queries.holds(node, list(said), facts):
        text = " | ".join(" ".join(part) for part in said)
        assert any(f" {term} " in f" {text} " for term in sought([node]))


@pytest.mark.parametrize(
    ("query", "platform", "questions"),
    [
        ('acme (storing OR "klapt eruit") NOT gym', "x", ['("acme" ("storing" OR "klapt eruit") -"gym")']),
        ('acme (storing OR "klapt eruit") NOT gym', "reddit", ['"acme" AND ("storing" OR "klapt eruit")']),
        ('acme (storing OR "klapt eruit") NOT gym', "bluesky", ['"acme"']),
        ('acme "klapt eruit"', "mastodon", ['"acme" "klapt eruit"']),
        ("acme NEAR/3 storing lang:nl", "hackernews", ['"acme" "storing"']),
        ("acme OR rival", "x", ['"acme"', '"rival"']),
        ("(acme OR rival) (storing OR traag OR kapot)", "reddit", [
            '"acme" AND ("storing" OR "traag" OR "kapot")', '"rival" AND ("storing" OR "traag" OR "kapot")',
        ]),
        ("web* acme", "x", ['"acme"']),
        ("source:reviews rating<3", "x", []),
    ],
)  # fmt: skip
def test_a_query_reaches_each_platform_in_its_own_words(query: str, platform: str, questions: list[str]) -> None:
    assert [asked(term, platform) for term in sought([parse_query(query, Place.BRAND)])] == questions


def test_searches_for_the_same_word_with_other_words_beside_it_are_lines_of_their_own() -> None:
    terms = tuple(sought([parse_query("acme storing OR acme klapt")]))
    found = of_bluesky(BlueskyOptions(search=True), terms)
    assert [query.id for query in found][:2] == ['search:acme "storing"', 'search:acme "klapt"']
    streamed = of_bluesky(BlueskyOptions(stream=True), terms)
    assert "beside" not in streamed[0].params


def test_long_searches_keep_keys_of_their_own() -> None:
    assert key_of("search:acme") == "search:acme"
    assert len(key_of("a" * 500)) == 200
    assert key_of("a" * 500) != key_of("a" * 501)
