"""Promises in an answer of ours, in Dutch and English: what was promised, and when it is due. Pure.

A promise is a commitment of ours ("we komen er op terug", "you will hear from us") with a moment in the same clause.
Precision comes first, because a wrong suggestion costs a click and teaches people to click it away: questions,
conditions ("als u het nummer stuurt"), attempts ("we proberen"), habits ("normaal gesproken"), negations, quotations
and what somebody else does are no promises. A suggestion is confirmed by whoever wrote it, so what is missed is made
by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from understanding.commitments import GRAMMARS, Grammar
from understanding.moments import Days, Moment, find_moments

LONGEST = 20_000
"""Only so many code points are read; no answer is longer."""

_LONGEST_CLAUSE = 600
_MOST_MOMENTS = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A promise: the stretch [start, end) that promises, in code points, and when it is due (local, aware)."""

    start: int
    end: int
    due_at: datetime


_SENTENCE = re.compile(r"(?<!\.[a-z])(?<!\b[a-z])[.!…]+(?=\s|$)|\?+|\n+")
_QUOTED = re.compile(r"^\s*>.*$|“[^”]*”|„[^”“]*[”“]|\"[^\"\n]*\"|«[^»]*»", re.MULTILINE)
_STRAIGHT = {0x2019: "'", 0x2018: "'", ord("`"): "'"}
_FILLER = re.compile(r"[a-zé']+")


def find_promises(text: str, *, now: datetime, days: Days) -> tuple[Found, ...]:
    """The promises of an answer, in the order of the text.

    Args:
        text: what was said, plain.
        now: when it was said; aware, in the time zone of whoever said it.
        days: their calendar, see `understanding.moments.Days`.
    """
    plain = _plain(text[:LONGEST])
    found: list[Found] = []
    for lang, grammar in GRAMMARS:
        moments = find_moments(plain, lang, now=now, days=days)[:_MOST_MOMENTS]
        if moments:
            for start, end in _sentences(plain, moments):
                found += _of_sentence(plain, start, end, grammar, moments)
    found.sort(key=lambda one: one.start)
    apart: list[Found] = []
    for one in found:
        if not apart or one.start >= apart[-1].end:
            apart.append(one)
    return tuple(apart)


def _plain(text: str) -> str:
    """Lower case with straight apostrophes and without quotations, exactly as long as the text."""
    lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    straight = lowered.translate(_STRAIGHT)
    return _QUOTED.sub(lambda match: " " * len(match[0]), straight)


def _sentences(text: str, moments: Sequence[Moment]) -> Iterator[tuple[int, int]]:
    """Stretches of sentences that hold a moment and ask nothing."""
    start = 0
    for match in (*_SENTENCE.finditer(text), None):
        end = len(text) if match is None else match.start()
        if match is not None and any(one.start < match.start() < one.end for one in moments):
            continue
        asks = match is not None and match[0].startswith("?")
        if not asks and any(start <= one.start < end for one in moments):
            yield start, end
        start = end if match is None else match.end()


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause [start, end), what it begins with (a conjunction or punctuation), and its moments."""

    start: int
    end: int
    joined: str
    moments: tuple[Moment, ...]


def _of_sentence(text: str, start: int, end: int, grammar: Grammar, moments: Sequence[Moment]) -> Iterator[Found]:
    clauses = _clauses(text, start, end, grammar, moments)
    for index, clause in enumerate(clauses):
        if clause.end - clause.start > _LONGEST_CLAUSE:
            continue
        words = _masked(text, clause)
        if not _commits(text, clauses, index, words, grammar) or grammar.unsure.search(words):
            continue
        if grammar.condition.search(text[start : clause.start]) or grammar.condition_after.search(
            text[clause.end - 1 : end]
        ):
            continue
        if grammar.condition.search(words):
            continue
        near = clause.moments or _beside(text, clauses, index)
        if not near:
            continue
        due = near[0]
        first, last = min(clause.start, due.start), max(clause.end, due.end)
        span = text[first:last]
        lead, tail = len(span) - len(span.lstrip(" ,;:-()")), len(span) - len(span.rstrip(" ,;:-("))
        yield Found(first + lead, last - tail, due.due_at)


def _clauses(text: str, start: int, end: int, grammar: Grammar, moments: Sequence[Moment]) -> list[_Clause]:
    here = [one for one in moments if start <= one.start < end]
    found: list[_Clause] = []
    begin, joined = start, ""
    for match in (*grammar.split.finditer(text, start, end), None):
        stop = end if match is None else match.start()
        if match is not None and any(one.start <= match.start() < one.end for one in here):
            continue
        found.append(_Clause(begin, stop, joined, tuple(one for one in here if begin <= one.start < stop)))
        if match is not None:
            begin, joined = match.end(), match[0].strip()
    return found


def _masked(text: str, clause: _Clause) -> str:
    """The clause without its moments, so that what commits stands together."""
    words = text[clause.start : clause.end]
    for one in reversed(clause.moments):
        words = words[: one.start - clause.start] + " " + words[one.end - clause.start :]
    return re.sub(r"\s+", " ", words)


def _commits(text: str, clauses: Sequence[_Clause], index: int, words: str, grammar: Grammar) -> bool:
    clause = clauses[index]
    before = text[clauses[0].start : clause.start]
    if grammar.subordinate.fullmatch(clause.joined) and before.strip() != clause.joined:
        if grammar.inverted.search(words) and clause.joined != "of":
            return True
        return bool(grammar.promised_that.search(before) and grammar.committed_in_that.search(words))
    if grammar.commits.search(words) or grammar.inverted.search(words):
        return True
    if clause.joined not in {"en", "and", "dus", "so", "but", "maar", ""}:
        return False
    previous = _masked(text, clauses[index - 1]) if index else ""
    return bool(
        clause.joined in {"en", "and"} and grammar.speaker.search(previous) and grammar.carried_on.search(words)
    )


def _beside(text: str, clauses: Sequence[_Clause], index: int) -> tuple[Moment, ...]:
    """The moments of a neighbour that says nothing but when."""
    for other in (index + 1, index - 1):
        if 0 <= other < len(clauses) and clauses[other].moments:
            rest = _masked(text, clauses[other])
            if len(_FILLER.findall(rest)) <= 2:
                return clauses[other].moments
    return ()
