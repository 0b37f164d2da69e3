from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Interval
from connectors.progress import bottom_of, proven, top_of

START = datetime(2026, 11, 22, tzinfo=UTC)
WINDOW = Interval(START, START + timedelta(days=1))
minutes = st.integers(-2000, 4000).map(lambda minute: START + timedelta(minutes=minute))


@given(st.lists(minutes, min_size=6, unique=True), st.data())
def test_two_strays_on_a_page_never_prove_more_than_was_read(times: list[datetime], data: st.DataObject) -> None:
    """Posts by id, newest first; a page takes the upper part, and two of it carry an old date."""
    ordered = sorted(times, reverse=True)
    cut = data.draw(st.integers(4, len(ordered) - 1))
    page, unread = ordered[:cut], ordered[cut:]
    for at in data.draw(st.lists(st.integers(0, cut - 1), max_size=2)):
        page[at] = START - timedelta(days=9)
    covered = proven(WINDOW, bottom_of(page), None)
    if covered is not None:
        assert all(not covered.start <= at < covered.end for at in unread)


@given(st.lists(minutes, min_size=2, unique=True), st.data())
def test_on_the_way_up_nothing_above_the_page_is_claimed(times: list[datetime], data: st.DataObject) -> None:
    ordered = sorted(times, reverse=True)
    cut = data.draw(st.integers(1, len(ordered) - 1))
    above, page = ordered[:cut], ordered[cut:]
    covered = proven(WINDOW, None, top_of(page))
    if covered is not None:
        assert all(not covered.start <= at < covered.end for at in above)


@given(st.none() | minutes, st.none() | minutes)
def test_what_is_proven_lies_in_the_window(start: datetime | None, end: datetime | None) -> None:
    covered = proven(WINDOW, start, end)
    if covered is not None:
        assert WINDOW.start <= covered.start < covered.end <= WINDOW.end
        assert start is None or covered.start > start
        assert end is None or covered.end <= end


def test_an_empty_page_proves_nothing_by_itself() -> None:
    assert bottom_of([]) is None
    assert top_of([]) is None
    assert proven(WINDOW, None, None) == WINDOW
