"""`budget`: what sources used of what their platforms charge or count."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import typer

from klankbord import compose
from klankbord.console import AsJson, ConfigFile, answer_json, answer_table, load, notes
from store.meter_standings import MeterStanding, standings, used_up_at
from store.meters import in_units


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("budget")(budget)


def budget(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show what each source used of what its platform charges or counts, of how much, and whether it lasts."""
    loaded = load(config)
    now = compose.utc_now()
    with compose.opened(loaded) as store, store.read() as conn:
        found = standings(conn, now)
    if as_json:
        answer_json([_as_dict(one, now) for one in found])
        return
    if not found:
        notes.print(
            "no source has a meter yet; those of platforms that charge or count appear when they are first read"
        )
        return
    zone = ZoneInfo(loaded.timezone)
    rows = [
        (one.source_id, _share(one), _figure(one.today), _figure(one.month), _outlook(one, now, zone)) for one in found
    ]
    answer_table("Budgets", ("source", "used", "today", "this month", "outlook"), rows)


def _share(one: MeterStanding) -> str:
    """How much of how much, such as `45.50 of 50 USD a day`."""
    most = "" if one.most is None else f" of {_figure(one.most)}"
    return f"{_figure(one.used)}{most} {one.unit} a {one.period}"


def _outlook(one: MeterStanding, now: datetime, zone: ZoneInfo) -> str:
    """Whether it lasts, in words."""
    if one.most is None:
        return "only counted"
    if one.left == 0:
        kept = f"; {_figure(one.kept)} kept for answers" if one.kept else ""
        return f"used up until {one.end.astimezone(zone):%Y-%m-%d %H:%M}{kept}"
    at = used_up_at(one, now)
    return "lasts" if at is None else f"used up at {at.astimezone(zone):%Y-%m-%d %H:%M} at this rate"


def _figure(micros: int) -> str:
    amount = in_units(micros)
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def _as_dict(one: MeterStanding, now: datetime) -> dict[str, Any]:
    return {
        "source": one.source_id,
        "meter": one.name,
        "unit": one.unit,
        "period": one.period,
        "timezone": one.timezone,
        "limit": None if one.most is None else _plain(one.most),
        "kept_for_answers": _plain(one.kept),
        "used": _plain(one.used),
        "not_settled": _plain(one.held),
        "today": _plain(one.today),
        "month": _plain(one.month),
        "calls": one.calls,
        "starts_at": one.start,
        "ends_at": one.end,
        "used_up_at": used_up_at(one, now),
        "days": [{"day": each.day, "used": _plain(each.used), "calls": each.calls} for each in one.days],
    }


def _plain(micros: int) -> float:
    """As a JSON number."""
    return float(in_units(micros))
