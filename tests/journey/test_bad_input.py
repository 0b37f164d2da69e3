"""What comes in is not what was promised: each case is told where a person looks, and the rest goes on.

The first round is `klankbord collect --once --json` as a process of its own, against a real server on loopback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from klankbord.cli import app
from store.engine import open_store
from store.schema import mention
from tests.journey.house import Workspace, free_port, workspace
from tests.journey.sites import LOGIN_PAGE, Answer, Site, Story, bomb, redirect, rss, site

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC).replace(microsecond=0)
LONG_TITLE = "Lumerik " + "é" * 500_000
"""1 MB of UTF-8."""
CONFIG = """\
database: sqlite:///data/klankbord.db
allow_private_hosts: ['127.0.0.1:{port}', '127.0.0.1:{dead}']
brands: [{{id: lumerik, name: Lumerik, query: lumerik}}]
sources:
  - {{id: good, connector: feeds, match: all, urls: ['{base}/good']}}
  - {{id: dead, connector: feeds, match: all, urls: ['http://127.0.0.1:{dead}/rss']}}
  - {{id: login, connector: feeds, match: all, urls: ['{base}/login']}}
  - {{id: bomb, connector: feeds, match: all, urls: ['{base}/bomb']}}
  - {{id: metadata, connector: feeds, match: all, urls: ['{base}/metadata']}}
  - {{id: odd-xml, connector: feeds, match: all, urls: ['{base}/odd.xml']}}
  - {{id: odd-json, connector: feeds, match: all, urls: ['{base}/odd.json']}}
  - {{id: odd-rows, connector: files, match: all, folder: drop}}
  - {{id: last, connector: feeds, match: all, urls: ['{base}/last']}}
"""
ODD_XML = b"""<rss version="2.0"><channel><title>Odd</title>
<item><guid>whole</guid><title>Whole</title><pubDate>%(now)s</pubDate><description>Lumerik</description></item>
<item><title>Only a title and a date</title><pubDate>%(now)s</pubDate></item>
<item><link>https://krant.example/only-a-link</link></item>
<item><pubDate>%(now)s</pubDate></item>
<item><guid>no-date</guid><title>No date</title><description>Lumerik zonder datum</description></item>
<item><guid>no-text</guid><title></title><pubDate>%(now)s</pubDate></item>
<item><guid>future</guid><title>From 2099</title><pubDate>Thu, 01 Jan 2099 10:00:00 GMT</pubDate></item>
<item><guid>bad-utf8</guid><title>Broken \xff\xfe\xc3( bytes</title><pubDate>%(now)s</pubDate></item>
<item><guid>nul</guid><title>A NUL \x00 inside</title><pubDate>%(now)s</pubDate></item>
<item><guid>long</guid><title>%(long)s</title><pubDate>%(now)s</pubDate></item>
</channel></rss>""" % {b"now": NOW.strftime("%a, %d %b %Y %H:%M:%S GMT").encode(), b"long": LONG_TITLE.encode()}
ODD_JSON = orjson.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Odd",
        "items": [
            {"id": "whole", "title": "Whole", "content_text": "Lumerik", "date_published": NOW.isoformat()},
            {"content_text": "no id, no link", "date_published": NOW.isoformat()},
            {"id": "no-date", "content_text": "no date"},
            {"id": "no-text", "date_published": NOW.isoformat()},
            {"id": "future", "content_text": "from 2099", "date_published": "2099-01-01T10:00:00Z"},
            {"id": "surrogate", "content_text": "half a pair: HALF.", "date_published": NOW.isoformat()},
            {"id": "nul", "content_text": "nul: NUL.", "date_published": NOW.isoformat()},
            {"id": "long", "title": LONG_TITLE, "date_published": NOW.isoformat()},
            "a string where an item belongs",
        ],
    }
).replace(b"HALF", b"\\ud83d").replace(b"NUL", b"\\u0000")  # fmt: skip
ROWS = [
    b'{"id": "whole", "datum": "%(now)s", "tekst": "Lumerik"}',
    b'{"datum": "%(now)s", "tekst": "no id"}',
    b'{"id": "no-date", "tekst": "no date"}',
    b'{"id": "no-text", "datum": "%(now)s"}',
    b'{"id": "future", "datum": "2099-01-01 10:00", "tekst": "from 2099"}',
    b'{"id": "bad-utf8", "datum": "%(now)s", "tekst": "broken \xff\xfe bytes"}',
    b'{"id": "surrogate", "datum": "%(now)s", "tekst": "half a pair: \\ud83d."}',
    b'{"id": "nul", "datum": "%(now)s", "tekst": "nul: \\u0000."}',
    b'{"id": "long", "datum": "%(now)s", "titel": "%(long)s"}',
    b'{"id": "poison", "tekst": "half a li',
]


@dataclass(frozen=True)
class Collected:
    """What two rounds of collecting everything left behind; `peak_mb` is of the first."""

    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]
    quarantine: list[dict[str, Any]]
    rows: list[Any]
    peak_mb: float

    def of(self, source_id: str) -> dict[str, Any]:
        """The mentions of a source by external id."""
        return {row.external_id: row for row in self.rows if row.source_id == source_id}

    def set_aside(self, source_id: str) -> list[str]:
        return [row["error"] for row in self.quarantine if row["source_id"] == source_id]


def here(house: Workspace, *arguments: str, code: int = 0) -> Any:
    """What a command answers with `--json`, run in this process: starting one takes seconds."""
    result = CliRunner().invoke(app, [*arguments, "--json", "--config", str(house.config)], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return orjson.loads(result.stdout)


def story(number: int) -> Story:
    return Story(f"s{number}", f"Story {number}", f"Lumerik, part {number}", NOW - timedelta(minutes=number))


def fill(served: Site) -> None:
    good = rss([story(number) for number in range(5)])
    odd = Answer(ODD_JSON, "application/feed+json")
    served.pages |= {"/good": good, "/last": good, "/bomb": bomb(), "/login": Answer(LOGIN_PAGE, "text/html")}
    served.pages |= {"/metadata": redirect("http://169.254.169.254/latest/meta-data/")}
    served.pages |= {"/odd.xml": Answer(ODD_XML, "application/rss+xml"), "/odd.json": odd}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with site() as served:
        fill(served)
        config = CONFIG.format(port=served.port, base=served.url("").rstrip("/"), dead=free_port())
        with workspace(tmp_path_factory.mktemp("bad") / "w", config) as made:
            (made.folder / "drop").mkdir()
            stamp = {b"now": NOW.isoformat().encode(), b"long": LONG_TITLE.encode()}
            rows = [row % stamp if b"%(" in row else row for row in ROWS]
            (made.folder / "drop" / "rows.jsonl").write_bytes(b"\n".join(rows) + b"\n")
            yield made


@pytest.fixture(scope="module")
def collected(house: Workspace) -> Collected:
    """Everything is collected twice."""
    first = house.run("collect", "--once", "--json")
    assert first.code == 1, "some sources fail, and scripts are told"
    assert "Traceback" not in first.notes, first.notes
    second = here(house, "collect", "--once", code=1)
    store = open_store(house.database)
    try:
        with store.read() as conn:
            rows = conn.execute(select(mention)).all()
    finally:
        store.close()
    return Collected(
        {one["source"]: one for one in orjson.loads(first.out)},
        {one["source"]: one for one in second},
        {one["source"]: one for one in here(house, "sources")},
        here(house, "quarantine", "list"),
        list(rows),
        first.peak_mb,
    )


@pytest.mark.parametrize(
    ("source_id", "health", "words"),
    [
        ("dead", "trouble", "refused|not be reached|cannot be reached"),
        ("login", "trouble", r"a login page \('Inloggen bij De Regiokrant'\)"),
        ("bomb", "trouble|refused", "larger than|more than|unpacks"),
        ("metadata", "trouble|refused", "169\\.254\\.169\\.254"),
    ],
)
def test_a_source_that_does_not_answer_with_a_feed_is_named_in_words(
    collected: Collected, source_id: str, health: str, words: str
) -> None:
    shown = collected.sources[source_id]
    assert re.fullmatch(health, shown["health"]), shown
    assert re.search(words, shown["health_text"]), shown
    assert collected.first[source_id]["failed"]
    assert collected.first[source_id]["text"]
    assert shown["stored"] == 0


def test_the_sources_before_and_after_the_bad_ones_are_read(collected: Collected) -> None:
    for source_id in ("good", "last"):
        assert collected.sources[source_id]["health"] == "ok"
        assert not collected.sources[source_id]["health_text"]
        assert set(collected.of(source_id)) == {f"s{number}" for number in range(5)}


def test_collecting_again_doubles_nothing(collected: Collected) -> None:
    keys = [(row.external_id, row.namespace) for row in collected.rows]
    assert len(keys) == len(set(keys))
    assert all(one["new"] == 0 for one in collected.second.values()), collected.second
    assert all(one["changed"] == 0 for one in collected.second.values()), collected.second


def test_a_gigabyte_of_zeros_does_not_fill_the_memory(collected: Collected) -> None:
    assert 50 < collected.peak_mb < 300, "megabytes of the process that met it, with all its libraries"


def test_odd_entries_of_a_feed_are_kept_and_those_that_say_nothing_are_told(collected: Collected) -> None:
    found = collected.of("odd-xml")
    assert {"whole", "no-date", "future", "bad-utf8", "nul", "long"} <= set(found)
    assert [row.title for key, row in found.items() if key.startswith("sha256:")] == ["Only a title and a date"]
    check_odd(found)
    assert "Broken" in found["bad-utf8"].title
    assert "bytes" in found["bad-utf8"].title
    assert len(found) + len(collected.set_aside("odd-xml")) == 10
    assert "item 'https://krant.example/only-a-link' has no text, title, rating or attachment" in collected.set_aside(
        "odd-xml"
    )


def test_odd_items_of_a_json_feed_are_kept_and_one_that_is_no_item_is_set_aside(collected: Collected) -> None:
    found = collected.of("odd-json")
    check_odd(found)
    assert found["surrogate"].text.startswith("half a pair: ")
    assert any("where an object belongs" in error for error in collected.set_aside("odd-json"))
    assert len(found) + len(collected.set_aside("odd-json")) == 9
    assert "no id, no link" in {row.text for row in found.values()}


def test_odd_rows_are_kept_or_named_with_their_number(collected: Collected) -> None:
    found = collected.of("odd-rows")
    assert {"whole", "no-date", "bad-utf8", "surrogate", "nul", "long"} <= set(found)
    assert len(found) + len(collected.set_aside("odd-rows")) == 10
    errors = collected.set_aside("odd-rows")
    for row in ("row 4 ", "row 5, ", "line 10 "):
        assert any(row in error for error in errors), (row, errors)


def test_what_was_set_aside_is_counted_where_people_look(collected: Collected) -> None:
    for source_id in ("login", "odd-xml", "odd-json", "odd-rows"):
        count = len(collected.set_aside(source_id))
        assert count == collected.sources[source_id]["quarantined"] == collected.first[source_id]["quarantined"]


def check_odd(found: dict[str, Any]) -> None:
    """What every source does with a missing date, a future one, broken text and an endless title."""
    assert found["no-date"].published_at is None
    assert "date_missing" in found["no-date"].flags
    assert found["future"].sort_at <= datetime.now(UTC), "it does not stand on top of every list until 2099"
    assert {"date_future", "date_missing"} & set(found["future"].flags)
    assert "\x00" not in (found["nul"].title or "") + found["nul"].text
    assert "title_cut" in found["long"].flags
    assert len(found["long"].title) <= 2_000


def test_mistakes_in_the_configuration_are_told_by_line_and_nothing_starts(tmp_path: Path) -> None:
    wrong = CONFIG.replace("brands:", "brandz: []\nconcurrency: many\nbrands:")
    with workspace(tmp_path / "w", wrong.format(port=1, base="http://127.0.0.1:1", dead=1)) as made:
        arguments = ["collect", "--once", "--json", "--config", str(made.config)]
        ended = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert not (made.folder / "data").exists()
    assert ended.exit_code == 1
    assert ended.stdout == ""
    told = " ".join(ended.stderr.split())
    assert "line 3: brandz: this key is not known; did you mean 'brands'?" in told
    assert re.search(r"line 4: concurrency: .* integer.* \(found 'many'\)", told), told
