from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Interval
from connectors.progress import bottom_of, lower_of, proven_down, proven_up, top_of

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
    covered = proven_down(WINDOW, bottom_of(page), None)
    if covered is not None:
        assert all(not covered.start <= at < covered.end for at in unread)


@given(st.lists(minutes, min_size=2, unique=True), st.data())
def test_on_the_way_up_nothing_above_the_page_is_claimed(times: list[datetime], data: st.DataObject) -> None:
    ordered = sorted(times, reverse=True)
    cut = data.draw(st.integers(1, len(ordered) - 1))
    above, page = ordered[:cut], ordered[cut:]
    covered = proven_up(WINDOW, None, top_of(page))
    if covered is not None:
        assert all(not covered.start <= at < covered.end for at in above)


@given(st.none() | minutes, st.none() | minutes)
def test_what_is_proven_lies_in_the_window(one: datetime | None, other: datetime | None) -> None:
    down, up = proven_down(WINDOW, one, other), proven_up(WINDOW, one, other)
    for covered in (down, up):
        assert covered is None or WINDOW.start <= covered.start < covered.end <= WINDOW.end
    assert down is None or one is None or down.start > one
    assert up is None or other is None or up.end <= other


@given(st.lists(minutes, min_size=1, unique=True))
def test_a_walk_proves_the_whole_window_without_a_seam_between_its_pages(edges: list[datetime]) -> None:
    newest_first = sorted(edges, reverse=True)
    down = [
        proven_down(WINDOW, low, top) for low, top in zip([*newest_first, None], [None, *newest_first], strict=True)
    ]
    oldest_first = newest_first[::-1]
    up = [proven_up(WINDOW, low, top) for low, top in zip([None, *oldest_first], [*oldest_first, None], strict=True)]
    for walk in (down[::-1], up):
        found = [covered for covered in walk if covered is not None]
        assert (found[0].start, found[-1].end) == (WINDOW.start, WINDOW.end)
        assert all(one.end == other.start for one, other in pairwise(found))


def test_an_empty_page_proves_nothing_by_itself() -> None:
    assert bottom_of([]) is None
    assert top_of([]) is None
    assert proven_down(WINDOW, None, None) == WINDOW == proven_up(WINDOW, None, None)


@given(st.lists(st.none() | minutes, max_size=9))
def test_a_walk_down_never_comes_up_again(bottoms: list[datetime | None]) -> None:
    edge = None
    for bottom in bottoms:
        following = lower_of(edge, bottom)
        assert edge is None or (following is not None and following <= edge)
        edge = following
    assert edge == min((each for each in bottoms if each is not None), default=None)
