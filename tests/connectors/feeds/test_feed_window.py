"""What a look at a feed proves, and when something may have been missed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Interval, Page, Purpose
from connectors.errors import Gone, Transient
from connectors.requests import HttpRequest
from tests.connectors.feeds.conftest import NOW, Reader, at, item, rss

WORDPRESS = "<generator>https://wordpress.org/?v=6.6</generator>"


def _feed(
    newest: int, size: int = 10, *, every: timedelta = timedelta(hours=1), head: str = "", dated: bool = True
) -> bytes:
    """A window of `size` entries, number n published at NOW - 100 h + n hours."""
    numbers = range(newest, max(newest - size, 0), -1)
    start = NOW - 100 * every
    return rss(*(item(f"n{n}", pubDate=at(start + n * every) if dated else "") for n in numbers), head=head)


def _covered(page: Page) -> Interval:
    assert page.covered is not None
    return page.covered


def test_the_first_look_proves_as_far_back_as_its_entries_go(reader: Reader) -> None:
    page = reader.look(_feed(90))
    assert _covered(page).end == NOW
    # the oldest but one counts, as one entry may be pinned or misdated
    assert _covered(page).start == NOW - timedelta(hours=18) + timedelta(microseconds=1)
    assert page.gaps == ()
    assert page.next is None


def test_a_feed_that_reaches_back_far_enough_proves_the_whole_window(reader: Reader) -> None:
    reader.start = NOW - timedelta(hours=15)
    assert _covered(reader.look(_feed(90))) == Interval(reader.start, NOW)


def test_an_empty_feed_is_a_feed_and_proves_the_silence(reader: Reader) -> None:
    assert _covered(reader.look(rss())) == Interval(reader.start, NOW)


def test_a_known_entry_proves_everything_since_the_last_look(reader: Reader) -> None:
    reader.look(_feed(90))
    before = reader.now
    reader.later(hours=3)
    page = reader.look(_feed(93))
    assert _covered(page).end == reader.now
    assert _covered(page).start <= before
    assert page.gaps == ()


def test_a_window_without_any_known_entry_is_a_gap(reader: Reader) -> None:
    reader.look(_feed(50))
    before = reader.now
    reader.later(hours=12)
    reader_now = reader.now
    body = rss(*(item(f"nieuw{n}", pubDate=at(reader_now - timedelta(minutes=n))) for n in range(10)))
    page = reader.look(body)
    (gap,) = page.gaps
    assert gap.interval.start == before
    assert gap.interval.end == _covered(page).start == reader_now - timedelta(minutes=8) + timedelta(microseconds=1)
    assert "poll it more often" in gap.reason


def test_a_pinned_entry_does_not_prove_anything(reader: Reader) -> None:
    pinned = item("vast", pubDate=at(NOW - timedelta(days=300)))
    first = [item(f"oud{n}", pubDate=at(NOW - timedelta(hours=n))) for n in range(6)]
    reader.look(rss(pinned, *first))
    reader.later(hours=12)
    fresh = [item(f"nieuw{n}", pubDate=at(reader.now - timedelta(minutes=n))) for n in range(6)]
    assert reader.look(rss(pinned, *fresh)).gaps


def test_undated_entries_without_a_known_one_leave_a_gap_for_the_whole_stretch(reader: Reader) -> None:
    reader.look(_feed(50, dated=False))
    before = reader.now
    reader.later(hours=1)
    page = reader.look(_feed(90, dated=False))
    assert page.covered is None
    assert page.gaps[0].interval == Interval(before, reader.now)


def test_an_unchanged_feed_proves_the_time_since_without_being_parsed(reader: Reader) -> None:
    reader.look(_feed(90))
    before = reader.now
    reader.later(hours=1)
    page = reader.look(b"", status=304, unchanged=True)
    assert _covered(page) == Interval(before, reader.now)
    assert page.items == ()
    reader.later(hours=1)
    assert reader.look(_feed(91)).gaps == ()


def test_the_first_question_is_unconditional_and_later_ones_are_not(reader: Reader) -> None:
    first = reader.connector.plan(reader.task())
    reader.look(_feed(90))
    second = reader.connector.plan(reader.task())
    hole = reader.connector.plan(reader.task(Purpose.HOLE))
    assert isinstance(first, HttpRequest)
    assert isinstance(second, HttpRequest)
    assert isinstance(hole, HttpRequest)
    assert (first.conditional, second.conditional, hole.conditional) == (False, True, False)


def test_a_hole_the_feed_no_longer_shows_is_said_to_be_lost(reader: Reader) -> None:
    reader.look(_feed(90))
    hole = Interval(NOW - timedelta(hours=90), NOW - timedelta(hours=80))
    reader.start = hole.start
    page = reader.look(_feed(90), task=reader.task(Purpose.HOLE, end=hole.end))
    assert page.covered is None
    assert page.gaps[0].interval == hole
    assert page.state is None


def test_an_old_archive_page_is_followed_until_the_last_look_is_met(reader: Reader) -> None:
    reader.look(_feed(50, size=10))
    reader.later(hours=1)
    archive = '<atom:link rel="prev-archive" href="https://nieuws.example/archief/3"/>'
    start = reader.now

    def burst(numbers: Sequence[int], head: str) -> bytes:
        return rss(*(item(f"b{n}", pubDate=at(start - timedelta(minutes=n))) for n in numbers), head=head)

    page = reader.look(burst(range(20), archive))
    assert isinstance(page.next, HttpRequest)
    assert page.next.url == "https://nieuws.example/archief/3"
    assert page.gaps == ()
    older = reader.look(burst(range(20, 70), ""), request=page.next)
    assert older.next is None
    assert _covered(older).end == _covered(page).start
    assert _covered(older).start <= NOW


def _wordpress_chain(reader: Reader) -> tuple[Page, HttpRequest]:
    page = reader.look(_feed(90, size=10, head=WORDPRESS))
    assert isinstance(page.next, HttpRequest)
    return page, page.next


def test_wordpress_pages_are_counted_up_and_the_missing_one_is_the_end(reader: Reader) -> None:
    page, following = _wordpress_chain(reader)
    assert following.url == "https://nieuws.example/rss?paged=2"
    second = reader.look(_feed(81, size=10, head=WORDPRESS), request=following)
    assert isinstance(second.next, HttpRequest)
    assert second.next.url.endswith("?paged=3")
    third = reader.look(b"<html>niets</html>", status=404, request=second.next)
    assert third.next is None
    assert _covered(third) == Interval(reader.start, _covered(second).start)
    assert _covered(page).start == _covered(second).end


def test_an_archive_page_that_is_gone_is_a_gap(reader: Reader) -> None:
    page = reader.look(_feed(90, head='<atom:link rel="prev-archive" href="https://nieuws.example/archief/3"/>'))
    assert isinstance(page.next, HttpRequest)
    page = reader.look(b"", status=404, request=page.next)
    assert page.covered is None
    assert page.gaps


def test_a_site_that_ignores_the_page_number_is_asked_once_more_and_then_no_more(reader: Reader) -> None:
    _, following = _wordpress_chain(reader)
    body = _feed(90, size=10, head=WORDPRESS)
    with pytest.raises(Transient, match="nothing older"):
        reader.look(body, request=following)
    page = reader.look(body, request=following, task=reader.task(Purpose.HOLE))
    assert page.next is None
    assert page.gaps


def test_a_chain_that_broke_off_is_taken_up_where_it_was(reader: Reader) -> None:
    page, following = _wordpress_chain(reader)
    again = reader.connector.plan(reader.task(Purpose.HOLE, cursor=page.cursor))
    assert again == following


def test_archives_are_left_alone_when_asked(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(follow_archives=False)
    assert reader.look(_feed(90, head=WORDPRESS)).next is None


def test_json_feeds_name_their_next_page(reader: Reader) -> None:
    items = ",".join(f'{{"id":"{n}","date_published":"2026-11-22T0{n}:00:00Z"}}' for n in (9, 8, 7))
    feed = f'{{"version":"https://jsonfeed.org/version/1.1","next_url":"/feed.json?page=2","items":[{items}]}}'
    page = reader.look(feed.encode())
    assert isinstance(page.next, HttpRequest)
    assert page.next.url == "https://nieuws.example/feed.json?page=2"


def test_an_expired_json_feed_gives_its_last_items_before_it_is_gone(reader: Reader) -> None:
    feed = (
        b'{"version":"https://jsonfeed.org/version/1.1","expired":true,"items":[{"id":"1","content_text":"vaarwel"}]}'
    )
    assert len(reader.items(feed)) == 1
    reader.later(hours=1)
    with pytest.raises(Gone, match="over"):
        reader.look(feed)


@pytest.mark.parametrize(
    ("head", "headers", "minutes"),
    [
        ("<ttl>60</ttl>", {}, 60),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", {}, 360),
        ("<ttl>5</ttl>", {"cache-control": "public, max-age=1800"}, 30),
        ("<ttl>99999</ttl>", {}, 24 * 60),
        ("<ttl>-5</ttl>", {}, None),
        ("", {"cache-control": "no-cache", "expires": "Sun, 22 Nov 2026 13:00:00 GMT"}, None),
        ("", {"expires": "Sun, 22 Nov 2026 12:30:00 GMT"}, 30),
        ("", {"expires": "0"}, None),
    ],
)
def test_the_feeds_own_wish_for_the_time_between_looks(
    reader: Reader, head: str, headers: dict[str, str], minutes: int | None
) -> None:
    page = reader.look(rss(item(), head=head), headers=headers)
    assert page.poll_after == (timedelta(minutes=minutes) if minutes else None)


def test_an_unchanged_answer_repeats_the_wish(reader: Reader) -> None:
    reader.look(rss(item(), head="<ttl>60</ttl>"))
    reader.later(hours=1)
    assert reader.look(b"", status=304, unchanged=True).poll_after == timedelta(hours=1)


@settings(deadline=None, max_examples=40)
@given(
    gaps=st.lists(st.integers(min_value=1, max_value=600), min_size=5, max_size=60),
    size=st.integers(min_value=5, max_value=15),
    looks=st.lists(st.integers(min_value=1, max_value=2_000), min_size=2, max_size=8),
)
def test_no_look_ever_claims_time_in_which_an_entry_went_unseen(gaps: list[int], size: int, looks: list[int]) -> None:
    """Entries come at random times, the feed shows its newest `size`; whatever is claimed complete must be complete."""
    published, moment = [], NOW
    for minutes in gaps:
        moment += timedelta(minutes=minutes)
        published.append(moment)
    reader = Reader()
    reader.now = NOW + timedelta(minutes=1)
    reader.start = NOW - timedelta(hours=1)
    seen: set[str] = set()
    claimed: list[Interval] = []
    for minutes in looks:
        shown = [(n, when) for n, when in enumerate(published) if when < reader.now][-size:]
        page = reader.look(rss(*(item(f"e{n}", pubDate=at(when)) for n, when in reversed(shown))))
        seen |= {found.external_id for found in page.items}
        claimed += [page.covered] if page.covered else []
        reader.later(minutes=minutes)
    for n, when in enumerate(published):
        if any(each.start <= when < each.end for each in claimed):
            assert f"e{n}" in seen


def test_the_clock_of_a_look_is_the_window_not_the_answer(reader: Reader) -> None:
    task = reader.task()
    reader.now = NOW + timedelta(seconds=9)
    page = reader.look(_feed(90), task=task)
    assert _covered(page).end == NOW
    assert datetime.fromisoformat(reader.state["at"]) == NOW.astimezone(UTC)
