"""Whether a message fits the conditions of a rule, and why. Pure: values in, values out, no clock and no store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from inbox.rules.language import (
    UNKNOWN,
    Age,
    Condition,
    Conditions,
    Contains,
    Followers,
    Is,
    Listed,
    OneOf,
    Rating,
    Said,
    Text,
    Written,
)
from understanding import query
from understanding.match import Document, spans
from understanding.match import matches as fits

_NEARLY = 1e-9
_WORDS_SHOWN = 3
_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What rules know of one message of a customer. Nothing in it depends on what was done with it.

    Attributes:
        sentiment: None when it was not scored.
        rating: 0-1.
        badges: vip, journalist, employee, staff, bot.
        first_contact: the author had not written in another conversation before.
        open_hours: said within the opening hours of the team.
        age_s: seconds between being said and being found.
    """

    mention_id: int
    at: datetime
    source: str = ""
    platform: str = ""
    kind: str = "post"
    language: str = "und"
    visibility: str = "public"
    sentiment: str | None = None
    rating: float | None = None
    brands: frozenset[str] = frozenset()
    title: str = ""
    text: str = ""
    url: str = ""
    author: str = ""
    handle: str = ""
    badges: frozenset[str] = frozenset()
    followers: int | None = None
    first_contact: bool = False
    has_link: bool = False
    open_hours: bool = True
    age_s: float = 0.0
    document: Document


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a condition held: which fact, and what was found there (as kept, or a verbatim stretch of the text)."""

    fact: str
    found: str = ""


@lru_cache(maxsize=8192)
def readable(text: str) -> query.Node | None:
    """A query ready for matching, or None when it cannot be read. Read once per text and process."""
    try:
        return query.parse_query(text, query.Place.RULE)
    except query.QueryError:
        return None


def matches(conditions: Conditions, facts: Facts) -> bool:
    """Whether a message fits. Without any condition, nothing does."""
    if not conditions.all_of and not conditions.any_of:
        return False
    return all(holds(one, facts) for one in conditions.all_of) and (
        not conditions.any_of or any(holds(one, facts) for one in conditions.any_of)
    )


def reasons(conditions: Conditions, facts: Facts) -> tuple[Reason, ...]:
    """Why a message fits: every condition that holds, in the order of the rule."""
    return tuple(_reason(one, facts) for one in conditions.everything if holds(one, facts))


def holds(condition: Condition, facts: Facts) -> bool:  # noqa: PLR0911 - one line per kind of condition
    """Whether one condition holds."""
    match condition:
        case OneOf():
            return _among(condition, facts) is not condition.negated
        case Rating(at_least=low, at_most=high):
            return _within(facts.rating, low, high)
        case Text():
            node = readable(condition.query)
            return node is not None and fits(node, facts.document)
        case Followers():
            return facts.followers is not None and facts.followers >= condition.at_least
        case Is():
            return _said(condition.what, facts) is condition.yes
        case Age(at_least_h=low, at_most_h=high):
            return _within(facts.age_s / 3600, low, high)
        case Contains():
            return (condition.text.casefold() in _written(condition.field, facts).casefold()) is not condition.negated


def _among(condition: OneOf, facts: Facts) -> bool:
    wanted = condition.values
    if condition.field is Listed.HANDLE:
        return bool(facts.handle) and _bare(facts.handle) in {_bare(one) for one in wanted}
    return not _values(condition.field, facts).isdisjoint(wanted)


def _values(field: Listed, facts: Facts) -> frozenset[str]:
    if field is Listed.BRAND:
        return facts.brands
    if field is Listed.BADGE:
        return facts.badges
    value: str = getattr(facts, field.value) or ""
    if field is Listed.HANDLE:
        value = _bare(value)
    elif field is Listed.SENTIMENT or (field is Listed.LANGUAGE and value in {"", "und"}):
        value = value if value not in {"", "und"} else UNKNOWN
    return frozenset({value}) if value else frozenset()


def _bare(handle: str) -> str:
    return handle.strip().lstrip("@").casefold()


def _within(value: float | None, low: float | None, high: float | None) -> bool:
    if value is None:
        return False
    return (low is None or value >= low - _NEARLY) and (high is None or value <= high + _NEARLY)


def _said(what: Said, facts: Facts) -> bool:
    return {
        Said.FIRST_CONTACT: facts.first_contact,
        Said.HAS_LINK: facts.has_link,
        Said.OPEN_HOURS: facts.open_hours,
    }[what]


def _written(field: Written, facts: Facts) -> str:
    return {Written.TITLE: facts.title, Written.URL: facts.url, Written.AUTHOR: facts.author}[field]


def _reason(condition: Condition, facts: Facts) -> Reason:  # noqa: PLR0911 - one line per kind of condition
    match condition:
        case OneOf():
            found = _values(condition.field, facts)
            met = found if condition.negated else found.intersection(condition.values)
            if condition.field is Listed.HANDLE:
                met = frozenset({facts.handle})
            return Reason(condition.field.value, ", ".join(sorted(met)))
        case Rating():
            return Reason("rating", f"{facts.rating:g}")
        case Text():
            return Reason("text", _words_found(condition.query, facts))
        case Followers():
            return Reason("followers", str(facts.followers))
        case Is():
            return Reason(condition.what.value, "yes" if condition.yes else "no")
        case Age():
            return Reason("age", f"{facts.age_s / 3600:.1f}")
        case Contains():
            return Reason(condition.field.value, "" if condition.negated else condition.text[:_SHOWN])


def _words_found(text: str, facts: Facts) -> str:
    node = readable(text)
    if node is None:
        return ""
    said = " … ".join(part for part in (facts.title, facts.text[:20_000]) if part)
    found = dict.fromkeys(said[start:end] for start, end in spans([node], said))
    return ", ".join(list(found)[:_WORDS_SHOWN])[:_SHOWN]
