"""A query that was made ready gives the answers of the matcher, and what facts alone tell never leaves a match out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.understanding import queries
from understanding.match import Document, matches
from understanding.prepared_query import asking, told_by_facts
from understanding.query import Facts, Node, fields_of, parse_query

MESSAGES = st.lists(queries.said, min_size=1, max_size=2)


@given(queries.nodes(), MESSAGES, queries.facts)
def test_a_query_made_ready_answers_as_the_matcher_does(node: Node, said: list[list[str]], facts: Facts) -> None:
    document = queries.document(said, facts)
    assert asking(node)(document) == matches(node, document)


@given(queries.nodes(), MESSAGES, queries.facts)
def test_what_facts_alone_tell_holds_for_every_match(node: Node, said: list[list[str]], facts: Facts) -> None:
    known = told_by_facts(node)
    if known is not None:
        assert fields_of(known)
        assert not matches(node, queries.document(said, facts)) or matches(known, Document(facts=facts))


@given(st.sampled_from(("acme", "acme OR lang:nl", "-acme", "acme -(rival lang:nl)")))
def test_a_query_that_words_can_decide_alone_leaves_nothing_to_facts(text: str) -> None:
    assert told_by_facts(parse_query(text)) is None


def test_two_thousand_words_and_two_hundred_parentheses_are_answered() -> None:
    words = [f"woord{number}" for number in range(2_000)]
    last = Document("woord1999")
    assert asking(parse_query(" OR ".join(words)))(last)
    assert not asking(parse_query(" ".join(words)))(last)
    assert asking(parse_query("(" * 200 + "rood OR woord1999" + ")" * 200))(last)
