"""Answers that are no feed, each refused with a sentence a person can act on."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import ValidationError

from connectors.contract import Interval, Query, Task, Window
from connectors.errors import (
    AuthDead,
    BadRequest,
    ConnectorError,
    Forbidden,
    FormatChanged,
    Gone,
    RateLimited,
    Transient,
)
from connectors.feeds import FeedsConnector, FeedsOptions
from connectors.requests import HttpRequest
from tests.connectors.feeds.conftest import NOW, Reader, item, rss

LOGIN = (
    b"<!doctype html><html><head><title>Inloggen</title></head><body><form><input type='password'></form></body></html>"
)
CLOUDFLARE = b"<html><head><title>Just a moment...</title></head><body><div id='cf-chl-widget'></div></body></html>"
NAMES_A_FEED = b"""<html><head><title>Ons blog</title>
<link rel="alternate" type="application/rss+xml" href="/feed?key=geheim"></head></html>"""


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "an empty answer"),
        (b" \r\n\xef\xbb\xbf", "an empty answer"),
        (LOGIN, "a login page ('Inloggen')"),
        (CLOUDFLARE, "a browser check"),
        (b"<html><body>Voordat je verder gaat <a href='https://consent.google.com/x'>ok</a></body></html>", "consent"),
        (b"<html><head><title>404</title></head></html>", "a web page ('404')"),
        (NAMES_A_FEED, "names https://nieuws.example/feed as its feed"),
        (b'{"hello": "world"}', "no JSON Feed"),
        (b'{"version":"https://jsonfeed.org/version/1.1"}', "no list of items"),
        (b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id"', "cut off"),
        (b"[" * 100_000, "nested too deep"),
        (b"/etc/passwd", "neither RSS, Atom, RDF nor JSON Feed"),
        (b"https://nieuws.example/rss", "neither RSS, Atom, RDF nor JSON Feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "neither RSS"),
        (b'<rss version="2.0"><channel><title>x</title><item', "no entry can be found"),
    ],
)
def test_what_stands_there_instead_is_named(reader: Reader, body: bytes, sentence: str) -> None:
    with pytest.raises(FormatChanged) as caught:
        reader.look(body)
    assert sentence in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"", AuthDead),
        (403, b"<html>Forbidden</html>", Forbidden),
        (403, CLOUDFLARE, Transient),
        (404, b"<html>weg</html>", Transient),
        (410, b"", Gone),
        (429, b"", RateLimited),
        (451, b"", Forbidden),
        (500, rss(item()), Transient),
        (503, CLOUDFLARE, Transient),
    ],
)
def test_each_status_has_its_consequence(reader: Reader, status: int, body: bytes, error: type[ConnectorError]) -> None:
    with pytest.raises(error):
        reader.look(body, status=status)


def test_a_feed_in_a_404_is_not_believed_and_never_gone_at_once(reader: Reader) -> None:
    with pytest.raises(Transient, match="404"):
        reader.look(rss(item()), status=404)


def test_a_password_in_the_address_goes_into_a_header_and_nowhere_else() -> None:
    connector = FeedsConnector(FeedsOptions(urls=("https://jo:ge%3Aheim@feed.example/rss?a=1&token=zeergeheim",)))
    (query,) = connector.queries([])
    request = connector.plan(_task(query))
    assert isinstance(request, HttpRequest)
    assert request.url == "https://feed.example/rss?a=1"
    assert request.params == (("token", "zeergeheim"),)
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"jo:ge:heim").decode()
    assert "geheim" not in repr(query)
    assert {secret.get_secret_value() for secret in connector.options.url_secrets} >= {"ge:heim", "zeergeheim"}


def test_a_password_does_not_follow_a_next_page_to_another_host(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(username="jo", password="geheim")
    own = reader.connector.plan(reader.task())
    page = reader.look(rss(item(pubDate="Sun, 22 Nov 2026 10:00:00 GMT"), head=_archive("https://elders.example/2")))
    assert isinstance(own, HttpRequest)
    assert isinstance(page.next, HttpRequest)
    assert "authorization" in own.headers
    assert "authorization" not in page.next.headers


def test_one_feed_under_two_tokens_is_two_lines_of_work() -> None:
    urls = tuple(f"https://feed.example/rss?key={key}" for key in ("een", "twee"))
    queries = FeedsConnector(FeedsOptions(urls=urls)).queries([])
    assert len({query.id for query in queries}) == 2
    assert not any("een" in query.id or "twee" in query.id for query in queries)


def test_a_feed_taken_out_of_the_configuration_is_not_asked(reader: Reader) -> None:
    with pytest.raises(BadRequest, match="no longer in the configuration"):
        reader.connector.plan(_task(Query("https://weg.example/", "weg.example/")))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"urls": ()}, "at least 1"),
        ({"urls": ("nieuws.example/rss",)}, "http://"),
        ({"urls": ("file:///etc/passwd",)}, "http://"),
        ({"urls": ("https://a.example/",), "default_timezone": "Amsterdam"}, "Europe/Amsterdam"),
        ({"urls": ("https://a.example/",), "username": "jo"}, "go together"),
        ({"urls": ("https://a.example/", "https://b.example/"), "username": "j", "password": "p"}, "one host"),
        ({"urls": ("https://a.example/",), "urlz": 1}, "Extra inputs"),
    ],
)
def test_a_mistake_in_the_options_is_explained(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        FeedsOptions.model_validate(options)


def _archive(url: str) -> str:
    return f'<atom:link rel="next" href="{url}"/>'


def _task(query: Query) -> Task:
    return Task("bron", query, Window(Interval(NOW - timedelta(days=1), NOW)))
