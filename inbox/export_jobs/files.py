"""The folder of kept exports: names, room, and what may be thrown away.

A file is written under a temporary name and gets its own only when it is whole and on the disk (see
`store.landing`), so that nobody ever sees half of one. Names tell job and fence: two processes that believe to
have the same job write different files, and the one whose fence the store no longer knows throws its own away.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from store.landing import remove_draft

_NAME = re.compile(r"(?P<job>\d+)-(?P<fence>\d+)\.[a-z]{1,10}")
_DRAFT = re.compile(rf"\.{_NAME.pattern}\.\d+\.part")
_GB = 1_000_000_000

DiskFree = Callable[[Path], int]


class NoRoomError(Exception):
    """A file cannot be written whole. `disk`: the disk is (nearly) full; else kept exports together are too large."""

    def __init__(self, *, disk: bool) -> None:
        super().__init__("no room for an export")
        self.disk = disk


def free_bytes(folder: Path) -> int:
    """Bytes free on the disk of a folder."""
    return shutil.disk_usage(folder).free


class Shelf:
    """The folder, and how much may stand in it.

    Args:
        folder: made when the first file is written.
        most_gb: what kept files may take together, in 10**9 bytes.
        spare_gb: what is left free on the disk.
        free: bytes free on a folder's disk.
    """

    def __init__(self, folder: Path, *, most_gb: float, spare_gb: float, free: DiskFree = free_bytes) -> None:
        self.folder = folder
        self.most_gb = int(most_gb)
        self._most = int(most_gb * _GB)
        self._spare = int(spare_gb * _GB)
        self._free = free

    def path(self, name: str) -> Path | None:
        """Where a kept file stands; None when it is not there, or the name is none of ours."""
        if _NAME.fullmatch(name) is None:
            return None
        path = self.folder / name
        return path if path.is_file() and not path.is_symlink() else None

    def room_for(self, name: str) -> Path:
        """Where a file is to be written, in a folder that only we may read.

        Raises:
            NoRoomError: there is no room.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.check()
        return self.folder / name

    def check(self) -> None:
        """Look whether more can be written.

        Raises:
            NoRoomError: kept files take all they may, or the disk is nearly full.
        """
        if self._free(self.folder) < self._spare:
            raise NoRoomError(disk=True)
        if sum(size for _name, size in self._standing()) > self._most:
            raise NoRoomError(disk=False)

    def remove(self, name: str) -> None:
        """Remove a kept file; nothing happens when it is gone."""
        path = self.path(name)
        if path is not None:
            path.unlink(missing_ok=True)

    def sweep(
        self, known: Collection[str], busy: Collection[tuple[int, int]], *, now: datetime, grace: timedelta
    ) -> int:
        """Remove what nobody knows of: left behind by a process that was killed. How many files.

        Drafts go as soon as nobody writes them.

        Args:
            known: names of files that jobs tell of.
            busy: job and fence of what is being written now.
            now: aware UTC.
            grace: younger files are left alone: their job may be about to tell.
        """
        removed = 0
        for name, _size in list(self._standing()):
            if _DRAFT.fullmatch(name):
                removed += remove_draft(self.folder / name)
                continue
            found = _NAME.fullmatch(name)
            if found is None or name in known or (int(found["job"]), int(found["fence"])) in busy:
                continue
            path = self.folder / name
            with suppress(OSError):
                if now.timestamp() - path.stat().st_mtime >= grace.total_seconds():
                    path.unlink()
                    removed += 1
        return removed

    def _standing(self) -> Iterator[tuple[str, int]]:
        try:
            entries = list(os.scandir(self.folder))
        except FileNotFoundError:
            return
        for entry in entries:
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False):
                    yield entry.name, entry.stat(follow_symlinks=False).st_size


def name_of(job_id: int, fence: int, ending: str) -> str:
    """The name of a job's file. `ending`: such as csv."""
    return f"{job_id}-{fence}.{ending}"
