from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from typing import Any
from unittest import SkipTest

import pytest

from connectors.conformance import ConnectorSuite, FakePlatform, Utterance
from connectors.contract import Connector
from connectors.files import FilesConnector, FilesOptions
from connectors.files import connector as connector_module
from connectors.items import Json
from connectors.requests import FileContent, FileRequest, Request, Response

COLUMNS = ("id", "datum", "naam", "html", "link")


@dataclass
class DropFolder(FakePlatform):
    """A program that writes its whole export anew whenever something changes."""

    def connector(self) -> Connector[Any]:
        return FilesConnector(FilesOptions(folder="/drop"))

    def entry(self, utterance: Utterance) -> Json:
        number = utterance.number
        return [number, utterance.at.isoformat(), utterance.author, utterance.html, f"https://forum.example/{number}"]

    def answer(self, request: Request) -> Response:
        assert isinstance(request, FileRequest)
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([*COLUMNS, *(["nieuw"] if self.unknown_fields else [])])
        for each in self.newest():
            row = self.entry(each)
            assert isinstance(row, list)
            writer.writerow(
                [each.number, "geen datum", "", "", ""] if each.broken else [*row, *[1] * self.unknown_fields]
            )
        body = out.getvalue().encode()
        mark = hashlib.sha256(body).hexdigest()
        if request.file is None and (mark in request.done or not self.newest()):
            return FileContent(request, "", b"", "", self.now, self.now)
        return FileContent(request, "export.csv", body, mark, self.now, self.now)


class TestDropFolder(ConnectorSuite):
    platform = DropFolder

    @pytest.fixture(autouse=True)
    def _small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(connector_module, "ROWS_PER_PAGE", DropFolder.page_size)

    def _fault(self, *_args: Any, **_kwargs: Any) -> Any:
        msg = "a folder on this machine gives no HTTP faults"
        raise SkipTest(msg)
