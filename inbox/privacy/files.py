"""Files with copies of rows that Klankbord wrote on this machine: remembered, and rewritten without somebody.

Exports with rows of customers are rewritten, whole or not at all. Those of which single rows cannot be taken out (XLSX,
ZIP) are removed, with a note in their place: they can be made again. A backup is told, to be made anew or thrown away.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select

from inbox.errors import NotWritten
from inbox.export.veiling import Pseudonyms, secret_of
from inbox.export.without import Gone, can_be_rewritten, concerns, rewrite
from store.engine import Store
from store.made_files import BACKUP, EXPORT, remember
from store.schema import made_file

_NOTE = (
    "{name} was removed from here, because somebody whose data may be in it was erased.\nExport it again to have it "
    "without them.\n"
)


__all__ = ["BACKUP", "EXPORT", "Files", "remember", "take_out"]


@dataclass(frozen=True, slots=True)
class Files:
    """What became of files.

    Attributes:
        rewritten: exports with how many rows were taken out of each.
        removed: exports of which single rows cannot be taken out; a note stands in their place.
        unreadable: exports that are there and could not be rewritten.
        backups: backups that stand on this machine and hold what was erased.
    """

    rewritten: Mapping[str, int]
    removed: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()


def take_out(store: Store, mention_ids: Collection[int], author_ids: Collection[int]) -> Files:
    """Take rows out of every remembered export that stands on this machine; forget files that are gone."""
    with store.read() as conn:
        rows = conn.execute(select(made_file).order_by(made_file.c.path)).all()
    if not rows:
        return Files({})
    gone = _gone(store, mention_ids, author_ids)
    rewritten: dict[str, int] = {}
    removed: list[str] = []
    unreadable: list[str] = []
    backups: list[str] = []
    for row in rows:
        path, form = Path(row.path), dict(row.form)
        if not path.is_file():
            _forget(store, row.path)
        elif row.kind == BACKUP:
            backups.append(row.path)
        elif concerns(form):
            try:
                if can_be_rewritten(form):
                    taken = rewrite(path, form, gone)
                    rewritten.update({row.path: taken} if taken else {})
                else:
                    _remove(path)
                    _forget(store, row.path)
                    removed.append(row.path)
            except (NotWritten, OSError, ValueError, KeyError, csv.Error):
                unreadable.append(row.path)
    return Files(rewritten, tuple(removed), tuple(unreadable), tuple(backups))


def _gone(store: Store, mention_ids: Collection[int], author_ids: Collection[int]) -> Gone:
    of = Pseudonyms(secret_of(store)).of
    accounts = {str(one) for one in author_ids} | {of("account", one) for one in author_ids}
    return Gone(frozenset(map(str, mention_ids)), frozenset(accounts))


def _remove(path: Path) -> None:
    path.with_name(f"{path.name}.removed.txt").write_text(_NOTE.format(name=path.name), "utf-8")
    path.unlink()


def _forget(store: Store, path: str) -> None:
    with store.write() as conn:
        conn.execute(delete(made_file).where(made_file.c.path == path))
