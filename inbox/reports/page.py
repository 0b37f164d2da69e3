"""A report as a page of its own: one file, no script, nothing loaded, the same bytes for the same report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from inbox.kpis.catalogue import KPIS
from inbox.reports import charts
from inbox.reports.document import Compared, Document, Figure
from inbox.reports.words import MISSING, Tongue
from store.reports import Quote

_NAMES = {kpi.id: kpi.name for kpi in KPIS if kpi.id != "load"}
"""Figures that are told; load is read per hour of the week, which one number is not."""
_STYLE = """
@page { size: A4; margin: 16mm 15mm; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1a202c; background: #fff; margin: 0 auto;
  padding: 28px 24px; max-width: 860px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; } h2 { font-size: 18px; margin: 30px 0 8px; }
h2, h3 { break-after: avoid; } h3 { font-size: 15px; margin: 14px 0 2px; }
.soft { color: #4a5568; margin: 4px 0; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid #e2e8f0; vertical-align: top; }
th { font-weight: 600; font-size: 13px; color: #4a5568; vertical-align: bottom; }
table.many { font-size: 13px; } .many td:first-child { min-width: 150px; }
.many th { white-space: normal; font-size: 12px; }
@media print { body { padding: 0; max-width: none; font-size: 12px; } table.many, .many th { font-size: 9.5px; } }
 tr { break-inside: avoid; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } svg { width: 100%; height: auto; font-size: 12px; fill: #1a202c; }
blockquote { margin: 4px 0 4px 2px; padding-left: 12px; border-left: 3px solid #cbd5e0; color: #2d3748; }
.key i { display: inline-block; width: 14px; height: 10px; margin: 0 6px 0 14px; } .key i.line { height: 3px; }
@media (max-width: 560px) { body { padding: 16px 12px; } th, td { padding-right: 8px; } }
"""


@dataclass(frozen=True, slots=True)
class Names:
    """What people call what a document names by id."""

    brands: Mapping[str, str]
    sources: Mapping[str, str]
    themes: Mapping[int, str]
    teams: Mapping[str, str]
    rules: Mapping[int, str]


def page_of(
    document: Document, quotes: Sequence[Quote], names: Names, *, lang: str, made_at: datetime, title: str
) -> str:
    """The page.

    Args:
        document: what it tells.
        quotes: what customers said, per theme.
        names: of brands, sources, themes, teams and alert rules.
        lang: `nl` or `en`.
        made_at: aware; shown in the document's time zone.
        title: whose report it is.
    """
    t = Tongue(lang)
    period = t.say("{first} to {last}", first=t.day(document.first), last=t.day(document.last))
    compared = t.say(
        "Made on {at}. Compared with {first} to {last}.",
        at=t.moment(made_at, document.timezone),
        first=t.day(document.first_before),
        last=t.day(document.last_before),
    )
    parts = [
        f"<header><h1>{escape(title)}: {escape(period)}</h1><p class='soft'>{escape(compared)}</p></header>",
        _figures(document, t),
        _days(document, t),
        _spikes(document, names, t),
        _deadlines(document, names, t),
        _themes(document, quotes, names, t),
        _tones(document, t),
        _table(t, "Brands", "Brand", document.brands, names.brands) if len(document.brands) > 1 else "",
        _table(t, "Sources", "Source", document.sources, names.sources),
        _states(document, names, t),
        _soft(t.say("What each figure means stands in the dashboard, beside the figure.")),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}: '
    return (
        f'<!doctype html><html lang="{t.code}"><head>{head}{escape(period)}</title><style>{_STYLE}</style></head>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def headlines(document: Document, lang: str) -> tuple[str, ...]:
    """The first figures in a line each, for the text of a mail."""
    t = Tongue(lang)
    chosen = ("inflow", "answer_rate_24h", "first_response_time", "sla_met", "promises_kept", "backlog")
    by_id = {one.id: one for one in document.figures}
    return tuple(
        f"{t.say(_NAMES[one.id])}: {t.figure(one.value, one.unit)} ({t.change(one.value, one.value_before, one.unit)})"
        for name in chosen
        if (one := by_id.get(name)) is not None and one.value is not None
    )


def _figures(document: Document, t: Tongue) -> str:
    if not any(map(_rests, document.figures)):
        return _soft(t.say("Nothing came in, and nothing was answered, in this period."))
    columns = ("Figure", "Now", "P90", "Business time", "Before", "Change", "n", "Left out", "Still open")
    head = "".join(f"<th{_CLASS if place else ''}>{escape(t.say(each))}</th>" for place, each in enumerate(columns))
    rows = "".join(_figure(one, t) for one in document.figures if one.id in _NAMES and _rests(one))
    note = _soft(t.say("Durations are medians; P90 is the time within which nine of ten were done."))
    table = f"<div class='wide'><table class='many'><tr>{head}</tr>{rows}</table></div>"
    return f"<h2>{escape(t.say('In short'))}</h2>{table}{note}"


_CLASS = ' class="n"'


def _rests(one: Figure) -> bool:
    """Whether a figure rests on anything, now or before."""
    return bool(one.n or one.n_before or one.left_out or one.n_open)


def _figure(one: Figure, t: Tongue) -> str:
    cells = (
        t.figure(one.value, one.unit),
        t.figure(one.p90, one.unit),
        t.figure(one.business_value, one.unit),
        t.figure(one.value_before, one.unit),
        t.change(one.value, one.value_before, one.unit),
        t.number(one.n),
        t.number(one.left_out),
        MISSING if one.n_open is None else t.number(one.n_open),
    )
    return _row([t.say(_NAMES[one.id])], cells)


def _days(document: Document, t: Tongue) -> str:
    total, late = (sum(getattr(day, name) for day in document.days) for name in ("inflow", "late"))
    if not total and not any(day.answers for day in document.days):
        return ""
    key = (
        f"<p class='soft key'><i style='background:{charts.INFLOW}'></i>{escape(t.say('messages'))}"
        f"<i class='line' style='background:{charts.ANSWERS}'></i>{escape(t.say('first answers'))}</p>"
    )
    note = ""
    if late:
        note = _soft(
            t.say(
                "{n} of {total} messages were found more than a day after they were said.",
                n=t.number(late),
                total=t.number(total),
            )
        )
    name = escape(t.say("Messages and first answers per day"))
    return f"<h2>{name}</h2>{charts.per_day(document.days, t)}{key}{note}"


def _spikes(document: Document, names: Names, t: Tongue) -> str:
    if not document.spikes:
        return ""
    rows = "".join(
        _row(
            [t.moment(one.at, document.timezone), names.rules.get(one.rule_id, MISSING), t.duration(one.hours * 3600)],
            (t.number(one.n), MISSING if one.expected is None else t.number(one.expected, 1)),
        )
        for one in document.spikes
    )
    return _section(t, "Peaks", ("From", "Alert", "Within", "Messages", "Expected"), rows, left=3)


def _deadlines(document: Document, names: Names, t: Tongue) -> str:
    if not document.deadlines:
        return ""
    rows = "".join(
        _row([names.teams.get(one.team_id, one.team_id)], (t.figure(one.met, "share"), t.number(one.n)))
        for one in document.deadlines
    )
    return _section(t, "Deadlines met, per team", ("Team", "Met", "Deadlines"), rows)


def _themes(document: Document, quotes: Sequence[Quote], names: Names, t: Tongue) -> str:
    title = f"<h2>{escape(t.say('Themes'))}</h2>"
    if not document.themes:
        return title + _soft(t.say("No theme was raised in this period."))
    said: dict[int, list[str]] = {}
    for one in quotes:
        said.setdefault(one.theme_id, []).append(f"<blockquote dir='auto'>{escape(one.text)}</blockquote>")
    named = {str(theme_id): name for theme_id, name in names.themes.items()}
    table = _table(t, "", "Theme", document.themes, named, counted="Conversations")
    spoken = "".join(
        f"<h3>{escape(named.get(one.key, one.key))}</h3>{''.join(said[int(one.key)])}"
        for one in document.themes
        if int(one.key) in said
    )
    note = "Quotes are public messages, shortened. Names of accounts and personal data were taken out by machine."
    return title + table + spoken + (_soft(t.say(note)) if said else "")


def _tones(document: Document, t: Tongue) -> str:
    if not document.tones:
        return ""
    table = _table(t, "Tone", "Tone", document.tones, {one.key: t.say(one.key) for one in document.tones})
    found = document.accuracy
    if found is None:
        return table + _soft(t.say("How often the tone is right was not measured yet: nobody labelled messages."))
    told = t.say(
        "In {month} the tone was right for {right} of {n} labelled messages (95 %: {low} to {high}).",
        month=found.month,
        right=t.percent(found.right),
        n=t.number(found.n),
        low=t.percent(found.low),
        high=t.percent(found.high),
    )
    return table + _soft(told)


def _states(document: Document, names: Names, t: Tongue) -> str:
    def delay(seconds: float | None) -> str:
        return MISSING if seconds is None else t.duration(seconds)

    rows = "".join(
        _row(
            [names.sources.get(one.source_id, one.source_id), t.say(one.health)],
            (t.number(one.open_gaps), delay(one.delay_p50_s), delay(one.delay_p95_s)),
        )
        for one in document.states
    )
    if not rows:
        return ""
    columns = ("Source", "State", "Open gaps", "Delay, half within", "Delay, 95 % within")
    note = _soft(t.say("When this report was made."))
    return _section(t, "How well we listened", columns, rows, left=2) + note


def _table(
    t: Tongue,
    title: str,
    what: str,
    compared: Sequence[Compared],
    names: Mapping[str, str],
    *,
    counted: str = "Messages",
) -> str:
    if not compared:
        return ""
    rows = "".join(
        _row(
            [names.get(one.key, one.key)],
            (t.number(one.n), t.number(one.n_before), t.change(one.n, one.n_before, "count")),
        )
        for one in compared
    )
    return _section(t, title, (what, counted, "Before", "Change"), rows)


def _section(t: Tongue, title: str, columns: Sequence[str], rows: str, *, left: int = 1) -> str:
    head = "".join(
        f"<th{_CLASS if place >= left else ''}>{escape(t.say(each))}</th>" for place, each in enumerate(columns)
    )
    heading = f"<h2>{escape(t.say(title))}</h2>" if title else ""
    return f"{heading}<div class='wide'><table><tr>{head}</tr>{rows}</table></div>"


def _row(texts: Iterable[str], figures: Iterable[str]) -> str:
    cells = [f"<td>{escape(text)}</td>" for text in texts] + [f"<td{_CLASS}>{escape(one)}</td>" for one in figures]
    return f"<tr>{''.join(cells)}</tr>"


def _soft(text: str) -> str:
    return f"<p class='soft'>{escape(text)}</p>"
