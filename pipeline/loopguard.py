"""Stops a chain of pages that runs in a circle. What was committed before stays."""

from __future__ import annotations

import hashlib

import orjson

from connectors.contract import Page
from connectors.errors import FormatChanged
from connectors.requests import FileRequest, HttpRequest, MailboxRequest, Request, StreamRequest


class LoopGuard:
    """Watches one chain. Does not judge short or empty pages: those are no sign of a loop."""

    def __init__(self) -> None:
        self._asked: set[bytes] = set()
        self._last_page: bytes | None = None

    def asking(self, request: Request) -> None:
        """Note a request that is about to be made.

        Raises:
            FormatChanged: the very same request was made before in this chain.
        """
        mark = _mark_of_request(request)
        if mark in self._asked:
            msg = "the platform's next-page link leads back to a page already read; reading stopped there"
            raise FormatChanged(msg)
        self._asked.add(mark)

    def got(self, page: Page) -> None:
        """Note a page that was read.

        Raises:
            FormatChanged: it is identical to the page before it, and promises more.
        """
        mark = _mark_of_page(page)
        if page.next is not None and mark is not None and mark == self._last_page:
            msg = "the platform gave the same page twice in a row; reading stopped there"
            raise FormatChanged(msg)
        self._last_page = mark


def _mark_of_request(request: Request) -> bytes:
    parts: list[object]
    match request:
        case HttpRequest():
            parts = [request.method, request.url, request.params, request.json, request.form, request.step]
        case StreamRequest():
            parts = [request.url, request.params, request.step]
        case MailboxRequest():
            parts = [request.folder, request.after_uid, request.uidvalidity, request.step]
        case FileRequest():
            parts = [request.folder, request.file, request.offset, sorted(request.done), request.step]
    return _digest(parts)


def _mark_of_page(page: Page) -> bytes | None:
    """Fingerprint of what a page holds and where it leads; None for a page without items.

    Two empty pages with different next requests are no loop, and the same next request is caught by `asking`. Files
    on this machine run in no circle either: two exports with the same rows are two files.
    """
    if not page.items or isinstance(page.next, FileRequest):
        return None
    return _digest([[item.namespace, item.external_id, item.text, item.html] for item in page.items])


def _digest(parts: object) -> bytes:
    return hashlib.blake2b(orjson.dumps(parts), digest_size=16).digest()
