"""Charts of the trends as pure functions: what goes in comes out, in the order and the colours that were promised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.errors import BadInput
from inbox.sentences import Sentence
from inbox.trends.views import (
    THE_REST,
    BrandShare,
    HeatCell,
    HeatMap,
    Mark,
    Point,
    Series,
    ShareOfVoice,
    Slice,
)
from screens import i18n
from screens.charts import looks
from screens.period_choice import NAMES, Wanted
from screens.trends import (
    asked,
    change,
    heat_chart,
    picked,
    series,
    table,
    tiles,
    tone_chart,
    voice_chart,
    volume_chart,
)
from screens.trends.asked import Asked
from screens.trends.figures import Figures

ZONE = ZoneInfo("Europe/Amsterdam")
TODAY = date(2026, 11, 29)
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
KEYS = st.text(alphabet="abcdefghijklmnopq", min_size=1, max_size=2)
COUNTS = st.dictionaries(
    st.tuples(st.integers(0, 9), KEYS), st.tuples(st.integers(0, 500), st.integers(0, 20)), max_size=60
)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with i18n.speaking("en"):
        yield


def day(n: int) -> datetime:
    return datetime(2026, 11, 1, tzinfo=ZONE) + timedelta(days=n)


def made(counted: dict[tuple[int, str], tuple[int, int]]) -> Series:
    keys = tuple(sorted({key for _day, key in counted})) or ("",)
    points = tuple(Point(day(at), key, *counted.get((at, key), (0, 0))) for at in range(10) for key in keys)
    return Series(points, sum(one.n for one in points), sum(one.late for one in points), keys=keys)


def named(shown: Series) -> series.Named:
    return series.Named(lambda key: f"<{key}>", looks.colours(shown.keys))


def spec_of(drawing: looks.Drawing) -> dict[str, Any]:
    """A chart as the browser gets it, checked against the schema of Vega-Lite."""
    made = looks.spec(lambda: drawing, told="y")
    alt.LayerChart.from_dict(made) if "layer" in made else alt.Chart.from_dict(made)
    return made


def drawn(shown: Series, **more: Any) -> volume_chart.Volume:
    given_ = {"before": None, "marks": (), "step": "day", "named": named(shown), "now": NOW, **more}
    return volume_chart.Volume(shown, **given_)


@given(COUNTS)
def test_folding_the_smallest_series_changes_no_sum(counted: dict[tuple[int, str], tuple[int, int]]) -> None:
    whole = made(counted)
    shown = series.folded(whole, 5)
    assert len(shown.keys) <= 5
    assert series.by_moment(shown) == series.by_moment(whole)
    assert series.late_by_moment(shown) == series.late_by_moment(whole)
    assert sum(series.by_key(shown).values()) == sum(series.by_key(whole).values())


@given(COUNTS)
def test_the_bars_of_the_chart_add_up_to_what_was_counted(counted: dict[tuple[int, str], tuple[int, int]]) -> None:
    shown = series.folded(made(counted))
    told = series.rows(shown, "day", named(shown))
    assert sum(int(str(one["n"])) for one in told) == shown.total
    per_step = dict.fromkeys(series.by_moment(shown), 0)
    for one in told:
        per_step[datetime.fromisoformat(str(one["at"]))] += int(str(one["n"]))
    assert per_step == series.by_moment(shown)


def test_a_chart_of_twelve_series_has_a_legend_of_twelve_and_of_thirteen_too() -> None:
    for n in (12, 13, 40):
        shown = series.folded(made({(at % 10, f"k{at:02}"): (at + 1, 0) for at in range(n)}))
        spec = spec_of(volume_chart.chart(drawn(shown)))
        bars = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "bar")
        scale = bars["encoding"]["color"]["scale"]
        assert len(scale["domain"]) == len(scale["range"]) == 12
        assert len(set(scale["range"])) == 12
        assert (THE_REST in shown.keys) is (n > 12)
        assert sum(one["n"] for one in spec["datasets"]["bars"]) == shown.total


def test_a_colour_stays_with_its_key_whatever_else_is_shown() -> None:
    known = [f"source{n}" for n in range(8)]
    every = looks.colours(known, known)
    assert looks.colours(["source5", "source2"], known) == {key: every[key] for key in ("source5", "source2")}
    assert len(set(every.values())) == 8
    assert len(set(looks.colours([f"s{n}" for n in range(12)], known).values())) == 12


@pytest.mark.parametrize("colour", [*looks.SERIES, *looks.TONES.values(), looks.PLAIN, looks.MARK, looks.BEFORE])
def test_a_colour_can_be_told_from_light_and_dark(colour: str) -> None:
    assert min(contrast(colour, "#ffffff"), contrast(colour, "#111318")) > 2.2


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_period_before_lies_under_this_one_step_by_step() -> None:
    now = made({(0, "a"): (5, 0), (1, "a"): (7, 0)})
    then = Series(tuple(Point(day(n - 10), "", n) for n in range(10)), 45)
    told = volume_chart.before_rows(drawn(now, before=then))
    assert [one["n"] for one in told] == list(range(10))
    assert [one["at"] for one in told] == [series.step_name(day(n)) for n in range(10)]


def test_late_arrivals_changed_queries_and_gaps_are_marked() -> None:
    marks = (
        Mark("query", day(2) + timedelta(hours=9), None, "acme", Sentence("The query of {brand} changed.", brand="x")),
        Mark("gap", day(4) + timedelta(hours=9), day(6) + timedelta(hours=1), "forum", Sentence("{s} stopped.", s="y")),
    )
    shown = drawn(made({(3, "a"): (10, 4), (5, "a"): (2, 0)}), marks=marks)
    steps = series.moments(shown.series)
    assert [(one["at"], one["top"]) for one in volume_chart.late_rows(shown)] == [(series.step_name(day(3)), 10)]
    assert [one["at"] for one in volume_chart.query_rows(shown, steps)] == [series.step_name(day(2))]
    gaps = [one["at"] for one in volume_chart.gap_rows(shown, steps)]
    assert gaps == [series.step_name(day(n)) for n in (4, 5, 6)]
    kinds = [layer["mark"]["type"] for layer in spec_of(volume_chart.chart(shown))["layer"]]
    assert kinds == ["rect", "bar", "point", "rule", "point"]


def test_an_alert_stands_over_the_bar_of_its_step() -> None:
    fired = (volume_chart.Spike(day(3) + timedelta(hours=9), "Meer dan anders", 40),)
    shown = drawn(made({(3, "a"): (30, 0), (3, "b"): (12, 0)}), spikes=fired)
    spec = spec_of(volume_chart.chart(shown))
    (row,) = spec["datasets"]["spikes"]
    assert (row["at"], row["top"], row["text"]) == (series.step_name(day(3)), 42, "Meer dan anders (40)")
    assert spec["layer"][-1]["mark"]["type"] == "text"


@given(st.integers(-300, 300), st.integers(0, 400))
def test_a_gap_is_drawn_on_the_steps_it_touches_and_no_other(begin: int, length: int) -> None:
    steps = [day(n) for n in range(10)]
    at, until = day(0) + timedelta(hours=begin), day(0) + timedelta(hours=begin + length)
    touched = [one for one in steps if one < until and one + timedelta(days=1) > at]
    found = volume_chart.spanned(steps, at, until)
    inside = [one for one in found if one != steps[-1]]
    assert [one for one in touched if one != steps[-1]] == inside or length == 0


def test_the_hour_that_is_lived_twice_has_two_bars() -> None:
    first = datetime(2026, 10, 25, 0, 0, tzinfo=UTC).astimezone(ZONE)
    second = datetime(2026, 10, 25, 1, 0, tzinfo=UTC).astimezone(ZONE)
    assert (first.hour, second.hour) == (2, 2)
    assert series.step_name(first) != series.step_name(second)


@given(COUNTS)
def test_shares_of_tones_of_a_step_add_up_to_one(counted: dict[tuple[int, str], tuple[int, int]]) -> None:
    tones = (*tone_chart.TONES, "")
    toned = {(at, tones[len(key) * 7 % 5]): n for (at, key), n in counted.items()}
    shown = made(toned)
    per_step: dict[object, float] = {}
    for one in tone_chart.rows(shown, "day"):
        per_step[one["at"]] = per_step.get(one["at"], 0.0) + float(str(one["share"]))
    assert all(abs(whole - 1) < 1e-9 for whole in per_step.values())


def brand(key: str, n: int, share: float, n_before: int, share_before: float) -> BrandShare:
    return BrandShare(key, key, key != "a", n, share, n_before, share_before)


def test_share_of_voice_and_the_week_are_drawn_of_every_number() -> None:
    voice = ShareOfVoice((brand("a", 30, 0.75, 20, 1.0), brand("b", 10, 0.25, 0, 0.0)), 40, 20)
    rows = spec_of(voice_chart.chart(voice, {"a": "#2f6bd6"}))["datasets"]["brands"]
    assert [(one["key"], one["n"], one["share"]) for one in rows] == [("a", 30, 0.75), ("b", 10, 0.25)]
    week = HeatMap(tuple(HeatCell(d, h, d + h, 4) for d in range(7) for h in range(24)), 0)
    cells = spec_of(heat_chart.chart(week))["datasets"]["week"]
    assert sum(one["n"] for one in cells) == sum(one.n for one in week.cells)


def test_the_table_tells_what_the_chart_tells() -> None:
    shown = made({(0, "a"): (5, 1), (1, "b"): (1200, 0)})
    head, rows = table.of_volume(shown, None, "day", named(shown))
    assert head == ["When", "<a>", "<b>", "Together", "Found late"]
    assert rows[0] == ["1 Nov 2026", "5", "0", "5", "1"]
    assert rows[1][1:] == ["0", "1,200", "1,200", "0"]
    assert "<a>" not in table.table(head, rows, "<script>")


def test_numbers_and_months_are_dutch_in_dutch() -> None:
    with i18n.speaking("nl"):
        locale = spec_of(volume_chart.chart(drawn(made({(0, "a"): (1, 0)}))))["config"]["locale"]
    assert locale["number"]["thousands"] == "."
    assert locale["number"]["decimal"] == ","
    assert locale["time"]["days"][0] == "zondag"
    assert locale["time"]["shortMonths"][2] == "mrt"


# --- the change against the period before ----------------------------------------------------------------------------


def test_a_change_in_per_cents_is_told_only_of_numbers_that_mean_something() -> None:
    assert change.of_counts(3, 1) == "was 1"
    assert change.of_counts(0, 0) == "none before either"
    assert change.of_counts(460, 340) == "+35% (was 340)"
    assert change.of_counts(350, 340) == "+3% (was 340), may be chance"
    assert change.of_shares(3, 10, 5, 12) == "too few to compare"
    assert change.of_shares(60, 200, 30, 200) == "+15 points (was 15%)"
    assert change.of_shares(31, 200, 30, 200).endswith("may be chance")


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_a_change_is_told_whatever_the_numbers(n: int, before: int) -> None:
    assert change.of_counts(n, before)
    assert change.sure_counts(n, before) == change.sure_counts(before, n)


# --- the address -----------------------------------------------------------------------------------------------------

WORDS = st.text(min_size=0, max_size=30).filter(lambda one: one.isprintable() and "," not in one and one != "-")


@given(
    st.builds(
        Asked,
        period=st.sampled_from([Wanted(name) for name in NAMES if name != "own"]),
        step=st.sampled_from(asked.STEPS),
        by=st.sampled_from(asked.SPLITS),
        brands=st.lists(WORDS, max_size=4, unique=True).map(tuple),
        langs=st.lists(WORDS, max_size=4, unique=True).map(tuple),
        themes=st.lists(st.integers(0, 10**15).map(str), max_size=4, unique=True).map(tuple),
        pick=WORDS,
    )
)
def test_what_is_written_in_an_address_is_read_from_it(wanted: Asked) -> None:
    assert asked.read(asked.write(wanted)) == wanted


@given(st.dictionaries(st.sampled_from(["period", "from", "to", "step", "by", "brand", "theme", "pick"]), st.text()))
def test_no_address_breaks_the_page(address: dict[str, str]) -> None:
    found = asked.read(address)
    with suppress(BadInput):
        whole = asked.slice_of(found, TODAY)
        assert whole.first <= whole.last <= TODAY
    picked.read(found.pick)


# --- the figure that was chosen --------------------------------------------------------------------------------------

WHOLE = Slice(date(2026, 11, 3), date(2026, 11, 29), source_ids=("forum", "mail"))


def test_a_bar_narrows_to_its_step_and_its_key() -> None:
    one = picked.read(picked.written("volume", day(3).isoformat(), "forum"))
    assert one is not None
    found = picked.narrowed(WHOLE, one, "day", "source")
    assert found == Slice(date(2026, 11, 4), date(2026, 11, 4), source_ids=("forum",))
    week = picked.narrowed(WHOLE, picked.Picked("volume", day(1), "forum"), "week", "source")
    assert week is not None
    assert (week.first, week.last) == (date(2026, 11, 3), date(2026, 11, 8))


def test_a_source_or_brand_called_late_is_no_late_arrival() -> None:
    at = day(3).isoformat()
    for pick in (picked.written("volume", at, "late"), picked.written("tone", at, "late"), "voice~late"):
        one = picked.read(pick)
        assert one is not None
        assert not one.only("day").late
        assert not one.only("hour").late
    for pick in (picked.written("late", at, ""), picked.written("tile", "late")):
        one = picked.read(pick)
        assert one is not None
        assert one.only("day").late


@pytest.mark.parametrize(
    ("brands", "told"),
    [
        ((brand("a", 30, 0.75, 20, 1.0),), None),
        ((brand("b", 30, 0.75, 20, 1.0),), None),
        ((brand("b", 30, 0.75, 20, 1.0), brand("a", 10, 0.25, 0, 0.0)), "25%"),
    ],
    ids=["no competitor", "no brand of our own", "both"],
)
def test_our_share_is_told_where_there_is_one_of_ours_and_one_of_others(
    brands: tuple[BrandShare, ...], told: str | None
) -> None:
    found = {one.key: one for one in tiles.tiles(_figures(ShareOfVoice(brands, 40, 20)))}
    assert (found["voice"].value if "voice" in found else None) == told


def _figures(voice: ShareOfVoice) -> Figures:
    nothing = Series((), 0)
    return Figures("day", nothing, nothing, None, None, voice, None, (), (), None)


def test_other_is_what_has_no_place_of_its_own_within_what_was_asked() -> None:
    one = picked.Picked("volume", day(3), THE_REST)
    found = picked.narrowed(WHOLE, one, "day", "source", ("mail", "chirp"))
    assert found is not None
    assert found.source_ids == ("mail",)
    assert picked.narrowed(WHOLE, one, "day", "source", ("chirp",)) is None
    assert picked.narrowed(WHOLE, picked.Picked("volume", day(-9), "forum"), "day", "source") is None


@pytest.mark.parametrize(
    "written", ["", "volume", "volume~x~y", "tile", "nothing~x", "volume~2026-11-03T00:00:00~x", "~" * 50]
)
def test_a_figure_that_is_none_is_not_read(written: str) -> None:
    assert picked.read(written) is None
