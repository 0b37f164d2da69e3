"""Read files that people or other programs drop into a folder.

Only regular files directly in the folder are opened, never a link, a pipe or a device, and a file that is still
being written is left alone. A file's identity is its content, so that a renamed copy is not imported twice and a
corrected file under the same name is.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from connectors.errors import BadRequest, Forbidden, Transient
from connectors.requests import FileContent, FileRequest

_REMEMBERED = 10_000
_NOTHING = datetime(1970, 1, 1, tzinfo=UTC)

# device, inode, size, modified and changed in nanoseconds: as long as these stand, so does the content.
_Stamp = tuple[int, int, int, int, int]


class Fingerprints:
    """Remembers the fingerprints of files that did not change, so that a poll does not read all old files again."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Stamp, str] = OrderedDict()

    def get(self, stamp: _Stamp) -> str | None:
        """The fingerprint of a file with this stamp, when it was read before."""
        return self._known.get(stamp)

    def put(self, stamp: _Stamp, fingerprint: str) -> None:
        """Remember a fingerprint; the oldest is forgotten when there are too many."""
        self._known[stamp] = fingerprint
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


_SHARED = Fingerprints()


@dataclass(frozen=True, slots=True)
class _Found:
    """A file that may be read."""

    name: str
    status: os.stat_result

    @property
    def stamp(self) -> _Stamp:
        """What changes when the content does."""
        return _stamp(self.status)


def _stamp(status: os.stat_result) -> _Stamp:
    """The stamp of a file's status."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


async def read(
    request: FileRequest, clock: Callable[[], datetime], *, fingerprints: Fingerprints | None = None
) -> FileContent:
    """Read the next file that is settled, matches, and is not done; files come in the order of their names.

    Args:
        request: which folder, and what was read before. With `file` set, only that one, done or not.
        clock: now, as an aware UTC instant.
        fingerprints: what is known of unchanged files; shared by all folders of the process by default.

    Returns:
        The file, or `name == ""` when there is nothing new.

    Raises:
        BadRequest: there is no such folder, or the only new files are larger than `max_bytes`.
        Forbidden: the folder or a file may not be read by us.
        Transient: the file asked for is gone, or kept changing while it was read.
    """
    return await asyncio.to_thread(read_now, request, clock, fingerprints or _SHARED)


def read_now(request: FileRequest, clock: Callable[[], datetime], fingerprints: Fingerprints) -> FileContent:
    """`read`, in the calling thread."""
    folder = Path(request.folder)
    if request.file is not None:
        return _continue(request, folder, clock)
    too_large: list[str] = []
    for found in _candidates(request, folder, clock()):
        if found.status.st_size > request.max_bytes:
            too_large.append(found.name)
            continue
        if fingerprints.get(found.stamp) in request.done:
            continue
        body = _content(folder, found)
        if body is None:
            continue
        fingerprint = hashlib.sha256(body).hexdigest()
        fingerprints.put(found.stamp, fingerprint)
        if fingerprint not in request.done:
            return _shape(request, found, body, fingerprint, clock())
    if too_large:
        names = ", ".join(too_large[:5])
        msg = (
            f"{names} in {folder} is larger than {request.max_bytes / 1_000_000:g} MB and was not read: "
            "split it into smaller files"
        )
        raise BadRequest(msg)
    return FileContent(request, "", b"", "", _NOTHING, clock())


def _candidates(request: FileRequest, folder: Path, now: datetime) -> list[_Found]:
    """Settled regular files that match a pattern, by name.

    Raises:
        BadRequest: there is no such folder.
        Forbidden: it may not be listed.
    """
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not any(fnmatch(entry.name.lower(), pattern.lower()) for pattern in request.patterns):
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(status.st_mode) and now.timestamp() - status.st_mtime >= request.settle_seconds:
                    found.append(_Found(entry.name, status))
    except (FileNotFoundError, NotADirectoryError):
        msg = f"the folder {folder} does not exist: create it, or correct `folder` in the configuration"
        raise BadRequest(msg) from None
    except PermissionError:
        msg = f"the folder {folder} may not be read: give the user Klankbord runs as the right to list it"
        raise Forbidden(msg) from None
    return sorted(found, key=lambda each: each.name)


def _content(folder: Path, found: _Found) -> bytes | None:
    """The file's bytes; None when it is gone or changed since it was listed, and so is not settled after all.

    Raises:
        Forbidden: it may not be read.
    """
    # Opened without following a link and without waiting on a pipe; what was opened is then looked at again,
    # because the name may have been swapped in between.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(folder / found.name, flags)
    except PermissionError:
        msg = f"{found.name} in {folder} may not be read: give the user Klankbord runs as the right to read it"
        raise Forbidden(msg) from None
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        if _stamp(os.fstat(file.fileno())) != found.stamp:
            return None
        body = file.read(found.status.st_size + 1)
        changed = _stamp(os.fstat(file.fileno())) != found.stamp or len(body) != found.status.st_size
    return None if changed else body


def _continue(request: FileRequest, folder: Path, clock: Callable[[], datetime]) -> FileContent:
    """Read the one file a chain goes on with.

    Raises:
        BadRequest: the name leads out of the folder, or the file grew over the cap.
        Transient: it is gone or is being written.
    """
    name = request.file or ""
    if not name or name in {".", ".."} or name != os.path.basename(name) or "\\" in name or "\0" in name:  # noqa: PTH119
        msg = f"{name!r} is not the name of a file directly in {folder}"
        raise BadRequest(msg)
    try:
        status = (folder / name).lstat()
    except OSError:
        status = None
    if status is not None and stat.S_ISREG(status.st_mode):
        if status.st_size > request.max_bytes:
            msg = f"{name} in {folder} is larger than {request.max_bytes / 1_000_000:g} MB: split it into smaller files"
            raise BadRequest(msg)
        found = _Found(name, status)
        body = _content(folder, found)
        if body is not None:
            return _shape(request, found, body, hashlib.sha256(body).hexdigest(), clock())
    msg = f"{name} was taken out of {folder}, or changed, while it was being read"
    raise Transient(msg)


def _shape(request: FileRequest, found: _Found, body: bytes, fingerprint: str, now: datetime) -> FileContent:
    """The answer for the connector."""
    modified = datetime.fromtimestamp(found.status.st_mtime, UTC)
    return FileContent(request, found.name, body, fingerprint, modified, now)
