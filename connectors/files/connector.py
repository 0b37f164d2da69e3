"""The `files` connector: a drop folder of CSV, workbooks and JSONL."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from connectors.contract import Connector, Interval, Options, Page, Query, Task
from connectors.errors import BadRequest, FormatChanged
from connectors.files.options import FilesOptions
from connectors.files.rows import RowReader
from connectors.files.table import Row, UnreadableFileError, read_csv, read_jsonl
from connectors.files.values import CellError
from connectors.files.workbook import read_workbook
from connectors.items import Item, Json, Rejected
from connectors.requests import FileContent, FileRequest, Request, Response

ROWS_PER_PAGE = 500
#: Every page reads the file anew up to its rows, so a large file is cut into fewer, larger pages.
ROWS_PER_PAGE_LARGE = 5_000
LARGE_BYTES = 5_000_000
#: Fingerprints remembered of files read. A file older than these that still lies there is read again, and adds nothing.
REMEMBERED = 5_000
_WORKBOOKS = {".xlsx", ".xlsm", ".xls"}
_JSON_LINES = {".jsonl", ".ndjson"}


class FilesConnector(Connector[FilesOptions]):
    """Reads files dropped into a folder, each once.

    Does not move, change or delete a file, and reads nothing outside the folder.
    """

    name: ClassVar[str] = "files"
    platform: ClassVar[str] = "files"
    options_type: ClassVar[type[Options]] = FilesOptions
    parse_seconds: ClassVar[float | None] = 60.0

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 - a folder is read whole
        """One: the folder."""
        return [Query(id="folder", label=self.options.folder)]

    def plan(self, task: Task) -> Request:
        """Ask for the next file that was not read yet; one that was broken off is still among those."""
        done = _texts(task.state.get("done"))
        offset, mark = task.state.get("offset"), task.state.get("fingerprint")
        if isinstance(mark, str) and isinstance(offset, int):
            # not by its name: it may have been taken away or replaced since, and must not hold up the others
            return self._request(done, None, offset, mark)
        return self._request(done)

    def parse(self, task: Task, response: Response) -> Page:
        """Read up to a page of rows of a file. A file that cannot be read is one rejected item and counts as read.

        Raises:
            BadRequest: the answer is no file.
        """
        if not isinstance(response, FileContent):
            msg = f"the files connector asked for a file and was handed a {type(response).__name__}"
            raise BadRequest(msg)
        done = _texts(task.state.get("done"))
        if not response.name:
            return self._nothing_new(task, response, done)
        # of another content nothing was taken yet; rows that were are recognised by their ids
        offset = response.request.offset if response.request.step == response.fingerprint else 0
        reader = RowReader(self.options, self.options.profile or task.source_id, response.received_at)
        size = ROWS_PER_PAGE if len(response.body) < LARGE_BYTES else ROWS_PER_PAGE_LARGE
        try:
            rows = list(itertools.islice(self._rows(response), offset, offset + size + 1))
        except UnreadableFileError as error:
            return self._refused(response, done, str(error))
        items, rejected = self._read(reader, rows[:size], response.name)
        if len(rows) > size:
            state: dict[str, Json] = {
                "done": list(done),
                "fingerprint": response.fingerprint,
                "offset": offset + size,
            }
            following = self._request(done, response.name, offset + size, response.fingerprint)
            return Page(items=items, rejected=rejected, next=following, state=state)
        return self._finished(response, done, items, rejected)

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 - the row says it all
        """Map a kept row again, by the columns as they are set now.

        Raises:
            FormatChanged: it still cannot be read.
        """
        cells = raw.get("cells") if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or not isinstance(cells, dict):
            msg = "this was a whole file that could not be read; repair the file and drop it again"
            raise FormatChanged(msg)
        number = raw.get("row")
        try:
            received = datetime.fromisoformat(str(raw.get("received_at"))).astimezone(UTC)
            kept = namespace if namespace is not None else str(raw.get("namespace") or "")
            reader = RowReader(self.options, kept, received)
            return reader.item(number if isinstance(number, int) else 0, cells, str(raw.get("file") or ""))
        except ValueError as error:
            raise FormatChanged(str(error)) from error

    def _request(self, done: Sequence[str], file: str | None = None, offset: int = 0, mark: str = "") -> FileRequest:
        return FileRequest(
            folder=self.options.folder,
            patterns=self.options.patterns,
            done=frozenset(done),
            file=file,
            offset=offset,
            max_bytes=self.options.max_mb * 1_000_000,
            step=mark,  # starting over with a file that was replaced is no loop
        )

    def _rows(self, content: FileContent) -> Iterator[Row]:
        suffix = Path(content.name).suffix.lower()
        if suffix in _WORKBOOKS or content.body[:4] == b"PK\x03\x04":
            return read_workbook(content.body, self.options)
        if suffix in _JSON_LINES:
            return read_jsonl(content.body, self.options)
        return read_csv(content.body, self.options)

    def _read(self, reader: RowReader, rows: Sequence[Row], file: str) -> tuple[tuple[Item, ...], tuple[Rejected, ...]]:
        items: list[Item] = []
        rejected: list[Rejected] = []
        for row in rows:
            payload = reader.payload(row.number, row.cells, file)
            if row.trouble is not None:
                rejected.append(Rejected(f"{file}: {row.trouble}", payload))
                continue
            try:
                items.append(reader.item(row.number, row.cells, file))
            except CellError as problem:
                rejected.append(Rejected(f"{file}: {problem}", payload))
        return tuple(items), tuple(rejected)

    def _nothing_new(self, task: Task, response: FileContent, done: Sequence[str]) -> Page:
        """The folder was read to the end; a file half read before is gone."""
        if response.request.file is not None:
            return Page(next=self._request(done), state={"done": list(done)})
        asked = task.window.interval
        end = min(asked.end, response.received_at)
        covered = Interval(asked.start, end) if asked.start < end else None
        return Page(covered=covered, state={"done": list(done)} if "fingerprint" in task.state else None)

    def _refused(self, response: FileContent, done: Sequence[str], why: str) -> Page:
        payload: Mapping[str, Json] = {"file": response.name, "fingerprint": response.fingerprint}
        return self._finished(response, done, (), (Rejected(f"{response.name}: {why}", dict(payload)),))

    def _finished(
        self, response: FileContent, done: Sequence[str], items: tuple[Item, ...], rejected: tuple[Rejected, ...]
    ) -> Page:
        read = list(dict.fromkeys([*done, response.fingerprint]))[-REMEMBERED:]
        return Page(items=items, rejected=rejected, next=self._request(read), state={"done": list(read)})


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
