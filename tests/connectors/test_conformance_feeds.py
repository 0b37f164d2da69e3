from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.conformance import ConnectorSuite, FakePlatform, Utterance
from connectors.contract import Connector
from connectors.feeds import FeedsConnector, FeedsOptions
from connectors.items import Json
from connectors.requests import HttpRequest, Request, Response

SITE = "https://blog.example"


@dataclass
class JsonFeedSite(FakePlatform):
    """A JSON Feed that names its next page."""

    def connector(self) -> Connector[Any]:
        return FeedsConnector(FeedsOptions(urls=(f"{SITE}/feed",)))

    def entry(self, utterance: Utterance) -> Json:
        return {
            "id": f"{SITE}/{utterance.number}",
            "url": f"{SITE}/{utterance.number}",
            "title": f"Bericht {utterance.number}",
            "content_html": utterance.html,
            "date_published": utterance.at.isoformat(),
            "date_modified": (utterance.edited_at or utterance.at).isoformat(),
            "authors": [{"name": utterance.author, "url": f"{SITE}/wie/{utterance.author}"}],
        }

    def page(self, request: Request) -> tuple[int, Sequence[Utterance], bool]:
        assert isinstance(request, HttpRequest)
        number = int(parse_qs(urlsplit(request.url).query).get("paged", ["1"])[0])
        first = (number - 1) * self.page_size
        shown = self.newest()
        return number, shown[first : first + self.page_size], len(shown) > first + self.page_size

    def answer(self, request: Request) -> Response:
        number, shown, more = self.page(request)
        feed: dict[str, Json] = {"version": "https://jsonfeed.org/version/1.1", "title": "Blog"}
        if more:
            feed["next_url"] = f"{SITE}/feed?paged={number + 1}"
        return self.json(request, {**feed, "items": self.entries(shown)})


@dataclass
class WordPressSite(JsonFeedSite):
    """An RSS feed whose older pages are had by counting up, and end in a 404."""

    def entry(self, utterance: Utterance) -> Json:
        return (
            f'<item><guid isPermaLink="false">{SITE}/?p={utterance.number}</guid>'
            f"<title>Bericht {utterance.number}</title><link>{SITE}/{utterance.number}</link>"
            f"<dc:creator>{utterance.author}</dc:creator><pubDate>{format_datetime(utterance.at)}</pubDate>"
            f"<description>{escape(utterance.html)}</description>{'<zz:x>1</zz:x>' * self.unknown_fields}</item>"
        )

    def answer(self, request: Request) -> Response:
        _, shown, _ = self.page(request)
        kind = {"content-type": "application/rss+xml; charset=utf-8"}
        if not shown and self.newest():
            return self.raw(request, b"<html><title>Niet gevonden</title></html>", 404, {"content-type": "text/html"})
        items = "".join("<item></item>" if each.broken else str(self.entry(each)) for each in shown)
        feed = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:zz="https://blog.example/ns"><channel><title>Blog</title>'
            f"<generator>https://wordpress.org/?v=6.6</generator>{items}</channel></rss>"
        )
        return self.raw(request, feed.encode(), 200, kind)


class TestJsonFeedSite(ConnectorSuite):
    platform = JsonFeedSite


class TestWordPressSite(ConnectorSuite):
    platform = WordPressSite
