"""The Tone page: how often the tone is right, which words count otherwise here, what was learnt from corrections."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.permissions import Permission
from inbox.tone.views import Accuracy, Attempt, Learning, Right
from inbox.views import CurrentUser
from screens import page_step, sidebar, threads, tone_steps, tone_words, words
from screens.i18n import N_, _, day, local_now, month, number, percent, plural, short_day
from screens.security import verbatim
from screens.state import enter, inbox, token

_OUTCOMES = {
    "adopted": N_("adopted"),
    "few": N_("not adopted: too few corrections to judge by"),
    "no_gain": N_("not adopted: no better than before"),
    "worse": N_("not adopted: worse on the corrections held back"),
    "sample_worse": N_("not adopted: better on corrections, worse on the random sample"),
}


def draw() -> None:
    """Draw the page."""
    with st.container(key="tonepage"):
        _tone()


@st.fragment(key=tone_steps.FRAGMENT)
def _tone() -> None:
    try:
        user = enter()
        with st.sidebar:
            sidebar.draw(user, None)
        page_step.heading(_("Tone"), verbatim(_("Negative, neutral or positive: how good it is, and what you can do.")))
        page_step.told()
        _catching_up()
        _quality(user, inbox().tones.months(token()))
        tone_words.draw(user)
        _learning(user, inbox().tones.learning(token()))
    except NotSignedIn:
        page_step.signed_out()
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))


def _catching_up() -> None:
    """How far older messages are after a change; nothing when all are read."""
    found = inbox().tones.catching_up(token())
    if found is not None:
        told = _("Older messages are being read again: {n} of {total}.").format(
            n=number(found.done), total=number(found.total)
        )
        st.html(threads.notice("info", told))


def _quality(user: CurrentUser, months: Sequence[Accuracy]) -> None:
    with st.container(key="tone_quality", border=True):
        st.html(f'<h2 class="kb-part">{verbatim(_("How often it is right"))}</h2>')
        if not months:
            lead = _(
                "Once a month is over, a random sample of its messages is offered here to label. "
                "What you say of them tells how often the tone is right."
            )
            st.html(f"<p>{verbatim(lead)}</p>")
        else:
            shown = _chosen(months)
            st.html(accuracy(shown))
        _buttons(user, months)


def _chosen(months: Sequence[Accuracy]) -> Accuracy:
    """The month that is looked at: the one chosen, else the latest of which anything was labelled."""
    by_month = {one.month: one for one in months}
    latest = next((one.month for one in months if one.n_labelled), months[0].month)
    if len(months) == 1:
        return months[0]
    picked = st.selectbox(
        _("Month"), list(by_month), index=list(by_month).index(latest), format_func=month, key="tone_month", width=220
    )
    return by_month[picked]


def accuracy(found: Accuracy) -> str:
    """The accuracy of a month as HTML: a bar with its interval for all languages and for each."""
    rows = [found.overall, *(found.languages if len(found.languages) > 1 else ())]
    told = [
        _("{month}, labelled {n} of {total}").format(
            month=month(found.month), n=number(found.n_labelled), total=number(found.n)
        )
    ]
    if found.overall.unsure:
        told.append(
            plural(
                "{n} answer of the model was “unsure”", "{n} answers of the model were “unsure”", found.overall.unsure
            )
        )
    if found.n_unclear:
        told.append(plural("nobody can tell {n}", "nobody can tell {n}", found.n_unclear))
    if found.n_gone:
        told.append(plural("{n} was removed since", "{n} were removed since", found.n_gone))
    bars = "".join(_bar(one) for one in rows) if found.overall.share.n else ""
    return f'<div class="kb-right">{bars}</div><p class="kb-soft">{verbatim(" · ".join(told))}</p>'


def _bar(one: Right) -> str:
    name = (words.language(one.lang) or _("unknown language")) if one.lang else _("All languages")
    if not one.share.n:
        return ""
    low, high = one.share.interval
    told = sentence(one)
    style = f"left:{low * 100:.1f}%;width:{(high - low) * 100:.1f}%"
    return (
        f'<span>{verbatim(name)}</span><span class="kb-range" role="img" aria-label="{verbatim(told)}">'
        f'<i class="span" style="{style}"></i><i class="at" style="left:{one.share.value * 100:.1f}%"></i></span>'
        f"<span>{verbatim(told)}</span>"
    )


def sentence(one: Right) -> str:
    """How often something is right, with its interval and on how many it rests: `84% (76% to 90%), of 95`."""
    low, high = one.share.interval
    return _("{share} ({low} to {high}), of {n}").format(
        share=percent(one.share.value), low=percent(low), high=percent(high), n=number(one.share.n)
    )


def _buttons(user: CurrentUser, months: Sequence[Accuracy]) -> None:
    left = sum(one.n_left for one in months)
    with st.container(horizontal=True, gap="small"):
        if left and user.may(Permission.WORK):
            st.button(
                plural("Label {n} message", "Label {n} messages", left),
                key="tone_label",
                type="primary",
                icon=":material/rate_review:",
                on_click=tone_steps.on_label,
            )
        running = f"{local_now(inbox().now()):%Y-%m}"
        if user.may(Permission.MANAGE_WORK) and all(one.month != running for one in months):
            st.button(
                _("Draw a sample of this month so far"),
                key="tone_draw",
                icon=":material/casino:",
                on_click=tone_steps.on_draw,
            )


def _learning(user: CurrentUser, learnt: Learning) -> None:
    with st.container(key="tone_learning", border=True):
        st.html(f'<h2 class="kb-part">{verbatim(_("Learnt from your corrections"))}</h2>')
        told = plural(
            "{n} correction to learn from. A new model counts only when it has more of the corrections right that "
            "were held back from it.",
            "{n} corrections to learn from. A new model counts only when it has more of the corrections right that "
            "were held back from it.",
            learnt.n_corrections,
        )
        st.html(f"<p>{verbatim(told)}</p>")
        manages = user.may(Permission.MANAGE_WORK)
        for one in learnt.attempts[:14]:
            _attempt(one, manages=manages)
        _shipped(learnt, manages=manages)


def _attempt(one: Attempt, *, manages: bool) -> None:
    with st.container(key=f"tone_fit_{one.night}", horizontal=True, vertical_alignment="center", gap="small"):
        badge = f' <span class="kb-badge green">{verbatim(_("in use"))}</span>' if one.in_use else ""
        facts = [
            _("learnt from {n}, judged by {held}").format(n=number(one.n_learnt), held=number(one.n_held)),
        ]
        if one.n_held:
            facts.append(_("before {share}").format(share=sentence(one.before)))
            facts.append(_("after {share}").format(share=sentence(one.after)))
            facts.append(_("{better} better, {worse} worse").format(better=number(one.better), worse=number(one.worse)))
        if one.sample_n:
            facts.append(
                _("on the random sample of {n}: {better} better, {worse} worse").format(
                    n=number(one.sample_n), better=number(one.sample_better), worse=number(one.sample_worse)
                )
            )
        st.html(
            f'<div class="kb-fit"><b>{verbatim(day(one.night))}</b> {verbatim(_(_OUTCOMES[one.outcome]))}{badge}'
            f'<span class="kb-soft">{verbatim(" · ".join(facts))}</span></div>'
        )
        if manages and one.usable and not one.in_use:
            st.button(
                _("Use that of {day}").format(day=short_day(one.night)),
                key=f"tone_use_{one.night}",
                on_click=tone_steps.on_use,
                args=(one.night,),
            )


def _shipped(learnt: Learning, *, manages: bool) -> None:
    with st.container(key="tone_shipped", horizontal=True, vertical_alignment="center", gap="small"):
        badge = f' <span class="kb-badge green">{verbatim(_("in use"))}</span>' if learnt.shipped else ""
        told = verbatim(_("The model that came with Klankbord"))
        st.html(f'<div class="kb-fit"><b>{told}</b>{badge}</div>')
        if manages and not learnt.shipped:
            st.button(_("Use this one again"), key="tone_use_shipped", on_click=tone_steps.on_use, args=(None,))
