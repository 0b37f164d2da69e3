"""A table out of the house, as one file of any format, streamed in constant memory.

The same filter over the same data, bounded by the same snapshot, gives the same bytes: rows come in the order of their
keys, and nothing in a file tells when it was made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from inbox.desk import Desk
from inbox.export.asking import Held, filter_of, possible, table_of, told
from inbox.export.form import Form, Manifest, Withheld, checked
from inbox.export.landing import landed
from inbox.export.pieces import Pieces
from inbox.export.veiling import Pseudonyms, Veiled, secret_of
from inbox.export.writers import writer
from inbox.views import Filters
from inbox.writing.guard import forms_of
from store.export_filter import Asked
from store.export_shape import Batch, Column, Snapshot
from store.handing import Recipient

_CHUNK = 64 * 1024


class Stream(Iterator[bytes]):
    """A file in pieces. `rows` counts those written so far, all of them at the end."""

    def __init__(self, desk: Desk, table: str, filters: Filters, form: Form, *, to: Recipient, bound: Snapshot) -> None:
        self.rows = 0
        self._table, self._form, self._bound = table_of(table), checked(form), bound
        self._filters = filters
        possible(filters)
        asked = Asked(filter_of(desk, filters), to, bound)
        with desk.store.read() as conn:
            self._held = Held(conn, self._table, asked)
        self._veiled = _veil(desk, self._table.columns, form)
        self._columns = self._table.columns if self._veiled is None else self._veiled.columns
        self._pieces = Pieces()
        self._writer = writer(table, self._columns, form, self._pieces)
        self._sha256 = hashlib.sha256()
        self._size = 0
        self._made = self._written(self._held.counted(self._table.read(desk.store, asked)))

    def __next__(self) -> bytes:
        """The next piece, 64 KiB or more but for the last one."""
        piece = next(self._made)
        self._sha256.update(piece)
        self._size += len(piece)
        return piece

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """What did not go out so far, by source; complete at the end."""
        return self._held.so_far

    @property
    def manifest(self) -> Manifest:
        """What the file holds; true at the end."""
        return Manifest(
            table=self._table.name,
            form=self._form,
            rows=self.rows,
            size=self._size,
            sha256=self._sha256.hexdigest(),
            withheld=self.withheld,
            masked=0 if self._veiled is None else self._veiled.masked,
            cut=self._writer.cut,
            snapshot=self._bound,
            columns=self._columns,
            filter=told(self._filters),
        )

    def _written(self, batches: Iterator[Batch]) -> Iterator[bytes]:
        for batch in batches:
            self._writer.add(batch if self._veiled is None else self._veiled(batch))
            self.rows += batch.n
            if self._pieces.waiting() >= _CHUNK:
                yield self._pieces.take()
        self._writer.end()
        if self._pieces.waiting():
            yield self._pieces.take()


def write(
    desk: Desk,
    table: str,
    filters: Filters,
    form: Form,
    target: BinaryIO | Path,
    *,
    to: Recipient,
    snapshot: Snapshot,
    on_progress: Callable[[int], object] | None = None,
) -> Manifest:
    """Write a table into a file, or into what can be written to.

    A path is only there when it is complete; see `inbox.export.landing`.

    Args:
        desk: where.
        table: one of `TABLES`.
        filters: what to narrow it by; what that does to each table stands there.
        form: how to write it.
        target: a path, which is replaced at the end, or an open file.
        to: who takes it out; see `recipient`.
        snapshot: what bounds it; see `now`.
        on_progress: told how many rows are written.

    Raises:
        BadSearch: the search cannot be read.
        BadInput: there is no such table, no file is written so, or the days of the filter stand the wrong way round.
        NotWritten: the disk is full, or the file cannot be written for another reason.
    """
    stream = Stream(desk, table, filters, form, to=to, bound=snapshot)
    with landed(target) as file:
        for piece in stream:
            file.write(piece)
            if on_progress is not None:
                on_progress(stream.rows)
    return stream.manifest


def _veil(desk: Desk, columns: tuple[Column, ...], form: Form) -> Veiled | None:
    if not (form.mask or form.pseudonymise):
        return None
    pseudonyms = Pseudonyms(secret_of(desk.store)) if form.pseudonymise else None
    return Veiled(columns, forms_of(desk.declared.order_numbers), pseudonyms)
