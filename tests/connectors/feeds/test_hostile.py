"""Feeds that try to hang, exhaust, read files or reach the network."""

from __future__ import annotations

import json
import pyexpat
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ConnectorError
from tests.connectors.feeds.conftest import Reader, atom, item, rss

SEEDS = (
    rss(item("a", pubDate="Sun, 22 Nov 2026 10:00:00 CET", description="&lt;p&gt;x &amp;amp; y&lt;/p&gt;"), item(None)),
    atom("<entry><id>1</id><title type='html'>&lt;b&gt;t</title><updated>2026-11-22T10:00:00Z</updated></entry>"),
    b'{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"content_html":"<p>x</p>","tags":["a",1]}]}',
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    b'<channel><title>x</title></channel><item rdf:about="urn:1"><title>y</title></item></rdf:RDF>',
)


def test_an_endless_author_costs_no_time(reader: Reader) -> None:
    body = rss(item(author="a" * 90_000 + "@"), item("b", **{"dc:creator": "a@" * 40_000}))
    began = time.process_time()
    found = reader.items(body)
    assert time.process_time() - began < 2
    assert [len(each.author.name or "") for each in found if each.author] == [320, 320]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("jo@site.amsterdam (Jo)", "Jo"),
        ("Jo &lt;jo@site.amsterdam&gt;", "Jo"),
        ("Jo", "Jo"),
        ("jo@site.amsterdam", None),
    ],
)
def test_authors_with_an_address_are_told_apart_from_their_address(
    reader: Reader, written: str, name: str | None
) -> None:
    author = reader.one(rss(item(author=written))).author
    assert author is not None
    assert author.name == name


def test_an_entity_bomb_is_refused_or_harmless(reader: Reader) -> None:
    layers = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{layers}]>'
        "<rss version='2.0'><channel><item><guid>1</guid><title>&l9;</title></item></channel></rss>"
    )
    began = time.process_time()
    try:
        found = reader.items(body.encode())
    except ConnectorError:
        found = ()
    assert time.process_time() - began < 10
    assert all(len(each.title or "") < 1_000_000 for each in found)


def test_the_xml_parser_is_new_enough_to_limit_entities() -> None:
    version = tuple(int(part) for part in pyexpat.EXPAT_VERSION.removeprefix("expat_").split("."))
    assert version >= (2, 4, 1)


def test_external_entities_open_no_file(reader: Reader, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("zeer geheim")
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'
        "<rss version='2.0'><channel><item><guid>1</guid><title>&x;</title></item></channel></rss>"
    )
    assert all("zeer geheim" not in repr(each) for each in reader.items(body.encode()))


def test_a_body_that_is_a_path_opens_no_file(reader: Reader, tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_bytes(rss(item()))
    with pytest.raises(ConnectorError):
        reader.look(str(feed).encode())


def test_parsing_makes_no_connection(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        msg = "a parser reached for the network"
        raise AssertionError(msg)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    body = rss(item(link="https://elders.example/1", description="&lt;img src='https://volg.example/pixel'&gt;"))
    body = body.replace(b"<rss", b'<!DOCTYPE rss SYSTEM "https://elders.example/rss.dtd"><rss')
    reader.items(body)


def test_a_deep_nest_of_elements_does_not_break_the_parser(reader: Reader) -> None:
    body = rss(item(description="<div>" * 5_000 + "</div>" * 5_000))
    with suppress(ConnectorError):
        reader.items(body)


def test_a_title_of_a_megabyte_comes_through_in_time(reader: Reader) -> None:
    began = time.process_time()
    assert len(reader.one(rss(item(title="x" * 1_000_000))).title or "") == 1_000_000
    assert time.process_time() - began < 5


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_but_our_errors(body: bytes) -> None:
    with suppress(ConnectorError):
        Reader().look(body)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 30), st.binary(max_size=12)), max_size=6),
)
def test_mutated_feeds_raise_nothing_but_our_errors(seed: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    body = seed
    for place, length, new in edits:
        body = body[:place] + new + body[place + length :]
    with suppress(ConnectorError):
        ids = [each.external_id for each in Reader().look(body).items]
        assert len(set(ids)) == len(ids)


@settings(deadline=None, max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "url", "title", "authors", "tags", "date_published"]), inner, max_size=4
            )
        ),
        max_leaves=8,
    )
)
def test_json_items_of_any_shape_are_read_or_set_aside(value: object) -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [value, {"id": "goed", "content_text": "x"}]}
    try:
        page = Reader().look(json.dumps(feed).encode())
    except ConnectorError:
        return
    assert "goed" in [each.external_id for each in page.items]
    assert len(page.items) + len(page.rejected) >= 1
