"""A little press for feeds: what the tests of this folder read from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Interval, Page, Purpose, Task, Window
from connectors.feeds import FeedsConnector, FeedsOptions
from connectors.items import Item
from connectors.requests import HttpRequest, HttpResponse

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://nieuws.example/rss"


def rss(*items: str, head: str = "", encoding: str = "utf-8") -> bytes:
    """An RSS 2.0 document around the given items."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
        ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">'
        f"<channel><title>Nieuws</title><link>https://nieuws.example/</link>{head}{''.join(items)}</channel></rss>"
    )
    return text.encode(encoding, "xmlcharrefreplace")


def item(guid: str | None = "a1", **tags: str) -> str:
    """One RSS item; tags are elements."""
    fields = {"title": f"Bericht {guid}", "link": f"https://nieuws.example/{guid}", **tags}
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value)
    own = f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
    return f"<item>{own}{inside}</item>"


def atom(*entries: str, head: str = "") -> bytes:
    """An Atom 1.0 document around the given entries."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:thr="http://purl.org/syndication/thread/1.0" xmlns:im="http://itunes.apple.com/rss"'
        ' xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<title>Atom</title><id>urn:feed</id>{head}{''.join(entries)}</feed>"
    ).encode()


def at(moment: datetime) -> str:
    """A date as RSS writes it."""
    return moment.strftime("%a, %d %b %Y %H:%M:%S +0000")


class Reader:
    """A connector with one feed, read answer by answer as the collector does."""

    def __init__(self, url: str = URL, **options: Any) -> None:
        self.connector = FeedsConnector(FeedsOptions(urls=(url,), **options))
        self.query = self.connector.queries([])[0]
        self.state: dict[str, Any] = {}
        self.now = NOW
        self.start = NOW - timedelta(days=7)

    def task(self, purpose: Purpose = Purpose.EXTEND, cursor: str | None = None, end: datetime | None = None) -> Task:
        return Task("bron", self.query, Window(Interval(self.start, end or self.now), cursor, purpose), self.state)

    def look(
        self,
        body: bytes,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        url: str | None = None,
        task: Task | None = None,
        request: HttpRequest | None = None,
        unchanged: bool = False,
    ) -> Page:
        task = task or self.task()
        request = request or self.connector.plan(task)  # type: ignore[assignment]
        assert isinstance(request, HttpRequest)
        response = HttpResponse(request, status, headers or {}, body, url or request.url, self.now, unchanged)
        page = self.connector.parse(task, response)
        if page.state is not None:
            self.state = dict(page.state)
        return page

    def items(self, body: bytes, **kwargs: Any) -> tuple[Item, ...]:
        return self.look(body, **kwargs).items

    def one(self, body: bytes, **kwargs: Any) -> Item:
        (found,) = self.items(body, **kwargs)
        return found

    def later(self, **delta: float) -> None:
        """Let time pass; the next window begins where the last look ended, less the look-back."""
        self.start = self.now - self.connector.lookback
        self.now += timedelta(**delta)


@pytest.fixture
def reader() -> Reader:
    """A reader of one plain feed."""
    return Reader()


@pytest.fixture
def reader_of() -> Callable[..., Reader]:
    """Make a reader with options."""
    return Reader
