"""The chart of a report as SVG within the page: nothing is loaded, and it prints as it stands. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from inbox.reports.document import Day
from inbox.reports.words import Tongue

_WIDTH, _HEIGHT = 760, 220
_LEFT, _BOTTOM, _TOP = 46, 26, 10
_LABELS = 8
INFLOW, ANSWERS = "#2b6cb0", "#c05621"
"""Told apart by everybody, also in grey: the one is bars, the other a line."""


def per_day(days: Sequence[Day], tongue: Tongue) -> str:
    """Messages as bars and first answers as a line, one step per day."""
    top = _rounded(max((max(day.inflow, day.answers) for day in days), default=0))
    wide, high = (_WIDTH - _LEFT) / max(1, len(days)), _HEIGHT - _BOTTOM - _TOP

    def y(n: float) -> float:
        return _TOP + high - high * n / top

    parts = []
    for n in (0, top // 2, top):
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y(n):.1f}" y2="{y(n):.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y(n) + 4:.1f}" text-anchor="end">{escape(tongue.number(n))}</text>')
    every = max(1, -(-len(days) // _LABELS))
    points = []
    for place, day in enumerate(days):
        x = _LEFT + wide * place
        told = f"{tongue.day(day.day)}: {tongue.number(day.inflow)} {tongue.say('messages')}, "
        told += f"{tongue.number(day.answers)} {tongue.say('first answers')}"
        parts.append(
            f'<rect x="{x + wide * 0.12:.1f}" y="{y(day.inflow):.1f}" width="{wide * 0.76:.1f}" '
            f'height="{high + _TOP - y(day.inflow):.1f}" fill="{INFLOW}"><title>{escape(told)}</title></rect>'
        )
        points.append(f"{x + wide / 2:.1f},{y(day.answers):.1f}")
        if place % every == 0:
            label = escape(tongue.short_day(day.day))
            parts.append(f'<text x="{x + wide / 2:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{label}</text>')
    parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{ANSWERS}" stroke-width="2.5"/>')
    name = escape(tongue.say("Messages and first answers per day"))
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{name}">{"".join(parts)}</svg>'


def _rounded(n: int) -> int:
    """A round number at or above n, at least 2 and even."""
    step = 2
    while step * 10 < n:
        step *= 10
    return max(2, -(-n // step) * step)
