"""What a source used of a budget as a slim bar with words: how much of how much, until when, and whether it lasts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from inbox.source_views import MeterView
from screens.i18n import N_, _, cents, moment, number
from screens.security import verbatim

_UNITS: Mapping[str, str] = {
    "units": N_("units"),
    "searches": N_("searches"),
    "calls": N_("calls"),
    "requests": N_("requests"),
}


def bar(meter: MeterView, now: datetime) -> str:
    """The bar as HTML."""
    words = " · ".join(_words(meter, now))
    tone = "red" if meter.used_up else "orange" if meter.used_up_at is not None else "green"
    name = verbatim(_("Budget") if meter.most is not None else _("Used"))
    return (
        f'<div class="kb-meter {tone}"><span class="kb-soft">{name}</span>'
        f'{_track(meter, words)}<span class="kb-meterwords">{verbatim(words)}</span></div>'
    )


def _track(meter: MeterView, words: str) -> str:
    if not meter.most:
        return ""
    used = min(Decimal(1), meter.used / meter.most)
    kept = min(1 - used, meter.kept / meter.most)
    return (
        f'<div class="kb-bars" role="img" aria-label="{verbatim(words)}">'
        f'<i class="used" style="left:0;width:{used:.2%}"></i>'
        f'<i class="kept" style="right:0;width:{kept:.2%}" title="{verbatim(_("kept for answers"))}"></i></div>'
    )


def _words(meter: MeterView, now: datetime) -> list[str]:
    told = [_used(meter)]
    if meter.period == "day":
        told.append(_("{amount} this month").format(amount=_amount(meter.month, meter.unit)))
    else:
        told.append(_("{amount} today").format(amount=_amount(meter.today, meter.unit)))
    if meter.most is None:
        return told
    if meter.used_up:
        told.append(_("used up; reading goes on at {time}").format(time=moment(meter.ends_at, now)))
    elif meter.used_up_at is not None:
        told.append(_("at this rate used up at {time}").format(time=moment(meter.used_up_at, now)))
    else:
        told.append(_("begins anew at {time}").format(time=moment(meter.ends_at, now)))
    if meter.kept and meter.used_up and meter.most > meter.used:
        left = _amount(meter.most - meter.used, meter.unit)
        told.append(_("{amount} stays for answers").format(amount=left))
    return told


def _used(meter: MeterView) -> str:
    used = _figure(meter.used, meter.unit)
    if meter.most is None:
        text = _("{used} {unit} used today") if meter.period == "day" else _("{used} {unit} used this month")
        return text.format(used=used, unit=_unit(meter.unit))
    text = _("{used} of {most} {unit} today") if meter.period == "day" else _("{used} of {most} {unit} this month")
    return text.format(used=used, most=_figure(meter.most, meter.unit), unit=_unit(meter.unit))


def _amount(amount: Decimal, unit: str) -> str:
    return f"{_figure(amount, unit)} {_unit(unit)}"


def _unit(unit: str) -> str:
    return _(_UNITS.get(unit, unit))


def _figure(amount: Decimal, unit: str) -> str:
    """Money with cents, everything else as it is counted."""
    if unit in _UNITS or amount == amount.to_integral_value():
        return number(float(round(amount, 1)))
    return cents(amount)
