"""Files that are only there when they are complete: written under another name, made durable, then renamed.

The draft is locked (flock(2)) while it is written. The lock ends with its process, however that ends: a draft without
one was left behind, and is removed by whoever writes the same file next.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says of a disk, a share of it or a file that takes no more."""


@contextmanager
def landed(target: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes its place when the block ends well; after an error nothing of it is left.

    Raises:
        OSError: it cannot be written; `FULL` tells where there is no room.
    """
    remove_left(target)
    # a number of its own: process numbers repeat, from container to container and after each start
    draft = target.with_name(f".{target.name}.{secrets.randbelow(10**12)}.part")
    try:
        with _begun(draft) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            draft.replace(target)
        _settle(target.parent)
    finally:
        with suppress(OSError):
            draft.unlink()


def remove_left(target: Path) -> int:
    """Remove drafts of a file that killed processes left behind, never one that is being written; how many."""
    draft = re.compile(rf"\.{re.escape(target.name)}\.\d+\.part")
    try:
        standing = [path for path in target.parent.iterdir() if draft.fullmatch(path.name)]
    except OSError:
        return 0
    return sum(map(remove_draft, standing))


def remove_draft(draft: Path) -> bool:
    """Remove a draft that nobody writes any more; whether it was one."""
    try:
        handle = os.open(draft, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return False
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink()
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _begun(draft: Path) -> BinaryIO:
    while True:
        file = draft.open("xb")
        with suppress(OSError):  # where files cannot be locked, what is left behind stays
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # it was taken for one left behind before it was locked


def _settle(folder: Path) -> None:
    """Make the new name durable, where folders can be."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
