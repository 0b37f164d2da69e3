"""Labelled texts as lines of JSON, one object a line.

    {"text": "Waar blijft mijn pakket?", "lang": "nl"}                     language
    {"text": "Top geholpen!", "label": 1, "lang": "nl"}                    sentiment: -1, 0 or 1; lang may be left out
    {"text": "RT: de app klapt eruit", "group": "a"}                       duplicates: same group, same message
    {"text": "Acme is jarig", "query": "acme NOT gym", "match": true}      query

Further keys are ignored. A line that does not fit is told, and stops none of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

Line = TypeVar("Line")


class UnfitLineError(ValueError):
    """A line that does not hold what it should; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A line that was left out: its number in the file, from 1, and why."""

    number: int
    problem: str


@dataclass(frozen=True, slots=True)
class LanguageLine:
    """A text and the language it is in (ISO 639-1)."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class SentimentLine:
    """A text, its label (-1, 0, 1) and its language, "" where it is not told."""

    text: str
    label: int
    lang: str


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A text and the group of texts that say the same."""

    text: str
    group: str


@dataclass(frozen=True, slots=True)
class QueryLine:
    """A text, a query, and whether the query should find it."""

    text: str
    query: str
    match: bool


def language_line(said: dict[str, Any]) -> LanguageLine:
    """Read a line of a language set."""
    return LanguageLine(_text(said, "text"), _text(said, "lang").split("-")[0].lower())


def sentiment_line(said: dict[str, Any]) -> SentimentLine:
    """Read a line of a sentiment set."""
    label = said.get("label")
    if isinstance(label, bool) or label not in (-1, 0, 1):
        msg = '"label" must be -1, 0 or 1'
        raise UnfitLineError(msg)
    lang = _text(said, "lang") if said.get("lang") is not None else ""
    return SentimentLine(_text(said, "text"), int(label), lang.split("-")[0].lower())


def group_line(said: dict[str, Any]) -> GroupLine:
    """Read a line of a set of duplicates; a group may be a text or a number."""
    group = said.get("group")
    if isinstance(group, bool) or not isinstance(group, str | int):
        msg = '"group" must be a text or a number'
        raise UnfitLineError(msg)
    return GroupLine(_text(said, "text"), str(group))


def query_line(said: dict[str, Any]) -> QueryLine:
    """Read a line of a query set."""
    if not isinstance(said.get("match"), bool):
        msg = '"match" must be true or false'
        raise UnfitLineError(msg)
    return QueryLine(_text(said, "text"), _text(said, "query"), said["match"])


def read_lines(lines: Iterable[bytes], read: Callable[[dict[str, Any]], Line]) -> tuple[list[Line], list[Unfit]]:
    """Read every line that fits; empty ones are skipped, the others are told."""
    fit: list[Line] = []
    unfit: list[Unfit] = []
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            said = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw)
            if not isinstance(said, dict):
                msg = "it is no object in braces"
                raise UnfitLineError(msg)
            fit.append(read(said))
        except UnfitLineError as error:
            unfit.append(Unfit(number, str(error)))
        except orjson.JSONDecodeError as error:
            unfit.append(Unfit(number, f"it is no JSON: {error}"))
    return fit, unfit


def _text(said: dict[str, Any], key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str):
        msg = f'"{key}" must be a text'
        raise UnfitLineError(msg)
    return value
