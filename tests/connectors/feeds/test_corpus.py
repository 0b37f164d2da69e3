"""Real feeds of many publishers, held against what two independent parsers agree on."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from connectors.errors import ConnectorError
from connectors.feeds import FeedsConnector
from connectors.items import Item
from tests.connectors.feeds.conftest import Reader

_ROOT = Path(__file__).resolve().parents[3]
FEEDS = Path(os.environ.get("KLANKBORD_SHARED") or _ROOT.parent / "shared") / "feeds"
BASE = "https://corpus.example/feed"
needs_corpus = pytest.mark.skipif(
    not (FEEDS / "core_expected.json").is_file(), reason="the folder with real feeds is not beside the project"
)
LIMIT_S = FeedsConnector.parse_seconds or 0.0


def _squeeze(text: str | None) -> str:
    return " ".join((text or "").split())


def _wanted_link(link: str) -> str:
    """Relative links become absolute, and Google's redirect is unwrapped: both on purpose."""
    parts = urlsplit(link)
    if parts.hostname == "www.google.com" and parts.path == "/url":
        return parse_qs(parts.query)["url"][0]
    return urljoin(BASE, link)


def _compare(found: Item, wanted: dict[str, Any], shared_ids: set[str]) -> dict[str, bool]:
    same: dict[str, bool] = {}
    if wanted.get("title"):
        same["title"] = _squeeze(found.title) == _squeeze(wanted["title"])
    if wanted.get("link"):
        same["link"] = found.url == _wanted_link(_squeeze(wanted["link"]))
    if wanted.get("id") and wanted["id"] not in shared_ids:  # one id for two entries: we tell them apart on purpose
        same["id"] = found.external_id == wanted["id"]
    if wanted.get("published"):
        same["date"] = found.published_at is not None and (
            found.published_at.replace(microsecond=0) == datetime.fromisoformat(wanted["published"])
        )  # the other two drop fractions of a second
    return same


@needs_corpus
def test_every_real_feed_is_read_or_refused_and_agrees_with_two_parsers(capsys: pytest.CaptureFixture[str]) -> None:
    expected = json.loads((FEEDS / "core_expected.json").read_text())
    tally = {name: [0, 0] for name in ("title", "link", "id", "date")}
    read = refused = octets = 0
    took: list[tuple[float, str]] = []
    counts: list[str] = []
    wrongly: list[str] = []
    for name, facts in expected.items():
        body = (FEEDS / "core" / name).read_bytes()
        reader = Reader(BASE)
        reader.now = datetime(2026, 11, 22, tzinfo=UTC)
        began = time.process_time()
        try:
            page = reader.look(body)
        except ConnectorError as error:
            refused += 1
            if facts["fp_entries"]:
                wrongly.append(f"{name} has entries and was refused: {error}")
            continue
        finally:
            took.append((time.process_time() - began, name))
        read += 1
        octets += len(body)
        wanted = facts.get("entries") or []
        if facts["fp_entries"] and len(page.items) != facts["fp_entries"]:
            counts.append(f"{name}: {len(page.items)} of {facts['fp_entries']}")
        ids = [each.get("id") for each in wanted]
        shared_ids = {each for each in ids if each and ids.count(each) > 1}
        for found, agreed in zip(page.items, wanted, strict=False):
            for what, same in _compare(found, agreed, shared_ids).items():
                tally[what][0] += 1
                tally[what][1] += same
    slowest, total = max(took), sum(seconds for seconds, _ in took)
    with capsys.disabled():
        shares = ", ".join(f"{what} {same}/{of}" for what, (of, same) in tally.items())
        print(  # noqa: T201 - the figures are what this test is for
            f"\ncorpus: {read} read, {refused} refused; {shares}; {octets / 1e6:.1f} MB in {total:.1f} s of CPU "
            f"({1000 * total / len(took):.0f} ms per feed, slowest {slowest[0]:.2f} s {slowest[1]})"
        )
    assert read >= 80
    assert not counts
    assert not wrongly
    assert slowest[0] < LIMIT_S
    for what, (of, same) in tally.items():
        assert of > 1_000, what
        assert same / of >= 0.995, f"{what}: {same} of {of}"


@needs_corpus
def test_reading_a_feed_again_finds_nothing_new() -> None:
    for name in sorted(each.name for each in (FEEDS / "core").iterdir() if each.stat().st_size < 30_000):
        reader = Reader(BASE)
        body = (FEEDS / "core" / name).read_bytes()
        try:
            first = reader.items(body)
        except ConnectorError:
            continue
        reader.later(hours=1)
        again = reader.look(body)
        assert [each.external_id for each in again.items] == [each.external_id for each in first], name
        assert again.gaps == (), name
        assert len({each.external_id for each in first}) == len(first), name
