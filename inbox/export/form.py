"""How a file is written, and what is told of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Literal, get_args

from inbox.errors import BadInput
from inbox.sentences import Sentence
from store.export_shape import Column, Snapshot

Format = Literal["jsonl", "csv", "xlsx", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
PII_MASKED = "pii_masked"
"""Flag of a row in which personal data was replaced by its kind."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the file is written.

    Attributes:
        format: `jsonl`, `csv` (RFC 4180), `xlsx` or `parquet`.
        excel: a CSV that a Dutch Excel opens with a double click: byte order mark, `;`, instants it knows.
        decimal_comma: `0,5` in a CSV; only beside `;`.
        pseudonymise: pseudonyms for people and posts, see `inbox.export.veiling`; masks too.
        mask: replace personal data in titles and texts by its kind; such a row has the flag `pii_masked`.
    """

    format: Format = "jsonl"
    excel: bool = False
    decimal_comma: bool = False
    pseudonymise: bool = False
    mask: bool = False


PLAIN = Form()


def checked(form: Form) -> Form:
    """The form, when a file can be written so.

    Raises:
        BadInput: an unknown kind of file, or a decimal comma where commas stand between the cells.
    """
    if form.format not in FORMATS:
        raise BadInput(Sentence("Files are written as jsonl, csv, xlsx or parquet."))
    if (form.excel or form.decimal_comma) and form.format != "csv":
        raise BadInput(Sentence("Only a CSV is written in a form for Excel; an XLSX is in one already."))
    if form.decimal_comma and not form.excel:
        raise BadInput(Sentence("A decimal comma needs the form for Excel, which has ; between the cells."))
    return form


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a platform's terms do not let out of a source.

    Attributes:
        source_id, name: the source.
        left_out: rows that stay out; where a search narrows the export, those it would not find are counted too.
        ids_only: rows without their content, because a day's number was reached.
        per_day: that number: most mentions in full for one person on one UTC day; None: none at all.
        basis: where that stands, in a sentence of the connector's.
    """

    source_id: str
    name: str
    left_out: int
    ids_only: int
    per_day: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file holds, so that it can be checked and made again.

    Attributes:
        table: which table.
        form: how it was written.
        rows: how many.
        size: bytes.
        sha256: of the file, in hexadecimal digits.
        withheld: what platforms did not let out.
        masked: rows in which personal data was replaced.
        cut: texts that were too long for a cell, in an XLSX.
        snapshot: the highest ids it was bounded by.
        columns: as they stand in the file.
        filter: what narrowed it, only what was asked.
        version: of Klankbord.
    """

    table: str
    form: Form
    rows: int
    size: int
    sha256: str
    withheld: tuple[Withheld, ...]
    masked: int
    cut: int
    snapshot: Snapshot
    columns: tuple[Column, ...]
    filter: Mapping[str, Any]
    version: str = version("klankbord")

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; the columns by name alone."""
        told = asdict(self)
        told["columns"] = [column.name for column in self.columns]
        return told
