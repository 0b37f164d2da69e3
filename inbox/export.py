"""Mentions out, as JSON lines or CSV, streamed in constant memory. The columns stand in docs/export.md.

The same filter over the same data gives the same bytes: rows come in the order of their ids, up to the highest id at
the start (or `Form.up_to`), and nothing in the file tells when it was made.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from inbox import people_log, searching
from inbox.desk import Desk
from inbox.errors import BadInput, BadSearch
from inbox.views import CurrentUser, Filters
from store.export_rows import ExportFilter, ExportRow, export_mentions, snapshot
from store.search_nodes import SearchTooLargeError, settle

# When something was last seen unchanged is bookkeeping, and would make every export differ from the one before.
COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(ExportRow) if field.name != "last_seen_at")
_CHUNK = 64 * 1024
# A cell that starts so is run as a formula by spreadsheets (OWASP, CSV injection); full-width forms too in some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LIST_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Form:
    """How the file is written.

    Attributes:
        kind: `jsonl` or `csv` (RFC 4180, CRLF).
        bom: start a CSV with a byte order mark, so that Excel reads it as UTF-8.
        delimiter: of a CSV; `;` is what a Dutch Excel opens with a double click.
        up_to: highest mention id; None takes the highest there is now.
    """

    kind: Literal["jsonl", "csv"] = "jsonl"
    bom: bool = False
    delimiter: Literal[",", ";"] = ","
    up_to: int | None = None


PLAIN = Form()


class Stream(Iterator[bytes]):
    """The file in pieces. `rows` counts mentions written so far, all of them at the end."""

    def __init__(self, found: Iterator[ExportRow], form: Form) -> None:
        self.rows = 0
        self._pieces = self._csv(found, form) if form.kind == "csv" else self._jsonl(found)

    def __next__(self) -> bytes:
        """The next piece, about 64 KiB."""
        return next(self._pieces)

    def _jsonl(self, found: Iterator[ExportRow]) -> Iterator[bytes]:
        piece = bytearray()
        for row in found:
            piece += orjson.dumps(
                {name: getattr(row, name) for name in COLUMNS}, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
            )
            self.rows += 1
            if len(piece) >= _CHUNK:
                yield bytes(piece)
                piece.clear()
        if piece:
            yield bytes(piece)

    def _csv(self, found: Iterator[ExportRow], form: Form) -> Iterator[bytes]:
        piece = io.StringIO(newline="")
        write: Callable[[list[str]], Any] = csv.writer(piece, delimiter=form.delimiter, lineterminator="\r\n").writerow
        if form.bom:
            piece.write("\ufeff")
        write(list(COLUMNS))
        for row in found:
            write([cell(getattr(row, name)) for name in COLUMNS])
            self.rows += 1
            if piece.tell() >= _CHUNK:
                yield piece.getvalue().encode()
                piece.seek(0)
                piece.truncate()
        yield piece.getvalue().encode()


def mentions(desk: Desk, filters: Filters, form: Form = PLAIN, *, actor: CurrentUser | None = None) -> Stream:
    """Start an export; leaves a line in the record of people when somebody signed in does it.

    Raises:
        BadSearch: the search cannot be read.
        BadInput: an unknown kind of file or delimiter.
    """
    if form.kind not in {"jsonl", "csv"} or form.delimiter not in {",", ";"}:
        text = "Mentions are exported as jsonl or csv, with , or ; between the cells."
        raise BadInput(text)
    wanted = filter_of(filters)
    with desk.store.read() as conn:
        up_to = snapshot(conn) if form.up_to is None else form.up_to
    if actor is not None:
        with desk.store.write() as conn:
            people_log.record(
                desk, conn, "exported", actor.id, actor_id=actor.id, kind=form.kind, search=filters.search, up_to=up_to
            )
    return Stream(export_mentions(desk.store, wanted, up_to=up_to), form)


def filter_of(filters: Filters) -> ExportFilter:
    """The store's filter.

    Raises:
        BadSearch: the search cannot be read, or is too large to run.
    """
    parsed = searching.parse(filters.search)
    node = None if parsed is None else searching.node_of(parsed)
    try:
        # Asked here, so that the refusal comes before the first byte and not in the middle of a file.
        if node is not None:
            settle(node)
    except SearchTooLargeError as error:
        raise BadSearch(str(error), 0) from error
    return ExportFilter(
        since=filters.since,
        until=filters.until,
        source_ids=filters.source_ids,
        langs=filters.langs,
        kinds=filters.kinds,
        sentiments=filters.sentiments,
        brand_ids=filters.brand_ids,
        statuses=filters.statuses,
        priorities=filters.priorities,
        whys=filters.whys,
        team_id=filters.team_id,
        assignee_id=filters.assignee_id,
        tags=filters.tags,
        text=node,
    )


def cell(value: Any) -> str:
    """A value as a CSV cell: instants in ISO 8601 with Z, lists joined by |, texts that would run as formulas quoted.

    A text that starts like a formula gets an apostrophe before it; numbers are never touched.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple):
        value = _LIST_SEPARATOR.join(str(part) for part in value)
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return repr(value) if isinstance(value, float) else str(value)
