"""Searches that are typed to hurt: each is answered, by what is found or by a sentence that says what is wrong."""

from __future__ import annotations

import pytest

from inbox.views import Filters, View
from tests.inbox.conftest import World

_BOMB = "(a+)+$ ^(([a-z])+.)+[A-Z]([a-z])+$ (x+x+)+y .*.*.*=.*"


@pytest.mark.parametrize(
    ("search", "finds"),
    [
        ("(" * 200 + "pakket" + ")" * 200, True),
        (" OR ".join(["pakket", *(f"woord{n}" for n in range(1_999))]), True),
        (" ".join(["pakket", *(f"-woord{n}" for n in range(1_999))]), True),
        ("pakket NOT (" + " OR ".join(f"woord{n}*" for n in range(1_998)) + ")", True),
        ('"' + "pakket " * 1_500 + '"', False),
        ("a" * 10_000, False),
        ('"(pakket)+ ((is)+)+ kwijt$"', True),
    ],
    ids=["parentheses", "any of 2,000", "2,000 excluded", "1,998 beginnings", "long phrase", "long word", "pattern"],
)
def test_what_is_large_and_can_be_read_is_answered(world: World, search: str, finds: bool) -> None:
    number = world.conversation("Mijn pakket is kwijt, " + "a" * 5_000)
    token = world.token(world.person())
    found = world.inbox.listing(token, View.ALL, Filters(search=search))
    assert found.problem is None
    assert [card.id for card in found.cards] == ([number] if finds else [])


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("(" * 201 + "pakket" + ")" * 201, "200"),
        (" OR ".join(f"woord{n}" for n in range(2_001)), "2,000"),
        ("pakket " * 20_000, "50,000"),
        ("(" * 100_000, "50,000"),
        ("(((pakket", ")"),
        ('author:"' + "x" * 60_000, "50,000"),
        (_BOMB, "letter or digit"),
        ("pakket before:0001-01-01", "0001-01-01"),
        ("pakket until:9999-12-31", "9999-12-31"),
        ("pakket hour:9.5", "whole number"),
    ],
    ids=[
        *("deeper", "more words", "longer", "only parentheses", "one half", "a value without an end", "pattern"),
        *("before all days", "after all days", "half an hour"),
    ],
)
def test_what_is_too_large_or_broken_is_refused_in_a_sentence(world: World, search: str, said: str) -> None:
    world.conversation("Mijn pakket is kwijt")
    token = world.token(world.person())
    found = world.inbox.listing(token, View.ALL, Filters(search=search))
    assert found.cards == ()
    assert found.problem is not None
    told = found.problem.text.said(lambda one: one, lambda n: f"{n:,}")
    assert said in told
    assert len(told) < 300


@pytest.mark.parametrize(
    ("search", "finds"),
    [
        ("after:0002-01-01", True),
        ("before:0002-01-01", False),
        ("since:9998-12-31", False),
        ("until:9998-12-31", True),
        ("hour>=0 hour<=23", True),
        ("weekday:mon,tue,wed,thu,fri,sat,sun", True),
    ],
)
def test_the_ends_of_the_calendar_and_of_the_clock_can_be_looked_for(world: World, search: str, finds: bool) -> None:
    number = world.conversation("Mijn pakket is kwijt")
    found = world.inbox.listing(world.token(world.person()), View.ALL, Filters(search=search))
    assert found.problem is None
    assert [card.id for card in found.cards] == ([number] if finds else [])
