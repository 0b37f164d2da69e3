"""Alerts in words and as HTML: what a rule looks for, what fired and why, who was told. Pure.

Names, queries and quotes are words of people: everything here goes through `verbatim`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from inbox.alerts.views import (
    AlertView,
    By,
    DeliveryView,
    DriverView,
    During,
    Kind,
    Moment,
    Quote,
    ReceiverView,
    RuleDraft,
    RuleView,
    Scope,
    SilentSource,
    Trial,
)
from inbox.views import Choices
from screens import platform_words, words
from screens.i18n import N_, _, full_moment, moment, number, percent, plural, span
from screens.security import verbatim

BY = {
    By.DEVIATION: N_("standard deviations above what is usual"),
    By.PERCENT: N_("per cent above what is usual"),
    By.COUNT: N_("messages, whatever is usual"),
    By.SILENCE: N_("standard deviations below what is usual of a source, or in trouble as long"),
}
DURING = {
    During.ALWAYS: N_("At all hours"),
    During.OPEN: N_("Only while the team is open"),
    During.CLOSED: N_("Only outside opening hours"),
}
KINDS = {Kind.MAIL: N_("Mail"), Kind.WEBHOOK: N_("Webhook"), Kind.CHAT: N_("Chat")}
STATES = {
    "queued": N_("waits"),
    "sending": N_("on its way"),
    "sent": N_("told"),
    "failed": N_("failed"),
    "unknown": N_("not known whether it arrived"),
    "mail": N_("waits"),
}
_DRIVERS = {
    "link": N_("{n} of {of} share the link {label} (before: {share})"),
    "source": N_("{n} of {of} come from {label} (before: {share})"),
    "author": N_("{n} of {of} were written by {label} (before: {share})"),
    "theme": N_("{n} of {of} are about the theme {label} (before: {share})"),
    "word": N_("{n} of {of} say “{label}” (before: {share})"),
}
_SNIPPET = 240


def window(hours: int) -> str:
    """A window in words."""
    return _("in an hour") if hours == 1 else _("in {n} hours").format(n=number(hours))


def condition(draft: RuleDraft) -> str:
    """When a rule fires, in a sentence."""
    found = draft.condition
    if found.by is By.COUNT:
        told = _("From {n} messages {window} on").format(n=number(found.value), window=window(found.window_h))
    elif found.by is By.SILENCE:
        told = _(
            "A source that brings {n} standard deviations less than is usual {window}, or is in trouble for as long"
        ).format(n=number(found.value), window=window(found.window_h))
    elif found.by is By.PERCENT:
        told = _("From {n}% above what is usual {window} on").format(
            n=number(found.value), window=window(found.window_h)
        )
    else:
        told = _("From {n} standard deviations above what is usual {window} on").format(
            n=number(found.value), window=window(found.window_h)
        )
    parts = [told]
    if found.by is By.SILENCE:
        parts.append(_("where at least {n} messages are usual").format(n=number(found.minimum)))
    elif found.by is not By.COUNT:
        parts.append(_("at least {n} messages").format(n=number(found.minimum)))
    parts.append(plural("then quiet for {n} hour", "then quiet for {n} hours", found.cool_down_h))
    if draft.during is not During.ALWAYS:
        parts.append(_(DURING[draft.during]).lower())
    return ", ".join(parts)


def scope(found: Scope, offered: Choices) -> str:
    """What a rule counts, in words."""
    if found.theme_id is not None:
        names = {one.value: one.label for one in offered.themes}
        return _("Conversations about {theme}").format(theme=names.get(str(found.theme_id), f"#{found.theme_id}"))
    parts = []
    if found.brand_id:
        parts.append(_named(found.brand_id, {one.value: one.label for one in offered.brands}))
    if found.source_ids:
        names = {one.value: one.label for one in offered.sources}
        parts.append(", ".join(_named(one, names) for one in found.source_ids))
    if found.sentiments:
        parts.append(", ".join(words.sentiment(one) for one in found.sentiments))
    if found.query:
        parts.append(found.query)
    return _("Messages: {parts}").format(parts=" · ".join(parts)) if parts else _("All messages")


def _counted(draft: RuleDraft, offered: Choices) -> str:
    if draft.condition.by is not By.SILENCE:
        return scope(draft.scope, offered)
    names = {one.value: one.label for one in offered.sources}
    return ", ".join(_named(one, names) for one in draft.scope.source_ids) or _("Every source")


def rule(one: RuleView, offered: Choices, now: datetime) -> str:
    """A rule in the list, as HTML."""
    lines = [verbatim(_counted(one.draft, offered)), verbatim(condition(one.draft))]
    past = [plural("fired {n} time", "fired {n} times", one.fired)]
    if one.precision.n:
        low, high = one.precision.interval
        past.append(
            _("{real} of {n} judged ones were real ({low} to {high})").format(
                real=number(one.real), n=number(one.precision.n), low=percent(low), high=percent(high)
            )
        )
    past.append(_("tells {names}").format(names=", ".join(one.receivers)) if one.receivers else _("tells nobody"))
    if one.checked_at is not None and one.active:
        past.append(_("looked at {when} ago").format(when=span((now - one.checked_at).total_seconds())))
    off = "" if one.active else f' <span class="kb-badge">{_("off")}</span>'
    trouble = (
        f'<p class="kb-trouble">{verbatim(_("This rule cannot be looked at: {why}").format(why=one.trouble))}</p>'
        if one.trouble
        else ""
    )
    return (
        f'<div class="kb-rule{"" if one.active else " off"}"><div><b><bdi>{verbatim(one.draft.name)}</bdi></b>{off}'
        f"<p>{lines[0]}</p><p>{lines[1]}</p>{trouble}"
        f'<span class="kb-soft">{verbatim(" · ".join(past))}</span></div></div>'
    )


def head(one: AlertView, now: datetime) -> str:
    """What fired, with the figures that made it fire, as HTML."""
    hours = round((one.until - one.since).total_seconds() / 3600)
    goes_on = f' <span class="kb-badge red">{_("goes on")}</span>' if one.running else ""
    told = _("{n} messages {window}").format(n=number(one.n), window=window(hours))
    beside = usual(one)
    if one.silent:
        told = silent([each.name for each in one.silent])
        beside = window(hours)
    return (
        f'<div class="kb-alert"><h2><bdi>{verbatim(one.rule)}</bdi>{goes_on}</h2>'
        f"<p><b>{verbatim(told)}</b> · {verbatim(beside)}</p>"
        f'<span class="kb-soft" title="{verbatim(full_moment(one.fired_at))}">'
        f"{verbatim(moment(one.fired_at, now))}</span></div>"
    )


def silent(names: Sequence[str]) -> str:
    """How many sources are silent; of one its name."""
    if len(names) == 1:
        return _("{source} is silent").format(source=names[0])
    return plural("{n} source is silent", "{n} sources are silent", len(names))


def usual(one: AlertView) -> str:
    """What was usual, in words."""
    if one.expected is None or one.sd is None:
        return _("what is usual was not known yet")
    told = _("usual: {mean} ± {sd}, told from {n} earlier windows")
    return told.format(mean=number(round(one.expected, 1)), sd=number(round(one.sd, 1)), n=number(one.n_earlier))


def why(one: AlertView, now: datetime) -> str:
    """What explains it: drivers, sentiment with its measured accuracy, first message and examples, as HTML.

    Of a silence: each source, with what it brought and what is usual, and since when it is in trouble.
    """
    if one.silent:
        told = "".join(f"<li>{verbatim(_silence(each, now))}</li>" for each in one.silent)
        return f'<div class="kb-alert"><ul class="kb-reasons">{told}</ul></div>'
    lines = [f"<li>{verbatim(_driver(each))}</li>" for each in one.drivers]
    if not lines:
        lines = [f"<li>{verbatim(_('No link, source, author, theme or word stands out.'))}</li>"]
    lines += [f"<li>{verbatim(each)}</li>" for each in _tone(one)]
    if one.sampled < one.n:
        told = _("Told from the {n} messages of it that were looked at.").format(n=number(one.sampled))
        lines.append(f'<li class="kb-soft">{verbatim(told)}</li>')
    parts = [f'<ul class="kb-reasons">{"".join(lines)}</ul>']
    if one.first is not None:
        parts.append(f"<p>{verbatim(_('The first message of it:'))}</p>{_quotes([one.first], now)}")
    if one.examples:
        parts.append(f"<p>{verbatim(_('Others:'))}</p>{_quotes(one.examples, now)}")
    return f'<div class="kb-alert">{"".join(parts)}</div>'


def trial(found: Trial, now: datetime, *, silence: bool = False) -> str:
    """How often a rule would have fired, with the moments, as HTML; `silence`: a rule about silence."""
    days = max(1, round((found.until - found.since).total_seconds() / 86_400))
    if not found.n:
        empty = _("Nothing of this was said in the last 90 days, so there is nothing to try it on.")
        return f"<p>{verbatim(empty)}</p>"
    times = plural("It would have fired {n} time", "It would have fired {n} times", len(found.moments))
    told = f"{times} {plural('in the last {n} day', 'in the last {n} days', days)}."
    items = "".join(f"<li>{verbatim(_moment(one, now))}</li>" for one in reversed(found.moments[-30:]))
    more = len(found.moments) - 30
    rest = f'<p class="kb-soft">{verbatim(_("and {n} earlier ones").format(n=number(more)))}</p>' if more > 0 else ""
    if silence:
        lead = _("Tried on what came in; when a source was in trouble in the past is not kept.")
        rest += f'<p class="kb-soft">{verbatim(lead)}</p>'
    return f"<p><b>{verbatim(told)}</b></p>{f'<ul>{items}</ul>' if items else ''}{rest}"


def receiver(one: ReceiverView, now: datetime) -> str:
    """A receiver in the list, as HTML."""
    last = delivery_state(one.last, now) if one.last is not None else _("not told of anything yet")
    trouble = " kb-trouble" if one.last is not None and one.last.stuck else " kb-soft"
    return (
        f'<div class="kb-rule"><div><b><bdi>{verbatim(one.name)}</bdi></b> '
        f'<span class="kb-badge">{verbatim(_(KINDS[one.kind]))}</span>'
        f'<p>{verbatim(one.shown)}</p><p class="{trouble.strip()}">{verbatim(last)}</p></div></div>'
    )


def delivery(one: DeliveryView, rules: Mapping[int, str], now: datetime) -> str:
    """A telling in the list, as HTML."""
    about = _("a test") if one.alert_id is None else rules.get(one.alert_id, _("an earlier alert"))
    css = "kb-trouble" if one.stuck else "kb-soft"
    return (
        f'<div class="kb-rule"><div><b><bdi>{verbatim(one.receiver)}</bdi></b> · <bdi>{verbatim(about)}</bdi>'
        f'<p class="{css}">{verbatim(delivery_state(one, now))}</p></div></div>'
    )


def delivery_state(one: DeliveryView, now: datetime) -> str:
    """What became of a telling, in words."""
    parts = [f"{_(STATES.get(one.state, one.state))} ({moment(one.sent_at or one.created_at, now)})"]
    if one.next_at is not None and one.attempts:
        parts.append(_("tried {n} times, next {when}").format(n=number(one.attempts), when=moment(one.next_at, now)))
    if one.error_text:
        parts.append(platform_words.said(one.error_text))
    return " · ".join(parts)


def told(deliveries: tuple[DeliveryView, ...]) -> str:
    """Who was told of an alert, in a line."""
    if not deliveries:
        return _("Nobody was told: the rule has no receivers.")
    return " · ".join(f"{one.receiver}: {_(STATES.get(one.state, one.state))}" for one in deliveries)


def _silence(one: SilentSource, now: datetime) -> str:
    parts = []
    if one.n is not None and one.expected is not None and one.sd is not None:
        told = plural("{n} message", "{n} messages", one.n)
        mean, sd = number(round(one.expected, 1)), number(round(one.sd, 1))
        parts.append(f"{told} ({_('usual: {mean} ± {sd}').format(mean=mean, sd=sd)})")
    if one.ill_since is not None:
        parts.append(_("in trouble since {when}").format(when=moment(one.ill_since, now)))
    return f"{one.name}: {', '.join(parts)}"


def _driver(one: DriverView) -> str:
    found = one.driver
    share = percent(found.n_before / found.of_before) if found.of_before else _("nothing")
    return _(_DRIVERS[found.trait]).format(n=number(found.n), of=number(found.of), label=one.label, share=share)


def _tone(one: AlertView) -> list[str]:
    turn = one.turn
    if turn is None or not turn.now.n:
        return []
    now = _("{share} of {n} negative").format(share=percent(turn.now.value), n=number(turn.now.n))
    if turn.before.n:
        before = _("before: {share} of {n}").format(share=percent(turn.before.value), n=number(turn.before.n))
        told = f"{now} ({before})"
        told += "" if turn.turned else f"; {_('that may be chance')}"
    else:
        told = now
    if turn.accuracy is None:
        return [told, _("How often our sentiment is right was not measured yet; label messages on the Tone page.")]
    low, high = turn.accuracy.interval
    right = _("Our sentiment was right in {share} ({low} to {high}) of {n} checked messages.")
    return [
        told,
        right.format(
            share=percent(turn.accuracy.value), low=percent(low), high=percent(high), n=number(turn.accuracy.n)
        ),
    ]


def _moment(one: Moment, now: datetime) -> str:
    told = _("{when}: {n} messages").format(when=moment(one.hour, now), n=number(one.n))
    if one.expected is None:
        return told
    return f"{told} ({_('usual: {mean}').format(mean=number(round(one.expected.mean, 1)))})"


def _quotes(quotes: tuple[Quote, ...] | list[Quote], now: datetime) -> str:
    return f'<ul class="kb-talks">{"".join(_quoted(one, now) for one in quotes)}</ul>'


def _quoted(one: Quote, now: datetime) -> str:
    text = _("A private message") if one.private else " ".join(one.text.split()) or _("A message without words")
    short = text if len(text) <= _SNIPPET else f"{text[:_SNIPPET].rstrip()} …"
    return (
        f'<li><a href="/?c={one.conversation_id}" target="_self"><bdi>{verbatim(short)}</bdi></a>'
        f'<span class="kb-soft">{verbatim(one.source)} · {verbatim(moment(one.at, now))}</span></li>'
    )


def _named(value: str, names: Mapping[str, str]) -> str:
    return names.get(value, value)
