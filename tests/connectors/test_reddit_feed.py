"""The private feeds of an account, which are read without an app."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.contract import Interval, Purpose, Task, Window
from connectors.errors import (
    AuthDead,
    Forbidden,
    FormatChanged,
    RateLimited,
    Transient,
)
from connectors.reddit import Reddit, RedditOptions
from tests.connectors.reddit_site import Thing
from tests.connectors.test_reddit_reading import FEED, NOW, WINDOW, answered, atom, parsed


def test_a_feed_that_cannot_go_older_is_tried_again_and_then_told_as_out_of_reach() -> None:
    made = Reddit(RedditOptions.model_validate(FEED))
    newest = Thing("t3_p2", "jo", NOW - timedelta(hours=1), "acme", title="x", link="t3_p2")
    query = made.queries(())[0]
    task = Task("s", query, WINDOW)
    first = made.parse(task, answered(made.plan(task), atom(newest)))
    assert first.covered is not None
    assert first.covered.start > WINDOW.interval.start
    older = Thing("t3_p1", "jo", NOW - timedelta(minutes=30), "acme", title="x", link="t3_p1")
    with pytest.raises(Transient, match="newest entries again"):
        made.parse(task, answered(first.next, atom(older)))
    hole = Window(Interval(WINDOW.interval.start, NOW - timedelta(hours=1)), first.cursor, Purpose.HOLE)
    task = Task("s", query, hole)
    last = made.parse(task, answered(made.plan(task), atom(older)))
    assert [gap.interval for gap in last.gaps] == [hole.interval]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, b"<html>whoa there, pardner!</html>", AuthDead),
        (429, b"", RateLimited),
        (404, b"<html>", Forbidden),
        (502, b"<html>", Transient),
        (200, b"<html><title>Log in</title></html>", FormatChanged),
        (200, b"", FormatChanged),
    ],
)
def test_a_feed_that_is_not_given_says_why(status: int, body: bytes, error: type[Exception]) -> None:
    made = Reddit(RedditOptions.model_validate(FEED))
    with pytest.raises(error) as caught:
        parsed(made, body, status, line="feed")
    assert "f33d" not in str(caught.value)
