"""Where an export goes: a file that is only there when it is complete, or what is open already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from inbox.errors import NotWritten
from store import landing


@contextmanager
def landed(target: BinaryIO | Path) -> Iterator[BinaryIO]:
    """A file to write, which takes its place when the block ends well; after an error nothing of it is left.

    What is open already is handed through.

    Raises:
        NotWritten: the disk is full, or the file cannot be written for another reason.
    """
    if not isinstance(target, Path):
        yield target
        return
    try:
        with landing.landed(target) as file:
            yield file
    except OSError as error:
        raise NotWritten(str(target), error.strerror or str(error), full=error.errno in landing.FULL) from error
