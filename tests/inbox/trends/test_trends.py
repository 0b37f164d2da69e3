"""Volumes over time, share of voice, hours of the week, and the way from each figure to what stands behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from inbox.errors import BadInput, NotFound
from inbox.permissions import Role
from inbox.themes import background as themes
from inbox.themes.views import Draft
from inbox.trends import counting, tops
from inbox.trends.views import THE_REST, WHATS, By, Only, Point, Said, Slice, Step, What
from inbox.views import View
from screens.trends import picked
from store.erasing import Erasure, Why, erase_items
from store.records import AuthorRecord
from store.schema import gap, mention
from tests.inbox.conftest import World
from tests.inbox.trends.conftest import ZONE, say

AMSTERDAM = ZoneInfo(ZONE)
MONDAY = date(2026, 3, 9)
WEEK = Slice(date(2026, 3, 2), date(2026, 3, 8))


def local(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=AMSTERDAM)


def counts(world: World, token: str, asked: Slice, *, step: Step = "day", by: By | None = None) -> dict[str, list[int]]:
    told = world.inbox.trends.volume(token, asked, step=step, by=by)
    assert sum(point.n for point in told.points) >= told.total or by is not None
    return {key: [point.n for point in told.points if point.key == key] for key in told.keys}


def test_a_day_is_a_local_day_and_days_without_anything_are_there(world: World, analyst: str) -> None:
    say(world, local(2026, 3, 2, 0, 5), local(2026, 3, 2, 23, 55), local(2026, 3, 4))
    assert counts(world, analyst, WEEK) == {"": [2, 0, 1, 0, 0, 0, 0]}
    told = world.inbox.trends.volume(analyst, WEEK)
    assert [point.at.isoformat() for point in told.points[:2]] == [
        "2026-03-02T00:00:00+01:00",
        "2026-03-03T00:00:00+01:00",
    ]
    assert (told.total, told.late, told.left_out, told.unit) == (3, 0, 0, "messages")


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_of_a_clock_change_has_23_or_25_hours(world: World, analyst: str, day: date, hours: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM).astimezone(UTC)
    say(world, *(midnight + timedelta(hours=place, minutes=30) for place in range(hours)))
    assert counts(world, analyst, Slice(day, day), step="hour") == {"": [1] * hours}
    assert counts(world, analyst, Slice(day, day)) == {"": [hours]}
    heat = world.inbox.trends.heat_map(analyst, Slice(day, day))
    sunday = [cell for cell in heat.cells if cell.weekday == 6]
    assert [cell.hours for cell in sunday] == [{23: 0, 25: 2}[hours] if hour == 2 else 1 for hour in range(24)]
    assert {cell.per_hour for cell in sunday} <= {1.0, None}
    assert heat.total == hours


def test_a_split_tells_every_key_apart_and_the_smallest_together(world: World, analyst: str) -> None:
    say(world, local(2026, 3, 2), local(2026, 3, 3), brand_ids=("acme", "rival"), sentiment="negative")
    say(world, local(2026, 3, 3), source="reviews", kind="review", lang="en", brand_ids=("acme",))
    assert counts(world, analyst, WEEK, by="source") == {"forum": [1, 1, 0, 0, 0, 0, 0], "reviews": [0, 1] + [0] * 5}
    assert counts(world, analyst, WEEK, by="lang") == {"nl": [1, 1, 0, 0, 0, 0, 0], "en": [0, 1] + [0] * 5}
    assert counts(world, analyst, WEEK, by="kind") == {"post": [1, 1, 0, 0, 0, 0, 0], "review": [0, 1] + [0] * 5}
    assert counts(world, analyst, WEEK, by="sentiment") == {"negative": [1, 1, 0, 0, 0, 0, 0], "": [0, 1] + [0] * 5}
    assert counts(world, analyst, WEEK, by="brand") == {"acme": [1, 2, 0, 0, 0, 0, 0], "rival": [1, 1] + [0] * 5}
    told = world.inbox.trends.volume(analyst, WEEK, by="brand", most=1)
    assert (told.total, told.keys, told.names) == (3, ("acme", THE_REST), (("acme", "Acme"),))
    assert [point.n for point in told.points if point.key == THE_REST] == [1, 1, 0, 0, 0, 0, 0]


def test_filters_narrow_every_step_and_a_mention_of_two_brands_is_one_in_the_total(world: World, analyst: str) -> None:
    say(world, local(2026, 3, 2, 9), brand_ids=("acme", "rival"), sentiment="negative")
    say(world, local(2026, 3, 2, 9), source="reviews", sentiment="positive", lang="en", kind="review")
    one_day = Slice(date(2026, 3, 2), date(2026, 3, 2))
    for step in ("hour", "day", "week"):
        for asked, n in (
            (one_day, 2),
            (replace(one_day, brand_ids=("acme",)), 1),
            (replace(one_day, sentiments=("positive",)), 1),
            (replace(one_day, sentiments=("",)), 0),
            (replace(one_day, source_ids=("reviews",), langs=("en",), kinds=("review",)), 1),
            (replace(one_day, source_ids=("reviews",), langs=("nl",)), 0),
        ):
            told = world.inbox.trends.volume(analyst, asked, step=step)
            assert (told.total, sum(point.n for point in told.points)) == (n, n), (step, asked)


def test_a_week_begins_on_monday_and_is_cut_by_the_slice(world: World, analyst: str) -> None:
    say(world, *(local(2026, 3, day) for day in range(1, 12)))
    assert counts(world, analyst, Slice(date(2026, 3, 4), date(2026, 3, 10)), step="week") == {"": [5, 2]}


def test_what_was_found_late_and_copies_are_told_beside(world: World, analyst: str) -> None:
    say(world, local(2026, 3, 2), text="precies hetzelfde bericht over acme", dup_hash=7)
    say(world, local(2026, 3, 2, 13), text="precies hetzelfde bericht over acme", dup_hash=7)
    say(world, local(2026, 3, 3), seen_at=local(2026, 3, 4, 12, 1))
    say(world, local(2026, 3, 3), seen_at=local(2026, 3, 4))
    told = world.inbox.trends.volume(analyst, WEEK)
    assert [(point.n, point.late) for point in told.points[:3]] == [(1, 0), (2, 1), (0, 0)]
    assert (told.total, told.late, told.left_out) == (3, 1, 1)


def test_the_period_before_is_as_long_and_ends_the_day_before(world: World) -> None:
    assert world.inbox.trends.previous(replace(WEEK, langs=("nl",))) == Slice(
        date(2026, 2, 23), date(2026, 3, 1), langs=("nl",)
    )


def test_share_of_voice_sets_brands_against_competitors_and_the_period_before(world: World, analyst: str) -> None:
    say(world, *(local(2026, 3, day) for day in (2, 3, 4)), brand_ids=("acme",))
    say(world, local(2026, 3, 4), brand_ids=("rival",))
    say(world, local(2026, 2, 25), brand_ids=("rival",))
    told = world.inbox.trends.share_of_voice(analyst, WEEK)
    assert [(one.name, one.competitor, one.n, one.share, one.n_before, one.share_before) for one in told.brands] == [
        ("Acme", False, 3, 0.75, 0, 0.0),
        ("Rival", True, 1, 0.25, 1, 1.0),
        ("Dochter", False, 0, 0.0, 0, 0.0),
    ]
    nobody = world.inbox.trends.share_of_voice(analyst, replace(WEEK, brand_ids=("dochter",)))
    assert [(one.n, one.share) for one in nobody.brands] == [(0, None)]


def test_five_mondays_weigh_no_more_than_four_tuesdays(world: World, analyst: str) -> None:
    march = Slice(date(2026, 3, 2), date(2026, 3, 30))  # five Mondays, four of each other day
    days = [march.first + timedelta(days=place) for place in range(march.days)]
    say(world, *(local(day.year, day.month, day.day, 9) for day in days if day.weekday() < 2))
    told = world.inbox.trends.heat_map(analyst, march)
    by = {(cell.weekday, cell.hour): cell for cell in told.cells}
    assert (by[0, 9].n, by[0, 9].hours, by[0, 9].per_hour) == (5, 5, 1.0)
    assert (by[1, 9].n, by[1, 9].hours, by[1, 9].per_hour) == (4, 4, 1.0)
    assert (told.total, len(told.cells)) == (9, 168)


def test_the_largest_stand_beside_the_period_before(world: World, analyst: str) -> None:
    say(world, local(2026, 3, 2), local(2026, 3, 3), text="zie https://www.nos.nl/artikel?utm_source=x en meer")
    say(world, local(2026, 2, 25), local(2026, 3, 5), url="https://forum.example.org/t/1")
    top = world.inbox.trends.top
    (author,) = top(analyst, WEEK, what="authors").rows
    assert (author.name, author.n, author.n_before) == ("piet", 3, 1)
    sites = top(analyst, WEEK, what="sites")
    assert [(row.key, row.n, row.n_before) for row in sites.rows] == [("nos.nl", 2, 0), ("example.org", 1, 1)]
    assert (sites.counted, sites.total) == (3, 3)
    (link,) = top(analyst, WEEK, what="links").rows
    assert (link.key, link.n) == ("https://www.nos.nl/artikel", 2)
    assert top(analyst, WEEK, what="words").rows == ()


def at_point(point: Point, *, step: Step = "day", by: By | None = None) -> tuple[Slice, Only]:
    """The week narrowed to a point of its chart as the page does it for a click, and what of it."""
    one = picked.Picked("volume", point.at, point.key)
    found = picked.narrowed(WEEK, one, step, by or "none")
    assert found is not None
    return found, one.only(step)


def test_a_figure_and_the_rows_behind_it_are_the_same_number(world: World, analyst: str) -> None:
    say(world, *(local(2026, 3, 2, hour) for hour in (8, 9, 9, 10)), brand_ids=("acme",), sentiment="negative")
    say(world, local(2026, 3, 2, 9), source="reviews", kind="review", lang="und")
    say(world, local(2026, 3, 3, 9))
    trends = world.inbox.trends
    for step in ("hour", "day", "week"):
        for by in (None, "source", "brand", "lang", "kind", "sentiment"):
            told = trends.volume(analyst, WEEK, step=step, by=by)
            for point in told.points[:: 3 if step == "hour" else 1]:
                asked, only = at_point(point, step=step, by=by)
                page = trends.messages(analyst, asked, only=only)
                assert len(page.rows) == point.n, (step, by, point)
                if point.n:
                    behind = trends.rows(analyst, asked, only=only)
                    listed = world.inbox.listing(analyst, behind.view, behind.filters)
                    assert (behind.n, behind.n_conversations, len(listed.cards)) == (point.n, point.n, point.n)


def test_pages_of_messages_go_on_where_the_last_one_ended(world: World, analyst: str) -> None:
    say(world, *(local(2026, 3, 2, 9, minute) for minute in range(7)), local(2026, 3, 5))
    found: list[Said] = []
    cursor = None
    while True:
        page = world.inbox.trends.messages(analyst, WEEK, cursor=cursor, limit=3)
        found += page.rows
        if (cursor := page.next_cursor) is None:
            break
    assert len({row.mention_id for row in found}) == 8
    assert [row.at for row in found] == sorted((row.at for row in found), reverse=True)
    for damaged in ("", "x", "1.2.3", "9" * 100, "\0", "-5.1"):
        assert len(world.inbox.trends.messages(analyst, WEEK, cursor=damaged, limit=3).rows) in {0, 3}


def test_themes_are_counted_by_conversation_per_day_brand_and_source(world: World, analyst: str) -> None:
    say(world, local(2026, 3, 2), local(2026, 3, 3), brand_ids=("acme",))
    lead = world.token(world.person(Role.LEAD))
    theme = world.inbox.themes.make(lead, Draft("Bezorging"))
    for card in world.inbox.listing(analyst, View.ALL).cards:
        world.inbox.themes.link(lead, card.id, theme)
    told = world.inbox.trends.volume(analyst, replace(WEEK, theme_ids=(theme,)))
    assert (told.unit, told.total, [point.n for point in told.points[:3]]) == ("conversations", 2, [1, 1, 0])
    by = world.inbox.trends.volume(analyst, WEEK, by="theme")
    assert (by.keys, by.names) == ((str(theme),), ((str(theme), "Bezorging"),))
    asked, _ = at_point(by.points[0], by="theme")
    assert len(world.inbox.trends.messages(analyst, asked).rows) == 1
    for wrong in (replace(asked, langs=("nl",)), replace(asked, sentiments=("negative",))):
        with pytest.raises(BadInput, match="conversation"):
            world.inbox.trends.volume(analyst, wrong)
    with pytest.raises(BadInput, match="by day"):
        world.inbox.trends.volume(analyst, WEEK, step="hour", by="theme")


def test_marks_tell_of_changed_queries_and_of_gaps(world: World, analyst: str) -> None:
    with world.store.write() as conn:
        conn.execute(
            gap.insert().values(
                id=1, source_id="forum", query_id="q", start_at=local(2026, 3, 1), end_at=local(2026, 3, 3),
                reason="error", text="", found_at=local(2026, 3, 3),
            )
        )  # fmt: skip
    (mark,) = world.inbox.trends.marks(analyst, WEEK)
    assert (mark.kind, mark.about, str(mark.text)) == (
        "gap",
        "forum",
        "Forum was not read: the source could not be read.",
    )
    assert (mark.at, mark.until) == (local(2026, 3, 2, 0), local(2026, 3, 3))
    world.clock.step(minutes=5)
    world.inbox.lab.save(world.token(world.person(Role.LEAD)), "acme", "acme OR akme")
    (changed,) = world.inbox.trends.marks(analyst, Slice(world.clock().date(), world.clock().date()))
    assert (changed.kind, changed.about, str(changed.text)) == ("query", "acme", "The query of Acme changed.")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Slice(date(2026, 3, 2), date(2026, 3, 1)), "before the first"),
        (Slice(date(1976, 3, 2), date(2026, 3, 1)), "Choose days between"),
        (Slice(date(1991, 3, 2), date(2041, 3, 1)), "at most 1,100 days"),
        (replace(WEEK, langs=("\0",)), "short code"),
        (replace(WEEK, kinds=("x" * 100_000,)), "short code"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(world: World, analyst: str, asked: Slice, told: str) -> None:
    for ask in (
        world.inbox.trends.volume,
        world.inbox.trends.share_of_voice,
        world.inbox.trends.heat_map,
        world.inbox.trends.marks,
        world.inbox.trends.rows,
    ):
        if "1,100" in told and ask != world.inbox.trends.volume:
            continue
        with pytest.raises(BadInput, match=told):
            ask(analyst, asked)


def test_brands_sources_and_themes_that_there_are_not_are_named(world: World, analyst: str) -> None:
    odd = ("nobody", "", "x" * 100_000, "🎉🎉", "a\u0301\u0323" * 50, "\u202e\u05de\u05d4", "\0", "ac' OR 1=1 --")
    for one in odd:
        for wrong in (
            replace(WEEK, brand_ids=(one,)),
            replace(WEEK, source_ids=(one,)),
            replace(WEEK, sentiments=(one or "?",)),
        ):
            with pytest.raises(NotFound):
                world.inbox.trends.volume(analyst, wrong)
    with pytest.raises(NotFound):
        world.inbox.trends.volume(analyst, replace(WEEK, theme_ids=(123,)))


def test_an_empty_workspace_has_charts_of_zeros(world: World, analyst: str) -> None:
    trends = world.inbox.trends
    assert counts(world, analyst, WEEK) == {"": [0] * 7}
    assert trends.volume(analyst, WEEK, by="source").points == ()
    assert trends.heat_map(analyst, WEEK).total == 0
    assert trends.top(analyst, WEEK, what="authors").rows == ()
    assert trends.messages(analyst, WEEK).rows == ()
    assert trends.rows(analyst, WEEK).n == 0
    assert {one.share for one in trends.share_of_voice(analyst, WEEK).brands} == {None}


def test_of_many_messages_the_largest_come_from_what_each_day_kept(
    world: World, analyst: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(
        world,
        local(2026, 3, 2),
        local(2026, 3, 3),
        text="levering duurt lang, zie https://nos.nl/a",
        brand_ids=("acme",),
    )
    say(world, local(2026, 3, 3), text="levering", author=AuthorRecord("jan", "discourse", name="Jan"))
    settings, now = world.desk.settings, world.clock()
    themes.count(world.store, settings, now)
    assert counting.count(world.store, settings, now) == 2
    assert counting.count(world.store, settings, now) == 0, "nothing changed"
    exact = {what: world.inbox.trends.top(analyst, WEEK, what=what).rows for what in WHATS}
    monkeypatch.setattr(tops, "MOST_READ", 0)
    for asked in (WEEK, replace(WEEK, brand_ids=("acme",))):
        for what in WHATS:
            told = world.inbox.trends.top(analyst, asked, what=what)
            assert (told.counted, told.total, told.at_least) == ((2, 2, False) if asked.brand_ids else (3, 3, False))
            assert asked.brand_ids or told.rows == exact[what]
    words = world.inbox.trends.top(analyst, WEEK, what="words").rows
    assert [(row.key, row.n) for row in words[:2]] == [("levering", 3), ("duurt", 2)]
    say(world, local(2026, 3, 3, 15))
    assert world.inbox.trends.top(analyst, WEEK, what="authors").counted == 3
    assert counting.count(world.store, settings, now) == 1
    assert world.inbox.trends.top(analyst, WEEK, what="authors").counted == 4


def test_what_is_erased_is_in_no_list_any_more(world: World, analyst: str, monkeypatch: pytest.MonkeyPatch) -> None:
    say(world, local(2026, 3, 2), text="mijn geheim")
    settings, now = world.desk.settings, world.clock()
    themes.count(world.store, settings, now)
    counting.count(world.store, settings, now)
    monkeypatch.setattr(tops, "MOST_READ", 0)
    assert world.inbox.trends.top(analyst, WEEK, what="words").rows
    with world.store.read() as conn:
        ids = list(conn.execute(select(mention.c.id)).scalars())
    world.store.write_again(lambda conn: erase_items(conn, world.store, ids, Erasure(Why.ERASED, now)))
    for _ in range(2):
        for what in WHATS:
            assert world.inbox.trends.top(analyst, WEEK, what=what).rows == ()
        themes.count(world.store, settings, now)
        counting.count(world.store, settings, now)
    assert world.inbox.trends.volume(analyst, WEEK).total == 1, "that it was said stays a fact"
    assert [row.gone for row in world.inbox.trends.messages(analyst, WEEK).rows] == [True]


@pytest.mark.parametrize(
    ("asked", "what", "told"),
    [
        (replace(WEEK, langs=("nl",)), "words", "one brand at a time"),
        (Slice(date(2026, 1, 1), date(2026, 3, 1), sentiments=("negative",)), "words", "at most 31 days"),
        (WEEK, "planets", "authors, sites, words or links"),
    ],
)
def test_lists_that_cannot_be_told_say_why(world: World, analyst: str, asked: Slice, what: What, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        world.inbox.trends.top(analyst, asked, what=what)


def test_the_rest_of_a_split_by_source_is_the_whole_without_what_is_shown(world: World, analyst: str) -> None:
    say(world, local(2026, 3, 2), local(2026, 3, 3), local(2026, 3, 3))
    say(world, local(2026, 3, 3), local(2026, 3, 4), source="reviews", seen_at=local(2026, 3, 6))
    for step in ("hour", "day", "week"):
        told = world.inbox.trends.volume(analyst, WEEK, step=step, by="source", most=1)
        assert told.keys == ("forum", THE_REST)
        for key, n, late in (("forum", 3, 0), (THE_REST, 2, 2)):
            mine = [point for point in told.points if point.key == key]
            assert (sum(point.n for point in mine), sum(point.late for point in mine)) == (n, late)


def test_a_cell_of_the_week_lists_exactly_what_it_counts(world: World, analyst: str) -> None:
    spring = Slice(date(2026, 3, 23), date(2026, 4, 5))  # the clock skips 2:00 on the Sunday between the weeks
    moments = [local(2026, 3, day, hour, 59) for day in (23, 29, 30) for hour in (0, 1, 3, 23)]
    say(world, *moments, local(2026, 3, 30, 9), local(2026, 3, 23, 9), brand_ids=("acme",))
    say(world, local(2026, 3, 30, 9), source="reviews", lang="en", seen_at=local(2026, 4, 2))
    trends = world.inbox.trends
    for asked in (spring, replace(spring, source_ids=("reviews",)), replace(spring, brand_ids=("acme",))):
        for cell in trends.heat_map(analyst, asked).cells:
            if not cell.n and (cell.weekday or cell.hour % 8):
                continue
            only = Only(weekday=cell.weekday, weekhour=cell.hour)
            behind = trends.rows(analyst, asked, only=only)
            listed = world.inbox.listing(analyst, behind.view, behind.filters, limit=100)
            told = (len(trends.messages(analyst, asked, only=only).rows), behind.n, len(listed.cards))
            assert told == (cell.n, cell.n, cell.n), (asked, cell, behind.filters.search)
    assert "weekday:mon hour=9" in trends.rows(analyst, spring, only=Only(weekday=0, weekhour=9)).filters.search


def test_what_was_found_late_is_listed_for_a_period_and_for_a_point(world: World, analyst: str) -> None:
    say(world, local(2026, 3, 3), local(2026, 3, 4), seen_at=local(2026, 3, 5, 12, 1))
    say(world, local(2026, 3, 3), local(2026, 3, 5), sentiment="negative")
    trends, only = world.inbox.trends, Only(late=True)
    told = trends.volume(analyst, WEEK)
    assert told.late == 2
    for asked, n in ((WEEK, 2), *((at_point(one)[0], one.late) for one in told.points)):
        behind = trends.rows(analyst, asked, only=only)
        listed = world.inbox.listing(analyst, behind.view, behind.filters, limit=100)
        page = trends.messages(analyst, asked, only=only)
        assert (len(page.rows), behind.n, len(listed.cards)) == (n, n, n)
        assert all(one.late for one in page.rows)


@pytest.mark.parametrize("only", [Only(weekday=7, weekhour=0), Only(weekday=0, weekhour=24), Only(weekday=0)])
def test_an_hour_of_the_week_that_there_is_not_is_refused(world: World, analyst: str, only: Only) -> None:
    with pytest.raises(BadInput):
        world.inbox.trends.rows(analyst, WEEK, only=only)
    with pytest.raises(BadInput, match="counted by day"):
        world.inbox.trends.messages(analyst, replace(WEEK, theme_ids=(_theme(world),)), only=Only(late=True))


def _theme(world: World) -> int:
    return world.inbox.themes.make(world.token(world.person(Role.LEAD)), Draft("Bezorging"))
