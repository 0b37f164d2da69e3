"""What a search asks of the clock is told apart, and can be taken off without touching the rest."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inbox.clock_terms import clock_terms
from inbox.errors import BadSearch
from inbox.lookups import lookup_of
from inbox.searching import parse
from screens import clock_chips
from tests.understanding import queries
from understanding import query


def test_each_part_says_what_it_asks_and_what_is_left_without_it() -> None:
    found = clock_terms("storing weekday:ma,sunday hour>=9 arrived:late before:2026-03-09")
    assert [one.kind for one in found] == ["weekday", "hour", "arrived", "before"]
    assert found[0].weekdays == (0, 6)
    assert found[1].hour == (">=", 9)
    assert found[2].late
    assert found[3].day == date(2026, 3, 9)
    assert found[0].without == "storing hour>=9 arrived:late before:2026-03-09"


@pytest.mark.parametrize(
    "search",
    ["", "storing", "hour:9 OR storing", '"', "NOT hour:9", "(" * 300, "\0", "🧨" * 9, "hour:9,10", "hour<9.5"],
)
def test_what_is_no_part_of_its_own_is_left_alone(search: str) -> None:
    assert clock_terms(search) == ()


@given(st.lists(queries.conditions(query.Place.SEARCH), min_size=1, max_size=4))
def test_a_part_and_what_is_left_are_the_whole_again(parts: list[query.Node]) -> None:
    whole = query.And(tuple(parts)) if len(parts) > 1 else parts[0]
    for one in clock_terms(query.spell(whole)):
        left = query.parse_query(one.without) if one.without else query.And(())
        kept = left.parts if isinstance(left, query.And) else (left,)
        assert len(kept) == len(parts) - 1


@given(st.sampled_from(["after", "before"]), st.dates())
@example("before", date.min)
@example("after", date.min)
@example("before", date.max)
@example("before", date(2, 1, 1))
@example("before", date(9998, 12, 31))
def test_every_day_is_looked_up_and_told_in_words_or_refused(name: str, day: date) -> None:
    search = f"{name}:{day.isoformat()}"
    try:
        asked = parse(search)
    except BadSearch:
        assert day.year in {date.min.year, date.max.year}
        assert clock_terms(search) == ()
        return
    assert asked is not None
    lookup_of(asked, ZoneInfo("Pacific/Kiritimati"))
    (term,) = clock_terms(search)
    assert clock_chips.told(term)
