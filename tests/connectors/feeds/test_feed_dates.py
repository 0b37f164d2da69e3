"""Dates of entries, in the forms that feed libraries read wrongly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.connectors.feeds.conftest import Reader, item, rss


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("Sun, 22 Nov 2026 10:00:00 CET", "2026-11-22 09:00:00"),
        ("Wed, 22 Jul 2026 10:00:00 CEST", "2026-07-22 08:00:00"),
        ("Wed, 22 Jul 2026 10:00:00 MEST", "2026-07-22 08:00:00"),
        ("Sun, 22 Nov 2026 10:00:00 MET", "2026-11-22 09:00:00"),
        ("Wed, 22 Jul 2026 10:00:00 BST", "2026-07-22 09:00:00"),
        ("Sun, 22 Nov 2026 05:00:00 EST", "2026-11-22 10:00:00"),
        ("zo, 22 mrt 2026 10:00:00 +0100", "2026-03-22 09:00:00"),
        ("vr, 22 mei 2026 10:00:00 +0200", "2026-05-22 08:00:00"),
        ("do 22 okt. 2026 10:00 CEST", "2026-10-22 08:00:00"),
        ("zondag 22 november 2026 om 10.15 uur CET", "2026-11-22 09:15:00"),
        ("22-11-2026 10:00", "2026-11-22 09:00:00"),
        ("22/11/2026 10:00:05", "2026-11-22 09:00:05"),
        ("1795341600", "2026-11-22 10:00:00"),
        ("1795341600123", "2026-11-22 10:00:00.123000"),
        ("2026-11-22T10:00:00.25+01:00", "2026-11-22 09:00:00.250000"),
        ("2026-11-22 10:00", "2026-11-22 09:00:00"),
        ("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24 22:42:40"),
        ("dim., 22 févr. 2026 10:00:00 +0100", "2026-02-22 09:00:00"),
        ("Sun, 22 Nov 2026 10:00:00", "2026-11-22 09:00:00"),
    ],
)
def test_a_date_is_read_as_its_writer_meant_it(reader_of: Callable[..., Reader], written: str, utc: str) -> None:
    reader = reader_of(default_timezone="Europe/Amsterdam")
    assert reader.one(rss(item(pubDate=written))).published_at == datetime.fromisoformat(utc + "+00:00")


@pytest.mark.parametrize(
    "written",
    ["gisteren", "31-02-2026 10:00", "22 nov 2026 10:00 XYZ", "2099-01-01T00:00:00Z", "Mon, 01 Jan 1900 00:00:00 GMT"],
)
def test_a_date_that_cannot_be_believed_stays_open_and_is_kept_as_written(reader: Reader, written: str) -> None:
    found = reader.one(rss(item(pubDate=written)))
    assert found.published_at is None
    assert found.extra["date_raw"] == written


def test_a_missing_date_is_not_guessed(reader: Reader) -> None:
    found = reader.one(rss(item()))
    assert found.published_at is None
    assert "date_raw" not in found.extra


def test_the_feed_librarys_own_reading_of_a_date_is_not_asked(reader: Reader) -> None:
    # feedparser makes 1 November of both
    assert reader.one(rss(item(pubDate="2020/1/10 14:28:00"))).published_at == datetime(2020, 1, 10, 14, 28, tzinfo=UTC)
    assert reader.one(rss(item(pubDate="2004-július-13T9:15-05:00"))).published_at is None


def test_without_a_zone_the_set_zone_counts_and_utc_by_default(reader: Reader) -> None:
    found = reader.one(rss(item(pubDate="2026-11-22 10:00:00")))
    assert found.published_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
