"""What a rule would have done, and what it did: the dry run with its examples, hits per day, versions.

Names and texts of others go through `verbatim`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from inbox.rules.views import DryRun, Example, Hits, RuleView
from screens import rule_words, words
from screens.i18n import _, moment, number, plural
from screens.rule_words import FIELDS, Names
from screens.security import verbatim
from screens.state import inbox


def hits_in_words(hits: Hits, now: datetime) -> str:
    """How often a rule hit, and when last."""
    if hits.last_at is None:
        return _("has not hit yet")
    told = plural("{n} hit this week", "{n} hits this week", hits.week)
    ever = _("{n} in all").format(n=number(hits.total))
    last = _("last {time}").format(time=moment(hits.last_at, now))
    return f"{told} · {ever} · {last}"


def period_in_words(days: int) -> str:
    """A stretch of days that ends now."""
    return plural("last {n} day", "last {n} days", days)


def dry_run(told: DryRun, names: Names) -> None:
    """What a rule would have done."""
    head = _("In the {period} it fits {matched} of {n} conversations, and would change {changed}.").format(
        period=period_in_words(told.days),
        matched=number(told.matched),
        n=number(told.looked_at),
        changed=number(told.changed),
    )
    lines = [] if told.complete else [_("Only the newest were looked at; there is more in this period.")]
    if told.per_source:
        lines.append(", ".join(f"{name}: {number(n)}" for name, n in told.per_source.items()))
    if told.per_action:
        what = ", ".join(f"{_(FIELDS[name])}: {number(n)}" for name, n in told.per_action.items() if name in FIELDS)
        lines.append(_("Would change: {what}").format(what=what))
    lines += [
        _("{rule} decides instead about: {field} ({n})").format(
            rule=rule, field=_(FIELDS.get(field, field)), n=number(n)
        )
        for (field, rule), n in told.overruled.items()
    ]
    lines += [
        _("{rule} stops before this rule is asked ({n})").format(rule=rule, n=number(n))
        for rule, n in told.unreached.items()
    ]
    said = "".join(f"<li>{verbatim(line)}</li>" for line in lines)
    now = inbox().now()
    examples = "".join(_example(one, names, now) for one in told.examples)
    st.html(
        f'<section class="kb-dry" aria-label="{verbatim(_("What it would have done"))}"><h2 class="kb-part">'
        f"{verbatim(head)}</h2><ul>{said}</ul><ol>{examples}</ol></section>"
    )


def _example(one: Example, names: Names, now: datetime) -> str:
    facts = " · ".join((one.source_name, moment(one.at, now), words.status(one.status)))
    same = "" if one.changes else f' <span class="kb-badge">{verbatim(_("nothing would change"))}</span>'
    text, author = one.title or one.snippet, verbatim(one.author_name or "?")
    return (
        f'<li><a href="/?c={one.conversation_id}" target="_blank" rel="noopener"><bdi>{author}</bdi>: '
        f'{verbatim(text[:160])}</a>{same}<span class="kb-soft">{verbatim(facts)}</span>'
        f'<span class="kb-soft">{verbatim(rule_words.because(one.because, names))}</span></li>'
    )


def per_day(hits: Sequence[int]) -> str:
    """Hits per day as bars, oldest first; the last one is today."""
    most = max([*hits, 1])
    bars = "".join(f'<i style="height:{max(4, round(100 * n / most)) if n else 0}%"></i>' for n in hits)
    label = _("Hits per day of the last {n} days; today {today}").format(n=len(hits), today=number(hits[-1]))
    return f'<div class="kb-days" role="img" aria-label="{verbatim(label)}">{bars}</div>'


def history(opened: RuleView, names: Names) -> None:
    """What a rule did, and how it came to be."""
    now = inbox().now()
    lines = []
    for one in opened.versions:
        who = one.by.name if one.by else "?"
        text = ""
        if one.after is not None:
            text = f"<p>{verbatim(rule_words.sentence(one.after, names))}</p>"
            if one.before is not None:
                text = f'<p class="was">{verbatim(rule_words.sentence(one.before, names))}</p>{text}'
        lines.append(
            f'<li><b>{verbatim(who)}</b> {verbatim(rule_words.version(one))} <span class="kb-soft">'
            f"{verbatim(moment(one.at, now))}</span>{text}</li>"
        )
    st.html(
        f'<section class="kb-past"><h2 class="kb-part">{_("Hits and history")}</h2>'
        f'<p class="kb-soft">{verbatim(hits_in_words(opened.row.hits, now))}</p>'
        f"{per_day(opened.per_day)}"
        f"<ul>{''.join(lines)}</ul></section>"
    )
