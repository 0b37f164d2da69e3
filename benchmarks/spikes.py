"""Alert rules: how often they fire where nothing happened, what they find of planted spikes and how soon, and the cost.

Series of 22 weeks are made from a seed, with nights, days and weekends: as many messages as chance gives (Poisson), and
scattered more widely than that (negative binomial, variance mean + mean^2 / dispersion), as messages that answer each
other are. A planted spike is three hours in which three times as many messages are added as are usual, eight at least,
once a week by day. The first nine weeks are history; the rest is judged, hour by hour.

The measure of cost is adding the same hours up once in plain Python.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.report import Figures
from understanding.spikes.baseline import Series
from understanding.spikes.judging import By, Condition, fired

SERIES = 8
"""Series of each level, quiet and planted alike."""
_ZONE = ZoneInfo("Europe/Amsterdam")
_START = datetime(2026, 1, 5, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_WEEK = 168
_WEEKS, _HISTORY = 22, 9
_LEVELS = (0.3, 2.0, 10.0, 60.0)
"""Messages in an ordinary hour."""
_SPIKE_H, _TIMES, _FEWEST = 3, 3.0, 8.0
_SCATTERS: tuple[tuple[str, float | None], ...] = (
    ("Poisson", None),
    ("negative binomial, dispersion 20", 20.0),
    ("negative binomial, dispersion 5", 5.0),
)
_RULES = (
    Condition(By.DEVIATION, 4, window_h=1),
    Condition(By.DEVIATION, 4, window_h=3),
    Condition(By.DEVIATION, 4, window_h=24),
    Condition(By.DEVIATION, 6, window_h=3),
    Condition(By.PERCENT, 200, window_h=3),
)


@dataclass(frozen=True, slots=True)
class Made:
    """A series, and in which of its hours a spike begins."""

    counts: tuple[int, ...]
    planted: tuple[int, ...]


def run(series: int) -> list[Figures]:
    """Judge so many series of each level, quiet and planted."""
    found = Figures(
        "Alert rules on made series",
        ("rule", "scatter", "false a quiet week", "found", "right", "after hours", "spikes"),
        notes=[
            f"{series * len(_LEVELS)} quiet series of {_WEEKS - _HISTORY} weeks and as many with spikes, for each row.",
            "found: spikes in which the rule fired; right: firings that lay in one; at least ten messages each.",
        ],
    )
    spent = plain = 0.0
    for name, dispersion in _SCATTERS:
        quiet = [_made(seed, level, dispersion, planted=False) for level in _LEVELS for seed in range(series)]
        spiked = [_made(-seed - 1, level, dispersion, planted=True) for level in _LEVELS for seed in range(series)]
        for rule in _RULES:
            began = time.thread_time()
            false = sum(len(_firings(one, rule)) for one in quiet)
            spent += time.thread_time() - began
            began = time.thread_time()
            for one in quiet:
                _added_up(one.counts)
            plain += time.thread_time() - began
            hits, right, firings, delays, spikes = 0, 0, 0, 0, 0
            for one in spiked:
                hours = _firings(one, rule)
                caught = {at: [hour for hour in hours if _inside(hour, at, rule)] for at in one.planted}
                spikes += len(caught)
                hits += sum(bool(inside) for inside in caught.values())
                delays += sum(inside[0] - at for at, inside in caught.items() if inside)
                firings += len(hours)
                right += len({hour for inside in caught.values() for hour in inside})
            weeks = len(quiet) * (_WEEKS - _HISTORY)
            found.add(
                f"{rule.value:g} {rule.by.value}, {rule.window_h} h",
                name,
                round(false / weeks, 3),
                round(hits / spikes, 2),
                round(right / max(1, firings), 2),
                round(delays / max(1, hits), 1),
                spikes,
            )
    judged = len(_SCATTERS) * len(_RULES) * series * len(_LEVELS)
    found.notes.append(
        f"{spent / judged * 1e3:.0f} ms of processor time to try a rule on 13 weeks of hours, "
        f"{spent / plain:.0f} times as much as adding these hours up once."
    )
    return [found]


def _made(seed: int, level: float, dispersion: float | None, *, planted: bool) -> Made:
    rng = random.Random(f"{seed} {level} {dispersion}")
    usual = [level * _part(_START + step * _HOUR) for step in range(_WEEKS * _WEEK)]
    counts = [_drawn(rng, mean, dispersion) for mean in usual]
    begins: list[int] = []
    if planted:
        for week in range(_HISTORY, _WEEKS):
            at = week * _WEEK + rng.randrange(7) * 24 + rng.randrange(8, 20)
            begins.append(at)
            for hour in range(at, min(at + _SPIKE_H, len(counts))):
                counts[hour] += _drawn(rng, max(_FEWEST, _TIMES * usual[hour]), None)
    return Made(tuple(counts), tuple(begins))


def _part(at: datetime) -> float:
    local = at.astimezone(_ZONE)
    of_day = 0.15 if local.hour < 7 else 1.4 if 9 <= local.hour < 22 else 0.7
    return of_day * (0.6 if local.weekday() >= 5 else 1.1)


def _drawn(rng: random.Random, mean: float, dispersion: float | None) -> int:
    """A count by chance; a negative binomial is a Poisson of which the mean is gamma distributed."""
    if dispersion is not None:
        mean = rng.gammavariate(dispersion, mean / dispersion)
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    bound, n, product = math.exp(-mean), 0, rng.random()
    while product > bound:
        n += 1
        product *= rng.random()
    return n


def _firings(one: Made, rule: Condition) -> list[int]:
    counts = {_START + step * _HOUR: n for step, n in enumerate(one.counts) if n}
    first, last = _START + _HISTORY * _WEEK * _HOUR, _START + (len(one.counts) - 1) * _HOUR
    moments = fired(Series(counts, _ZONE), rule, first=first, last=last)
    return [round((moment.hour - _START) / _HOUR) for moment in moments]


def _inside(hour: int, at: int, rule: Condition) -> bool:
    """Whether a window that ends with this hour holds some of a spike."""
    return at <= hour < at + _SPIKE_H + rule.window_h - 1


def _added_up(counts: Sequence[int]) -> int:
    total = 0
    for n in counts:
        total += n
    return total
