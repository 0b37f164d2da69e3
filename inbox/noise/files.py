"""Noise rules as a CSV file: authors, sites, words and patterns out, and in again.

Columns: kind, value, platform, brand, source, why. A file of one column without a heading is a list of sites.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from inbox.desk import Desk
from inbox.errors import BadInput, InboxError
from inbox.noise import keeping
from inbox.noise.index import Kind
from inbox.noise.keeping import value_of
from inbox.noise.views import Imported, NoiseDraft
from inbox.sentences import Sentence
from inbox.spreadsheets import guarded, unguarded
from inbox.stretches import stretches
from inbox.views import CurrentUser
from store import noise

COLUMNS = ("kind", "value", "platform", "brand", "source", "why")
MOST_LINES = 20_000
MOST_BYTES = 5_000_000
_PER_TRANSACTION = 400
_REFUSALS_TOLD = 50
_LISTED = frozenset({Kind.AUTHOR, Kind.SITE, Kind.WORD, Kind.PATTERN})


def exported(desk: Desk) -> str:
    """All noise rules about authors, sites, words and patterns that did not end, as CSV (RFC 4180)."""
    with desk.store.read() as conn:
        rows = noise.standing_rules(conn)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        if row.kind in _LISTED and row.value:
            said = row.value if row.kind != Kind.PATTERN else row.shown
            cells = (row.kind, said, row.platform or "", row.brand_id or "", row.source_id or "", row.why)
            writer.writerow([guarded(cell) for cell in cells])
    return out.getvalue()


def imported(desk: Desk, user: CurrentUser, data: bytes) -> Imported:
    """Make a rule of every line of a file, switched on; what stands already is left as it is.

    Raises:
        BadInput: no CSV in UTF-8, too large, or without the columns kind and value.
    """
    drafts: list[tuple[NoiseDraft, str]] = []
    refused: list[tuple[int, str]] = []
    for number, cells in _lines(data):
        try:
            drafts.append(_draft(cells))
        except InboxError as problem:
            refused.append((number, str(problem)))
    made = 0
    for some in stretches(drafts, _PER_TRANSACTION):
        with desk.store.write() as conn:
            made += keeping.make_all(desk, conn, user, some, origin="list")
    return Imported(made, len(drafts) - made, tuple(refused[:_REFUSALS_TOLD]))


def _draft(cells: dict[str, str]) -> tuple[NoiseDraft, str]:
    """The rule of a line, and what it looks up. Raises: BadInput, BadSearch."""
    kind = cells.get("kind", "").strip().lower()
    if kind not in _LISTED:
        raise BadInput(
            Sentence(
                "“{kind}” is not a kind of rule; choose one of: {options}.", kind=kind, options=tuple(sorted(_LISTED))
            )
        )
    draft = NoiseDraft(
        Kind(kind),
        cells.get("value", ""),
        platform=cells.get("platform", "").strip() or None,
        brand_id=cells.get("brand", "").strip() or None,
        source_id=cells.get("source", "").strip() or None,
        why=cells.get("why", ""),
    )
    return draft, value_of(draft.kind, draft.text)


def _lines(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(data) > MOST_BYTES:
        raise BadInput(Sentence("A list has at most {most} bytes; split it.", most=MOST_BYTES), noise="file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(Sentence("The file is not text in UTF-8; save it as CSV UTF-8."), noise="file") from error
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise BadInput(Sentence("The file cannot be read as CSV."), noise="file") from error
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]
    if len(filled) > MOST_LINES:
        raise BadInput(Sentence("A list has at most {most} lines; split it.", most=MOST_LINES), noise="file")
    if not filled:
        return
    heading = [cell.strip().lower() for cell in filled[0][1]]
    if "value" in heading and "kind" in heading:
        for number, row in filled[1:]:
            yield number, {name: unguarded(cell) for name, cell in zip(heading, row, strict=False)}
    elif all(len(row) == 1 for _number, row in filled):
        for number, row in filled:
            yield number, {"kind": Kind.SITE.value, "value": unguarded(row[0])}
    else:
        raise BadInput(Sentence("The first line must name the columns: {columns}.", columns=COLUMNS), noise="file")


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","
