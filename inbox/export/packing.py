"""Several tables in one ZIP, with the data dictionary, a manifest, and checksums that `sha256sum -c` reads."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import orjson

from inbox.desk import Desk
from inbox.export.dictionary import described
from inbox.export.form import Form, Manifest
from inbox.export.landing import landed
from inbox.export.pieces import Pieces
from inbox.export.writing import Stream
from inbox.views import Filters
from store.export_shape import Snapshot
from store.export_tables import TABLES
from store.handing import Recipient

_COMPRESSED = frozenset({"xlsx", "parquet"})
"""Formats that a ZIP makes no smaller."""
_INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
_CHUNK = 64 * 1024


def pack(
    desk: Desk,
    filters: Filters,
    form: Form,
    target: BinaryIO | Path,
    *,
    to: Recipient,
    snapshot: Snapshot,
    tables: Sequence[str] = tuple(TABLES),
    on_progress: Callable[[str, int], object] | None = None,
) -> tuple[Manifest, ...]:
    """Write tables into one ZIP, each within the same filter and bounds; what each file holds.

    Args:
        desk: where.
        filters: what to narrow them by; what that does to each table stands in `TABLES`.
        form: how to write each.
        target: a path, which is only there when it is complete, or an open file.
        to: who takes them out; see `recipient`.
        snapshot: what bounds them; see `now`.
        tables: names; all of them when left out.
        on_progress: told which table is written and how many of its rows are.

    Raises:
        BadSearch: the search cannot be read.
        BadInput: there is no such table, or no file is written so.
        NotWritten: the disk is full, or the file cannot be written for another reason.
    """
    # All of them begin before the first byte: a search that cannot be read leaves nothing behind.
    streams = [Stream(desk, name, filters, form, to=to, bound=snapshot) for name in tables]
    out = Pieces()
    with landed(target) as file, zipfile.ZipFile(cast("IO[bytes]", out), "w") as packed:
        for name, stream in zip(tables, streams, strict=True):
            with packed.open(_entry(f"{name}.{form.format}", form), "w", force_zip64=True) as entry:
                for piece in stream:
                    entry.write(piece)
                    if out.waiting() >= _CHUNK:
                        file.write(out.take())
                    if on_progress is not None:
                        on_progress(name, stream.rows)
        manifests = tuple(stream.manifest for stream in streams)
        sums = "".join(f"{one.sha256}  {one.table}.{form.format}\n" for one in manifests)
        _put(packed, "dictionary.json", orjson.dumps(described(manifests), option=_INDENTED))
        _put(packed, "manifest.json", orjson.dumps(_told(manifests), option=_INDENTED | orjson.OPT_UTC_Z))
        _put(packed, "SHA256SUMS", sums.encode())
        packed.close()
        file.write(out.take())
    return manifests


def _told(manifests: Sequence[Manifest]) -> dict[str, Any]:
    """What they have in common once, and the rest by table."""
    each = [one.as_dict() for one in manifests]
    same = {name: each[0][name] for name in ("version", "snapshot", "filter", "form")} if each else {}
    return {**same, "tables": [{name: value for name, value in one.items() if name not in same} for one in each]}


def _put(packed: zipfile.ZipFile, name: str, data: bytes) -> None:
    packed.writestr(_entry(name, None), data)


def _entry(name: str, form: Form | None) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_STORED if form and form.format in _COMPRESSED else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
