"""Adding to the text of a query and taking away from it, so that it stays one that a person can read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understanding.exclusions import ExclusionSet, exclusion_sets
from understanding.fold import words
from understanding.query import Or, parse_query

ALIKE = 0.5
"""A group that holds at least this share of a set, and little else, is that set, whatever was changed in it since."""

_GROUP = re.compile(r'(?:\bAND\s+)?(?:\bNOT\s*|(?<!\w)-)\((?P<inside>(?:"[^"]*"|[^()"])*)\)')
_TERM = re.compile(r'"[^"]*"|[^\s()"]+')
_SIGN = re.compile(r'"[^"]*"|[()]')
_OPERATORS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class Group:
    """An excluded group in a text, at [start, end), and the set that it is; `exact` when nobody changed it."""

    start: int
    end: int
    id: str
    exact: bool


def excluding(text: str, clause: str) -> str:
    """The text with something more left out; alternatives are put in parentheses first, so that all of them lose it.

    Args:
        text: a query that can be read.
        clause: begins with NOT.
    """
    text = text.strip()
    loose = isinstance(parse_query(text), Or) and not _in_parentheses(text)
    return f"({text}) {clause}" if loose else f"{text} {clause}"


def term_of(phrase: str) -> str:
    """A phrase of plain words as it is written in a query."""
    found = words(phrase)
    plain = len(found) == 1 and phrase.isalnum() and phrase not in _OPERATORS
    return phrase if plain else f'"{phrase}"'


def sets_in(text: str) -> Mapping[str, Group]:
    """The exclusion sets that a text holds, by their id."""
    return {group.id: group for group in _groups(text)}


def switched(text: str, exclusion: ExclusionSet, *, on: bool) -> str:
    """The text with a set in it, as it is today, or without it.

    Raises:
        QueryError: the text cannot be read.
    """
    group = sets_in(text).get(exclusion.id)
    if group is not None:
        text = f"{text[: group.start].rstrip()} {text[group.end :].lstrip()}".strip()
    return excluding(text, exclusion.clause) if on else text


def shortened(text: str) -> str:
    """The text with the name of a set in place of its words, for people."""
    for group in sorted(_groups(text), key=lambda one: -one.start):
        name = exclusion_sets()[group.id]
        text = f"{text[: group.start]}NOT [{name.name} ({name.lang}){'' if group.exact else ' *'}]{text[group.end :]}"
    return text


def _in_parentheses(text: str) -> bool:
    """Whether a readable text is one group: what opens first closes last."""
    depth = 0
    for match in _SIGN.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0 and match[0] == ")":
            return text[0] == "(" and match.end() == len(text)
    return False


def _groups(text: str) -> Iterator[Group]:
    for match in _GROUP.finditer(text):
        held = {" ".join(words(term)) for term in _TERM.findall(match["inside"]) if term not in _OPERATORS}
        best, share = "", 0.0
        for one in exclusion_sets().values():
            terms = _terms(one)
            common = len(held & terms) / len(held | terms) if held else 0.0
            if common > share:
                best, share = one.id, common
        if share >= ALIKE:
            yield Group(match.start(), match.end(), best, exact=share == 1.0)


def _terms(one: ExclusionSet) -> set[str]:
    return {" ".join(words(term)) for term in one.terms}
