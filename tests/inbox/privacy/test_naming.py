"""Who is named in words, and who is kept out of them: whole names only, and nothing of what others say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.privacy.naming import VEIL, Naming, Veil, candidates, leaves
from store.forgetting import Account, Subject

ANNA = Naming(
    Subject((Account(1, ("mastodon", "9911"), "anna", "Anna Bakker", "https://s.example/@anna", None),)),
)


@pytest.mark.parametrize("text", ["anna", "dag @Anna!", "(anna)", "https://s.example/@anna/12", "zie 9911.", "Anna."])
def test_a_whole_name_names_somebody(text: str) -> None:
    assert ANNA.surely(text)


@pytest.mark.parametrize("text", ["annabel", "joanna", "anna.b", "@anna@elders.example", "anna-lies", "99112", ""])
def test_a_name_within_another_names_somebody_else(text: str) -> None:
    assert not ANNA.surely(text)
    assert not ANNA.names(text)


def test_a_name_that_others_may_bear_is_not_sure() -> None:
    assert ANNA.names("Mevrouw Anna Bakker belde")
    assert not Naming(Subject((Account(1, ("manual", "tel"), None, "Jan de Vries", None, None),))).surely(
        "Jan de Vries"
    )
    assert not Naming(Subject((Account(1, ("x", "1"), "jan", None, None, None),))).surely("jan"), "too short to tell"


def test_a_page_of_a_platform_is_cut_down_to_what_is_theirs() -> None:
    theirs = {"user": {"acct": "anna", "id": 9911}, "text": "mijn woorden", "n": 3}
    page = {
        "posts": [
            {**theirs, "tags": [{"name": "x"}], "replies": [{"user": {"acct": "anna"}, "text": "ik weer"}]},
            {"user": {"acct": "annabel"}, "text": "haar woorden"},
            {"user": {"acct": "willem"}, "text": "zijn woorden voor @anna", "mentions": [{"acct": "anna"}]},
            {"user": {"acct": "willem"}, "text": "zijn antwoord", "in_reply_to_screen_name": "anna"},
        ],
        "next": "page2",
    }
    assert ANNA.part_of(page) == {"posts": [theirs], "next": "page2"}
    assert ANNA.part_of("<rss>anna</rss>") is None
    assert not ANNA.owns({"text": "dag @anna", "to": {"acct": "anna"}})


_PLAIN = st.text("abxyz @.", max_size=12)
_DOCUMENTS = st.recursive(
    _PLAIN | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["acct", "by", "in", "to"]), inner),
    max_leaves=12,
)


@given(_DOCUMENTS)
def test_whatever_a_platform_sends_what_somebody_else_owns_is_not_told(document: object) -> None:
    page = {"posts": [{"by": {"acct": "anna"}, "text": "eigen"}, {"by": {"acct": "willem"}, "said": document}]}
    told = ANNA.part_of(page)
    assert told["posts"][0] == page["posts"][0]
    assert "willem" not in list(leaves(told))


def test_others_are_veiled_and_who_asks_is_not() -> None:
    veil = Veil(ANNA, ["Roos de Wit", "roos.wit@acme.example", "willem84"])
    said = {"text": "Roos belt @anna en @willem84 over een roos, zegt willem84 (roos.wit@acme.example)", "n": [3]}
    assert veil.over(said) == {"text": f"{VEIL} belt @anna en {VEIL} over een roos, zegt {VEIL} ({VEIL})", "n": [3]}
    assert veil.also(["Anna Smit"]).over("Anna Bakker en anna smit") == f"Anna Bakker en {VEIL}"
    assert Veil(ANNA, ["Anna Bakker", None, "Jo"]).over("Anna Bakker en Jo") == "Anna Bakker en Jo"


def test_names_of_several_words_are_looked_for_in_words() -> None:
    assert {"jan de vries", "@jan", "jan"} & candidates({"a": ["Dag Jan de Vries, ..."], "b": "@jan"}) == {
        "jan de vries",
        "jan",
    }
