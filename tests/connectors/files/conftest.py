"""A drop folder in memory: files are handed over as the file loop does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Interval, Page, Task, Window
from connectors.errors import Transient
from connectors.files import FilesConnector, FilesOptions
from connectors.items import Item, Rejected
from connectors.requests import FileContent, FileRequest

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Folder:
    """Files by name, read through the connector until nothing is new."""

    def __init__(self, **options: Any) -> None:
        self.connector = FilesConnector(FilesOptions(folder="/drop", **options))
        self.query = self.connector.queries([])[0]
        self.files: dict[str, bytes] = {}
        self.state: dict[str, Any] = {}
        self.pages: list[Page] = []

    def task(self) -> Task:
        return Task("enquete", self.query, Window(Interval(NOW - timedelta(days=7), NOW)), self.state)

    def answer(self, request: FileRequest) -> FileContent:
        """What the file loop gives for a request."""
        for name, body in sorted(self.files.items()):
            mark = hashlib.sha256(body).hexdigest()
            if (request.file is None and mark not in request.done) or request.file == name:
                return FileContent(request, name, body, mark, NOW, NOW)
        if request.file is not None:
            msg = f"{request.file} was taken out of the folder"
            raise Transient(msg)
        return FileContent(request, "", b"", "", NOW, NOW)

    def run(self, *, pages: int = 1_000) -> list[Item]:
        """Read until nothing is new or so many pages were read; the items of this run."""
        found: list[Item] = []
        request: Any = self.connector.plan(self.task())
        for _ in range(pages):
            page = self.connector.parse(self.task(), self.answer(request))
            self.pages.append(page)
            found += page.items
            self.state = dict(page.state) if page.state is not None else self.state
            request = page.next
            if request is None:
                break
        return found

    def read(self, body: bytes | str, name: str = "export.csv") -> list[Item]:
        """Drop one file and read it."""
        self.files[name] = body.encode() if isinstance(body, str) else body
        return self.run()

    def one(self, body: bytes | str, name: str = "export.csv") -> Item:
        found = self.read(body, name)
        assert len(found) == 1, self.rejected
        return found[0]

    @property
    def rejected(self) -> list[Rejected]:
        return [each for page in self.pages for each in page.rejected]


@pytest.fixture
def folder() -> Folder:
    """A folder without any options."""
    return Folder()


@pytest.fixture
def folder_of() -> Callable[..., Folder]:
    """Make a folder with options."""
    return Folder
