"""Measuring and narrowing a query: quick labels, proposed exclusions, ready-made sets."""

from __future__ import annotations

import streamlit as st

from inbox.lab.views import Precision, Proposal, SetState, ToLabel
from screens import lab
from screens.i18n import N_, _, moment, number, plural
from screens.lab import Bench
from screens.lab_findings import examples
from screens.lab_texts import in_the_inbox, marked
from screens.security import md_escape, verbatim
from screens.state import inbox, token, utc_now

_SET_NAMES = {
    "jobs": N_("Job ads"),
    "stocks": N_("Stock-exchange news"),
    "sports": N_("Sports results"),
    "homes": N_("Homes for sale and rent"),
    "listings": N_("Second-hand listings and giveaways"),
}


def labels(bench: Bench) -> None:
    """Yes or no to a random sample of what the tested text finds."""
    told = inbox().lab.precision(token(), bench.brand_id, bench.text)
    st.html(precision(told))
    if bench.test is None or not bench.is_tested:
        st.html(
            f'<p class="kb-soft">{verbatim(_("Test this text first: the sample is drawn from what it finds."))}</p>'
        )
        return
    if bench.found is not None and bench.found.state == "running":
        st.html(f'<p class="kb-soft">{verbatim(_("The sample is drawn when the test is done."))}</p>')
        return
    shown = inbox().lab.next_to_label(token(), bench.test)
    if shown is None:
        st.html(f'<p class="kb-soft">{verbatim(_("There is nothing left to label: you saw all that was drawn."))}</p>')
    else:
        st.html(_asked(shown))
    with st.container(key="lablabels", horizontal=True, gap="small"):
        if shown is not None:
            for name, icon, key, relevant in (
                (_("Yes, meant"), "check", "Y", True),
                (_("No, noise"), "close", "N", False),
                (_("Skip"), "redo", "S", None),
            ):
                st.button(
                    name,
                    key=f"lab_label_{key}",
                    icon=f":material/{icon}:",
                    shortcut=key,
                    on_click=lab.on_label,
                    args=(shown.id,),
                    kwargs={"relevant": relevant},
                )
        if bench.labelled is not None:
            st.button(_("Take the last one back"), key="lab_unlabel", icon=":material/undo:", on_click=lab.on_unlabel)


def precision(told: Precision) -> str:
    """How precise a text is, in a line with its interval; how many labels there are."""
    if not told.share.n:
        return f'<p class="kb-labline">{verbatim(_("Nobody labelled what this text finds yet."))}</p>'
    low, high = told.share.interval
    figure = _("{share} % of what it finds is meant (95 % sure: between {low} and {high} %)").format(
        share=round(100 * told.share.value), low=round(100 * low), high=round(100 * high)
    )
    count = _("{n} of {wanted} labelled").format(n=number(told.share.n), wanted=number(told.wanted))
    by = _("by {names}").format(names=", ".join(told.by)) if told.by else ""
    span = f'<i style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></i>'
    point = f'<b style="left:{100 * told.share.value:.1f}%"></b>'
    bar = f'<span class="kb-interval" aria-hidden="true">{span}{point}</span>'
    return (
        f'<p class="kb-labline"><b>{verbatim(figure)}</b></p>{bar}'
        f'<p class="kb-labline kb-soft">{verbatim(f"{count} {by}".strip())}</p>'
    )


def _asked(shown: ToLabel) -> str:
    title = f'<h3 class="kb-title" dir="auto">{marked(shown.title, shown.marks_title)}</h3>' if shown.title else ""
    facts = verbatim(f"{shown.source_name} · {moment(shown.at, utc_now())}")
    link = in_the_inbox(shown.conversation_id)
    asked = verbatim(_("Is this about the brand?"))
    text = marked(shown.text, shown.marks_text)
    return (
        f'<article class="kb-asked" data-item="{shown.id}"><p class="kb-soft">{asked} {facts}{link}</p>{title}'
        f'<div class="kb-text" dir="auto">{text}</div></article>'
    )


def proposals(bench: Bench, *, manages: bool) -> None:
    """Phrases that tell noise from good."""
    told = lab.learned(bench, "proposals", lambda: inbox().lab.proposals(token(), bench.brand_id, bench.text))
    lead = _(
        "Learned from {noise} messages that were marked as noise (spam, ignored as not about us, labelled no) and "
        "{good} that were worked on or labelled yes, as far as this text finds them."
    ).format(noise=number(told.n_noise), good=number(told.n_good))
    st.html(f'<p class="kb-labline kb-soft">{verbatim(lead)}</p>')
    if not told.found:
        st.html(f'<p class="kb-labline">{verbatim(_("Nothing stands out that would drop noise and cost little."))}</p>')
    for place, one in enumerate(told.found):
        _proposal(one, place, manages=manages)


def _proposal(one: Proposal, place: int, *, manages: bool) -> None:
    with st.container(key=f"lab_proposal_{place}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            drops = plural("drops {n} message of noise", "drops {n} messages of noise", one.drops)
            costs = (
                plural("costs {n} good one", "costs {n} good ones", one.costs) if one.costs else _("costs nothing good")
            )
            st.html(
                f'<div class="kb-proposal"><code>{verbatim(one.clause)}</code> <span>{verbatim(drops)}</span> '
                f'<span class="{"kb-trouble" if one.costs else "kb-soft"}">{verbatim(costs)}</span></div>'
            )
            st.button(
                _("Add {clause}").format(clause=md_escape(one.clause)),
                key=f"lab_accept_{place}",
                icon=":material/add:",
                on_click=lab.on_accept,
                args=(one.clause,),
            )
            if manages:
                st.button(
                    _("Never propose {phrase}").format(phrase=md_escape(one.phrase)),
                    key=f"lab_dismiss_{place}",
                    icon=":material/close:",
                    on_click=lab.on_dismiss,
                    args=(one.phrase,),
                )
        shown = (*one.noise, *one.good)
        with st.expander(plural("{n} example", "{n} examples", len(shown))):
            st.html(examples(_("Noise it drops"), one.noise))
            if one.good:
                st.html(examples(_("Good it costs"), one.good))


def sets(bench: Bench) -> None:
    """Ready-made exclusion sets, with their effect."""
    lead = _("A set goes into the text as words, so that every version says itself what it leaves out.")
    st.html(f'<p class="kb-labline kb-soft">{verbatim(lead)}</p>')
    states = lab.learned(bench, "sets", lambda: inbox().lab.sets(token(), bench.brand_id, bench.text))
    for one in states:
        key = f"lab_set_{one.id}_{bench.rev}"
        with st.container(key=f"lab_setrow_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.toggle(_set_name(one), value=one.on, key=key, on_change=lab.on_set, args=(one.id, key), width=340)
            st.html(f'<span class="kb-soft">{verbatim(_effect(one))}</span>')


def _set_name(one: SetState) -> str:
    subject = one.id.rpartition("-")[0]
    name = _(_SET_NAMES[subject]) if subject in _SET_NAMES else md_escape(one.name)
    return f"{name} ({one.lang})"


def _effect(one: SetState) -> str:
    told = _("in {n} of the newest {of}").format(n=number(one.drops), of=number(one.of))
    if one.answered:
        told += f", {_('{n} of which people worked on').format(n=number(one.answered))}"
    if one.changed:
        told += f" · {_('changed by hand; switch it off and on to renew it')}"
    return told
