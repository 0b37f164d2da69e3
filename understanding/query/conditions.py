"""Reading one condition on a field: `lang:nl,de`, `author:"Jan de Vries"`, `rating<3`, `after:2026-01-31`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal, cast

from understanding.fold import fold
from understanding.query.errors import QueryError
from understanding.query.fields import ALIASES, FIELDS, FieldKind, Place, Sort
from understanding.query.nodes import Compare, Day, Field, Node, Or

QUOTES = '"“”„‟«»＂'  # noqa: RUF001 - typographic quotes are what people paste
DASHES = "-‐‑‒–—―−﹣－"  # noqa: RUF001 - and dashes too
MOST_SHOWN = 80
"""Code points of what somebody wrote that a message repeats."""
_WHOLE_SHOWN = 200

_HEAD = re.compile(r"(?P<name>[^\W\d_]\w*)(?P<gap>\s*)(?P<sign>:\s?(?:<=|>=|[<>≤≥])|:|<=|>=|[<>≤≥=])")
_VALUE = re.compile(rf"[{QUOTES}](?P<quoted>[^{QUOTES}]*)(?P<ended>[{QUOTES}]?)|(?P<bare>[^\s(),{QUOTES}]+)")
_NUMBER = re.compile(r"\s*(?P<digits>\d{1,15}(?:[.,]\d{1,15})*)(?P<unit>[km]?)(?=[\s(),]|\Z)", re.IGNORECASE)
_UNBROKEN = re.compile(rf"[^\s(){QUOTES}]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
_DASH = re.compile(f"[{DASHES}]")
_SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read, and for which use."""

    text: str
    place: Place

    def instead(self, start: int, end: int, written: str) -> str:
        """The query with another text from `start` to `end`; only that text where the query is long."""
        whole = self.text[:start] + written + self.text[end:]
        return whole if len(whole) <= _WHOLE_SHOWN else written


def condition_at(reading: Reading, at: int) -> tuple[Node, int, int] | None:
    """The condition that starts at a place, where it ends, and how many values it names; None when none does.

    Raises:
        QueryError: something is meant as a condition and cannot be read.
    """
    head = _HEAD.match(reading.text, at)
    if head is None or reading.text.startswith("//", head.end()):
        return None
    kind = FIELDS.get(_named(head["name"]))
    sign = head["sign"].replace("≤", "<=").replace("≥", ">=")
    if head["gap"] and (kind is None or kind.sort is not Sort.NUMBER or sign == ":"):
        return None
    if kind is None:
        _ensure_no_field_is_meant(reading, head, sign)
        return None
    _ensure_known_here(reading, kind, at)
    if kind.sort is Sort.NUMBER:
        return _comparison(reading, kind, sign.lstrip(": ") or ":", at, head.end())
    if sign != ":":
        msg = "“{field}” cannot be compared; write {field}: and the value"
        suggestion = reading.instead(at, head.end(), f"{kind.name}:")
        raise QueryError(msg, position=at, suggestion=suggestion, field=kind.name)
    if kind.sort is Sort.DAY:
        return _day(reading, kind, head.end())
    return _listed(reading, kind, at, head.end())


def _ends(text: str, start: int) -> int:
    """Where what is written without a space ends."""
    found = _UNBROKEN.match(text, start)
    return start if found is None else found.end()


def _named(written: str) -> str:
    name = fold(written)
    return ALIASES.get(name, name)


def _ensure_no_field_is_meant(reading: Reading, head: re.Match[str], sign: str) -> None:
    """Raise for what looks like a condition on a field that there is not; a colon at the end of a word is no such."""
    following = reading.text[head.end() : head.end() + 1]
    listed = sign.startswith(":") and bool(following) and not following.isspace() and following not in "()"
    compared = sign not in {":", "="} and following.isdecimal()
    if len(head["name"]) < _SHORTEST_NAME or not (listed or compared):
        return
    name = fold(head["name"])
    near = get_close_matches(name, [*FIELDS, *ALIASES], n=1, cutoff=0.6)
    written = head["name"][:MOST_SHOWN]
    if near:
        msg = "there is no field “{name}”; you may mean {field}"
        meant = _named(near[0])
        suggestion = reading.instead(head.start("name"), head.end("name"), meant)
        raise QueryError(msg, position=head.start(), suggestion=suggestion, name=written, field=meant)
    end = _ends(reading.text, head.start())
    msg = "there is no field “{name}”; put quotation marks around it to look for these words"
    suggestion = reading.instead(head.start(), end, f'"{reading.text[head.start() : end]}"')
    raise QueryError(msg, position=head.start(), suggestion=suggestion, name=written)


def _ensure_known_here(reading: Reading, kind: FieldKind, at: int) -> None:
    if reading.place in kind.places:
        return
    if reading.place is Place.BRAND:
        msg = "the query of a brand cannot ask for {field}: that is not known when a message comes in"
    elif reading.place is Place.WORDS:
        msg = "only words can be looked for here, not {field}"
    else:
        msg = "a rule cannot ask for {field}; a search can"
    raise QueryError(msg, position=at, field=kind.name)


def _comparison(reading: Reading, kind: FieldKind, sign: str, at: int, start: int) -> tuple[Node, int, int]:
    bounds: list[float] = []
    end = start
    while True:
        # With ":" a comma parts two numbers; after < and > it is a decimal comma.
        found = _NUMBER.match(reading.text, end)
        if found is None:
            msg = "{field} is compared with a number, such as {field}>={example}"
            example = "4" if kind.most < 10 else "9" if kind.most < 100 else "1000"
            suggestion = reading.instead(at, _ends(reading.text, start), f"{kind.name}>={example}")
            raise QueryError(msg, position=end, suggestion=suggestion, field=kind.name, example=example)
        several = sign == ":" and "," in found["digits"]
        digits = found["digits"].split(",")[0] if several else found["digits"]
        unit = "" if several else found["unit"].lower()
        bound = _number(kind, digits) * _UNITS[unit]
        bounds.append(float(bound))
        if bound > kind.most:
            msg = "{field} goes up to {most}"
            raise QueryError(msg, position=end, field=kind.name, most=int(kind.most))
        first, end = found.start("digits"), found.start("digits") + len(digits) + len(unit)
        if kind.whole and bound % 1:
            msg = "{field} is compared with a whole number"
            raise QueryError(
                msg, position=first, suggestion=reading.instead(first, end, str(int(bound))), field=kind.name
            )
        if sign != ":" or reading.text[end : end + 1] != ",":
            break
        end += 1
    if sign != ":":
        kept = cast('Literal["<", "<=", "=", ">=", ">"]', sign)
        return Compare(kind.name, kept, bounds[0]), end, 1
    parts = tuple(Compare(kind.name, "=", bound) for bound in dict.fromkeys(bounds))
    return (parts[0] if len(parts) == 1 else Or(parts)), end, len(parts)


def _number(kind: FieldKind, digits: str) -> Decimal:
    if kind.whole and _THOUSANDS.fullmatch(digits):
        digits = re.sub(r"[.,]", "", digits)
    whole, *rest = re.split(r"[.,]", digits, maxsplit=1)
    return Decimal(f"{whole}.{re.sub('[.,]', '', rest[0])}" if rest else whole)


def _day(reading: Reading, kind: FieldKind, start: int) -> tuple[Node, int, int]:
    end = _ends(reading.text, start)
    written = _DASH.sub("-", reading.text[start:end])
    found = _date(_DAY.fullmatch(written), (1, 2, 3))
    if found is not None:
        return Day(cast('Literal["after", "before"]', kind.name), found), end, 1
    meant = _date(_DAY_FIRST.fullmatch(written), (3, 2, 1))
    if meant is None and (_DAY.fullmatch(written) or _DAY_FIRST.fullmatch(written)):
        msg = "“{value}” is no day that can be looked for"
        raise QueryError(msg, position=start, value=written)
    msg = "write the day of “{field}:” as year-month-day, such as {field}:2026-01-31"
    suggestion = reading.instead(start, end, meant.isoformat()) if meant is not None else ""
    raise QueryError(msg, position=start, suggestion=suggestion, field=kind.name)


def _date(match: re.Match[str] | None, order: tuple[int, int, int]) -> date | None:
    if match is None:
        return None
    try:
        found = date(*(int(match[group]) for group in order))
    except ValueError:
        return None
    # A calendar has no day before its first nor after its last, and a search looks at the days beside the one it names.
    return found if date.min.year < found.year < date.max.year else None


def _listed(reading: Reading, kind: FieldKind, at: int, start: int) -> tuple[Node, int, int]:
    values: dict[str, None] = {}
    end = start
    while True:
        value = _VALUE.match(reading.text, end)
        if value is None:
            raise _missing(reading, kind, at, start, end)
        if value["quoted"] is not None and not value["ended"]:
            msg = 'a quotation mark is opened but never closed; add " where the phrase ends'
            last = len(reading.text)
            raise QueryError(msg, position=end, suggestion=reading.instead(last, last, '"'))
        values[_value(reading, kind, value)] = None
        end = value.end()
        if reading.text[end : end + 1] != ",":
            return Field(kind.name, tuple(values)), end, len(values)
        end += 1


def _missing(reading: Reading, kind: FieldKind, at: int, start: int, end: int) -> QueryError:
    following = re.compile(r"\s+(?=[^\s()])").match(reading.text, end)
    suggestion = reading.instead(end, following.end(), "") if following else ""
    if end > start:
        msg = "a value is missing after the comma"
        return QueryError(msg, position=end, suggestion=suggestion)
    msg = "a value is missing after “{field}:”; write it right behind, without a space"
    return QueryError(msg, position=at, suggestion=suggestion, field=kind.name)


def _value(reading: Reading, kind: FieldKind, match: re.Match[str]) -> str:
    written: str = match["quoted"] if match["quoted"] is not None else match["bare"]
    value = folded_value(kind.name, written)
    starred = value.endswith("*") and kind.sort is Sort.OPEN and kind.pattern is None
    bare = value[:-1] if starred else value
    if "*" in bare and kind.sort is Sort.OPEN:
        msg = "a * may only stand at the end of a value"
        suggestion = reading.instead(match.start(), match.end(), bare.replace("*", ""))
        raise QueryError(msg, position=match.start(), suggestion=suggestion)
    if not bare:
        msg = "a value is missing after “{field}:”; write it right behind, without a space"
        raise QueryError(msg, position=match.start(), field=kind.name)
    value = kind.spelt.get(value, value)
    if kind.values and value not in kind.values:
        near = get_close_matches(value, kind.values, n=1, cutoff=0.5)
        msg = "“{value}” is not a value of {field}; choose from {values}"
        suggestion = reading.instead(match.start(), match.end(), near[0]) if near else ""
        raise QueryError(
            msg,
            position=match.start(),
            suggestion=suggestion,
            value=written[:MOST_SHOWN],
            field=kind.name,
            values=", ".join(kind.values),
        )
    if kind.pattern is not None and not kind.pattern.fullmatch(value):
        msg = "“{value}” is not a language; write its two letters, such as nl or en"
        raise QueryError(msg, position=match.start(), value=written[:MOST_SHOWN])
    return value


def folded_value(name: str, written: str) -> str:
    """A value as it is compared: case and accents folded, single spaces, without `@` or `#`; of a site its host."""
    value = " ".join(fold(written).split()).lstrip("@#").strip()
    if name == "site":
        value = re.sub(r"^https?://", "", value).split("/")[0].removeprefix("www.")
    elif name == "lang":
        value = value.split("-")[0]
    return value
