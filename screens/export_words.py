"""What exports are called in words: tables, kinds of files, states, periods, sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from inbox.export import Form, Withheld
from inbox.export_jobs.views import Destination, JobState, JobView, Places, ScheduleView, Wanted
from inbox.permissions import Permission
from inbox.views import CurrentUser
from inbox.whole_periods import Every, Period
from screens import words
from screens.i18n import N_, _, moment, month, number, plural, short_date, short_day
from screens.security import verbatim

TABLES: Mapping[str, str] = {
    "mentions": N_("Messages"),
    "conversations": N_("Conversations"),
    "events": N_("Events"),
    "authors": N_("Authors"),
    "tags": N_("Tags"),
    "themes": N_("Themes"),
    "theme_links": N_("Links to themes"),
    "promises": N_("Promises"),
    "kpi_facts": N_("Durations and outcomes"),
    "users": N_("Colleagues"),
    "sources": N_("Sources"),
    "runs": N_("Looks at sources"),
    "gaps": N_("Gaps"),
    "queries": N_("Queries"),
}
FORMS: Mapping[str, tuple[str, Form]] = {
    "xlsx": (N_("Excel"), Form("xlsx")),
    "excel": (N_("CSV for a Dutch Excel"), Form("csv", excel=True, decimal_comma=True)),
    "csv": (N_("CSV"), Form("csv")),
    "parquet": (N_("Parquet"), Form("parquet")),
    "jsonl": (N_("JSON lines"), Form("jsonl")),
}
"""What is offered: its name, and how it is written."""
EVERY: Mapping[Every, str] = {
    Every.DAY: N_("Every day, the day before"),
    Every.WEEK: N_("Every Monday, the week before"),
    Every.MONTH: N_("Every first of the month, the month before"),
}
_STATES: Mapping[JobState, str] = {
    JobState.QUEUED: N_("waits"),
    JobState.RUNNING: N_("is being made"),
    JobState.SENDING: N_("is being delivered"),
    JobState.DONE: N_("ready"),
    JobState.FAILED: N_("failed"),
    JobState.CANCELLED: N_("stopped"),
}
_UNITS = ("B", "kB", "MB", "GB")


def table(name: str) -> str:
    """A table by name."""
    return _(TABLES[name]) if name in TABLES else name


def form(key: str) -> str:
    """A kind of file by its key."""
    return _(FORMS[key][0])


def key_of(one: Form) -> str:
    """The key of how a file is written."""
    return "excel" if one.excel else one.format


def state(one: JobView) -> str:
    """How a job stands, in a word or two."""
    if one.state is JobState.DONE and not one.name:
        return _("file removed")
    return _(_STATES[one.state])


def size(n: int) -> str:
    """Bytes in a unit that suits: `1.2 MB`, in powers of 1,000."""
    value, unit = float(n), 0
    while value >= 1_000 and unit < len(_UNITS) - 1:
        value, unit = value / 1_000, unit + 1
    return f"{number(round(value, 1) if unit else n)} {_UNITS[unit]}"


def rows(n: int) -> str:
    """So many rows."""
    return plural("{n} row", "{n} rows", n)


def title(one: JobView) -> str:
    """What a job is: its schedule and period, or what it holds."""
    if one.schedule and one.period is not None:
        return f"{one.schedule}, {period(one.period)}"
    return contents(one.wanted)


def contents(wanted: Wanted) -> str:
    """Tables and the kind of file; of many tables the first three."""
    what = ", ".join(table(name) for name in wanted.tables[:3])
    if len(wanted.tables) > 3:
        what += f" +{number(len(wanted.tables) - 3)}"
    return f"{what} · {form(key_of(wanted.form))}"


def period(one: Period) -> str:
    """A period by name."""
    if one.every is Every.MONTH:
        return month(one.name)
    if one.every is Every.WEEK:
        year, week, _day = one.first.isocalendar()
        return _("week {week} of {year}").format(week=week, year=year)
    return f"{short_day(one.first)} {one.first.year}"


def about(one: JobView, user: CurrentUser, now: datetime) -> str:
    """Who asked for a job and when, what came of it, and until when it can be fetched."""
    told = [moment(one.asked_at, now)]
    if user.may(Permission.MANAGE_WORK) and not one.mine:
        told.append(one.by.name)
    if one.wanted.filters.search:
        told.append(f"“{one.wanted.filters.search[:80]}”")
    if one.state is JobState.DONE or one.name:
        told.append(rows(one.rows))
        if one.size is not None:
            told.append(size(one.size))
    if one.until is not None:
        told.append(_("kept until {day}").format(day=short_date(one.until)))
    if one.wanted.form.pseudonymise:
        told.append(_("pseudonymised"))
    elif one.wanted.form.mask:
        told.append(_("masked"))
    return " · ".join(told)


def held(found: Sequence[Withheld]) -> str:
    """What platforms do not let out, as a list of HTML; "" when that is nothing."""
    items = "".join(
        f'<li><b><bdi>{verbatim(one.name)}</bdi></b>: {verbatim(_held_one(one))}<br><span class="kb-soft" lang="en">'
        f"{verbatim(one.basis)}</span></li>"
        for one in found
    )
    return f'<ul class="kb-counts">{items}</ul>' if items else ""


def destination(one: ScheduleView, places: Places) -> str:
    """Where a scheduled export goes."""
    if one.destination is Destination.FOLDER:
        return _("to the folder {place}").format(place=f"{places.folder}/{one.place}".rstrip("/"))
    if one.destination is Destination.STORE:
        return _("to {place}").format(place=places.stores.get(one.place, one.place))
    return _("kept in the list")


def trouble(one: JobView) -> str:
    """Why a job failed or waits; "" when all is well."""
    if one.trouble is None:
        return ""
    told = words.said(one.trouble)
    if one.again_at is not None:
        told += " " + _("Next try: {at}.").format(at=moment(one.again_at, one.again_at))
    return told


def _held_one(one: Withheld) -> str:
    if one.per_day is None:
        return _("left out, because the platform allows no export. Messages: {n}.").format(n=number(one.left_out))
    return _("ids only, because the platform allows you {most} messages a day in full. Messages: {n}.").format(
        most=number(one.per_day), n=number(one.ids_only)
    )
