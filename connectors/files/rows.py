"""From a row to an item."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from connectors.dates import local_to_utc, plausible, read_date
from connectors.files.fields import Field, field_of, scale_of
from connectors.files.options import FilesOptions
from connectors.files.values import CellError, count_of, figure_of, flag_of, is_nothing, rating_of, text_of
from connectors.items import Author, Capabilities, Counts, Item, Json, Kind, Visibility

WHY_NOT = "This came from a file; answer where it was written."
_KINDS = {
    "bericht": Kind.POST,
    "reactie": Kind.COMMENT,
    "recensie": Kind.REVIEW,
    "beoordeling": Kind.REVIEW,
    "artikel": Kind.ARTICLE,
    "nieuws": Kind.ARTICLE,
    "onderwerp": Kind.TOPIC,
    "antwoord": Kind.ANSWER,
    "mail": Kind.MESSAGE,
    "e-mail": Kind.MESSAGE,
    "email": Kind.MESSAGE,
    **{kind.value: kind for kind in Kind},
}
_VISIBLE = {
    "openbaar": Visibility.PUBLIC,
    "verborgen": Visibility.UNLISTED,
    "privé": Visibility.PRIVATE,
    "prive": Visibility.PRIVATE,
    **{each.value: each for each in Visibility},
}
T = TypeVar("T")
_SERIAL = re.compile(r"^\d{5}(?:[.,]\d+)?$")
_LONGEST_ID = 500


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns fill which field, in the order of the file.

    Attributes:
        by_field: field to its columns.
        scale: what the name of the rating column says of the scale.
    """

    by_field: Mapping[Field, tuple[str, ...]]
    scale: float | None


def match_columns(names: Sequence[str], options: FilesOptions) -> Columns:
    """Decide which column fills which field: as set, else by their names.

    Of several columns whose names mean the same, the first counts, except that text and tags are joined
    when they were set to be.
    """
    found: dict[Field, list[str]] = {}
    for name in names:
        if options.columns:
            wanted = {key.strip(): value for key, value in options.columns.items()}.get(name.strip())
        else:
            wanted = field_of(name)
            if wanted in found:
                continue
        if wanted is not None:
            found.setdefault(wanted, []).append(name)
    rating = found.get(Field.RATING, [None])[0]
    return Columns({field: tuple(each) for field, each in found.items()}, scale_of(rating) if rating else None)


class RowReader:
    """Reads rows of one file. Does not touch the file itself.

    Args:
        options: of the source.
        namespace: what ids are unique within.
        received_at: aware UTC; a date later than a day after it is refused.
    """

    def __init__(self, options: FilesOptions, namespace: str, received_at: datetime) -> None:
        self._options = options
        self._namespace = namespace
        self._received_at = received_at
        self._zone = ZoneInfo(options.timezone)
        self._last: tuple[tuple[str, ...], Columns] | None = None

    def item(self, number: int, cells: Mapping[str, Json], file: str) -> Item:
        """Read one row.

        Args:
            number: of the row, for messages.
            cells: column to value.
            file: name of the file.

        Raises:
            CellError: the row cannot be read; the text names the row, the column and what to do.
        """
        columns = self._columns(cells)
        get = _Getter(cells, columns, self._options.constants, number)
        text, html, title = get.joined(Field.TEXT, "\n\n"), get.text(Field.HTML), get.text(Field.TITLE)
        rating, scale, rating_raw = self._rating(get, columns)
        if text is None and html is None and title is None and rating is None:
            msg = f"row {number} has no text, title or rating; check which column holds the text"
            raise CellError(msg)
        published, edited = self._date(get, Field.PUBLISHED_AT), self._date(get, Field.EDITED_AT)
        channel = get.text(Field.CHANNEL)
        author = self._author(get)
        url, extra = _address(get.text(Field.URL)), self._extra(cells, columns, number, file, channel)
        if rating_raw is not None:
            extra["rating_raw"] = rating_raw
        if url is None and get.text(Field.URL):
            extra["url_raw"] = get.text(Field.URL)
        parent = get.text(Field.PARENT_EXTERNAL_ID)
        return Item(
            external_id=_identity(get, channel, published, author, text or html or title),
            kind=self._kind(get, rated=rating is not None, answers=parent is not None),
            namespace=self._namespace,
            text=text,
            html=html if text is None else None,
            title=title,
            author=author,
            url=url,
            lang_hint=get.text(Field.LANG),
            published_at=published,
            edited_at=edited,
            parent_external_id=parent,
            thread_external_id=get.text(Field.THREAD_EXTERNAL_ID) or parent,
            rating=rating,
            rating_scale=scale,
            counts=Counts(
                *(self._count(get, each) for each in (Field.LIKES, Field.REPLIES, Field.SHARES, Field.VIEWS))
            ),
            visibility=get.choice(Field.VISIBILITY, _VISIBLE) or Visibility.PUBLIC,
            is_own=get.checked(Field.OWN, flag_of) or False,
            capabilities=Capabilities(why_not_reply=WHY_NOT, deep_link=url),
            tags=_tags(get.joined(Field.TAGS, ","), channel),
            extra=extra,
            raw=self.payload(number, cells, file),
        )

    def payload(self, number: int, cells: Mapping[str, Json], file: str) -> dict[str, Json]:
        """The row as it is kept, enough to read it again."""
        return {
            "file": file,
            "row": number,
            "namespace": self._namespace,
            "received_at": self._received_at.isoformat(),
            "cells": dict(cells),
        }

    def _columns(self, cells: Mapping[str, Json]) -> Columns:
        names = tuple(cells)
        if self._last is None or self._last[0] != names:  # all rows of a table have the same columns
            self._last = (names, match_columns(names, self._options))
        return self._last[1]

    def _date(self, get: _Getter, field: Field) -> datetime | None:
        cell, column = get.cell(field)
        if is_nothing(cell):
            return None
        text = text_of(cell) or ""
        if _SERIAL.match(text):
            instant: datetime | None = self._from_serial(float(text.replace(",", ".")))
        else:
            instant = read_date(text, self._zone, month_first=self._options.dates == "month_first")
        if instant is None:
            msg = f"row {get.number}, column {column!r}: {text[:60]!r} is no date; write 2026-11-22 10:00"
            raise CellError(msg)
        if plausible(instant, self._received_at) is None:
            msg = (
                f"row {get.number}, column {column!r}: {text[:60]!r} lies in the future or before 1995; check the year"
            )
            raise CellError(msg)
        return instant

    def _from_serial(self, days: float) -> datetime:
        """Excel's day number; its 1900 calendar counts a 29 February 1900 that never was, hence 30 December."""
        start = datetime(1899, 12, 30) if self._options.excel_epoch == 1900 else datetime(1904, 1, 1)  # noqa: DTZ001
        return local_to_utc(start + timedelta(seconds=round(days * 86_400)), self._zone)

    def _rating(self, get: _Getter, columns: Columns) -> tuple[float | None, float | None, str | None]:
        comma = self._options.decimal_comma
        rating = get.checked(Field.RATING, lambda cell: rating_of(cell, decimal_comma=comma))
        if rating is None:
            return None, None, None
        scale = (
            rating.scale or get.checked(Field.SCALE, lambda cell: figure_of(cell, decimal_comma=comma)) or columns.scale
        )
        if scale is None:  # four of what? kept, not guessed
            return None, None, get.text(Field.RATING)
        if not 0 <= rating.value <= scale:
            column = get.cell(Field.RATING)[1]
            msg = f"row {get.number}, column {column!r}: {rating.value:g} lies outside 0 to {scale:g}; check the scale"
            raise CellError(msg)
        return rating.value, scale, None

    def _count(self, get: _Getter, field: Field) -> int | None:
        return get.checked(field, lambda cell: count_of(cell, decimal_comma=self._options.decimal_comma))

    def _kind(self, get: _Getter, *, rated: bool, answers: bool) -> Kind:
        named = get.choice(Field.KIND, _KINDS)
        if named is not None:
            return named
        if rated:
            return Kind.REVIEW
        return Kind.COMMENT if answers else Kind.POST

    def _author(self, get: _Getter) -> Author | None:
        name, own_id = get.text(Field.AUTHOR), get.text(Field.AUTHOR_ID)
        if name is None and own_id is None:
            return None
        stable = own_id or f"{self._namespace}|{name}"
        followers = self._count(get, Field.FOLLOWERS)
        return Author(stable[:_LONGEST_ID], None, name, _address(get.text(Field.AUTHOR_URL)), followers)

    def _extra(
        self, cells: Mapping[str, Json], columns: Columns, number: int, file: str, channel: str | None
    ) -> dict[str, Json]:
        used = {name for names in columns.by_field.values() for name in names}
        extra: dict[str, Json] = {"file": file, "row": number}
        if channel:
            extra["channel"] = channel
        rest: dict[str, Json] = {
            name: value for name, value in cells.items() if name not in used and value not in (None, "")
        }
        if rest:
            extra["columns"] = rest
        return extra


class _Getter:
    """Cells of one row by field, with the constants behind them."""

    def __init__(
        self, cells: Mapping[str, Json], columns: Columns, constants: Mapping[Field, str], number: int
    ) -> None:
        self._cells = cells
        self._columns = columns
        self._constants = constants
        self.number = number

    def cell(self, field: Field) -> tuple[Json, str]:
        """The first filled cell of a field, and the name of its column."""
        for name in self._columns.by_field.get(field, ()):
            if self._cells.get(name) not in (None, ""):
                return self._cells[name], name
        return self._constants.get(field), field.value

    def text(self, field: Field) -> str | None:
        """A field as text."""
        return text_of(self.cell(field)[0])

    def joined(self, field: Field, between: str) -> str | None:
        """All filled cells of a field; of several text columns each is headed by its name."""
        names = self._columns.by_field.get(field, ())
        parts = [(name, text_of(self._cells.get(name))) for name in names]
        filled = [(name, part) for name, part in parts if part]
        if not filled:
            return self._constants.get(field)
        if field is Field.TEXT and len(names) > 1:
            return between.join(f"{name}: {part}" for name, part in filled)
        return between.join(part for _, part in filled)

    def checked(self, field: Field, read: Callable[[Json], T | None]) -> T | None:
        """A field read by `read`; a problem names row and column."""
        cell, column = self.cell(field)
        try:
            return read(cell)
        except CellError as problem:
            msg = f"row {self.number}, column {column!r}: {problem}"
            raise CellError(msg) from problem

    def choice(self, field: Field, known: Mapping[str, T]) -> T | None:
        """A field that holds one of a few words."""
        cell, column = self.cell(field)
        word = (text_of(cell) or "").lower()
        if not word:
            return None
        if word not in known:
            msg = f"row {self.number}, column {column!r}: {word[:60]!r} is none of {', '.join(known)}"
            raise CellError(msg)
        return known[word]


def _identity(
    get: _Getter, channel: str | None, published: datetime | None, author: Author | None, said: str | None
) -> str:
    """The row's own id, else a hash of who said what, where and when, so that a second import adds nothing."""
    own = get.text(Field.EXTERNAL_ID)
    if own is not None:
        return own if len(own) <= _LONGEST_ID else "sha256:" + hashlib.sha256(own.encode()).hexdigest()
    written = published.astimezone(UTC).isoformat() if published else ""
    rating = get.text(Field.RATING) if said is None else ""
    parts = [channel or "", written, author.external_id if author else "", " ".join((said or "").split()), rating or ""]
    return "sha256:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _address(text: str | None) -> str | None:
    if text is None or any(ord(char) < 33 for char in text):
        return None
    try:
        parts = urlsplit(text)
        return text if parts.scheme.lower() in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None


def _tags(joined: str | None, channel: str | None) -> tuple[str, ...]:
    labels = [part.strip().lstrip("#").strip()[:200] for part in re.split(r"[,;|]", joined or "")]
    return tuple(dict.fromkeys(label for label in (channel, *labels) if label))[:50]
