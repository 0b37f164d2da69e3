"""The Rules page: automation rules in their order, how often each hit, and the form in which one is written and tried.

Names of rules, tags and authors are words of others: labels get `md_escape`, everything else `verbatim`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.permissions import Permission
from inbox.rules.views import Drift, RuleRow
from screens import page_step, rule_editor, rule_words, rules, sidebar, threads, words
from screens.i18n import _, plural
from screens.rule_past import hits_in_words
from screens.rule_words import Names
from screens.security import md_escape, verbatim
from screens.state import enter, inbox, token


def draw() -> None:
    """Draw the page."""
    wanted = str(st.query_params.get("rule", ""))
    if wanted.isdecimal():
        del st.query_params["rule"]
        rules.open_rule(int(wanted))
    with st.container(key="rulespage"):
        _rules()


@st.fragment(key=rules.FRAGMENT)
def _rules() -> None:
    try:
        user = enter()
        with st.sidebar:
            sidebar.draw(user, None)
        choices = inbox().choices(token())
        manages = user.may(Permission.MANAGE_WORK)
        form = rules.current()
        if form is None:
            _list(inbox().rules.listing(token()), rule_editor.names_of(choices), manages=manages)
        else:
            rule_editor.work(form)
            opened = inbox().rules.open(token(), form.id) if form.id is not None else None
            rule_editor.draw(form, opened, choices, manages=manages)
    except NotSignedIn:
        page_step.signed_out()
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        st.button(_("Back to all rules"), key="rule_lost", icon=":material/arrow_back:", on_click=rules.on_close)


def _list(found: Sequence[RuleRow], names: Names, *, manages: bool) -> None:
    told = plural("{n} rule", "{n} rules", len(found))
    with st.container(key="ruleshead", horizontal=True, vertical_alignment="center"):
        st.html(f'<div class="kb-pagehead"><h1>{_("Rules")}</h1><span class="kb-soft">{verbatim(told)}</span></div>')
        if manages:
            st.button(_("New rule"), key="rule_new", type="primary", icon=":material/add:", on_click=rules.on_new)
    page_step.told()
    if not found:
        lead = _(
            "A rule does by itself what you always do: give a message a tag, a priority or a team, or keep noise out."
        )
        if manages:
            lead = f"{lead} {_('Make the first one with the button above.')}"
        st.html(f'<div class="kb-empty"><h2>{_("No rules yet")}</h2><p>{verbatim(lead)}</p></div>')
        return
    lead = _("Rules are asked from top to bottom. Where two contradict each other, the lower one decides.")
    st.html(f'<p class="kb-aside kb-soft">{verbatim(lead)}</p>')
    now = inbox().now()
    for place, row in enumerate(found):
        _row(row, names, now, place=place, last=place == len(found) - 1, manages=manages)


def _row(row: RuleRow, names: Names, now: datetime, *, place: int, last: bool, manages: bool) -> None:
    told = rule_words.sentence(row.draft, names) if row.draft is not None else ""
    name = md_escape(row.name)
    with st.container(key=f"rule_row_{row.id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="kb-rule {"" if row.works else "off"}"><span class="kb-place">{place + 1}</span><div>'
            f"<b>{verbatim(row.name)}</b>{_signs(row)}<p>{verbatim(told)}</p>"
            f'<span class="kb-soft">{verbatim(hits_in_words(row.hits, now))}</span></div></div>'
        )
        with st.container(key=f"rule_steps_{row.id}", horizontal=True, vertical_alignment="center", gap="small"):
            key = f"rule_on_{row.id}_{row.active}"
            st.toggle(
                _("{name} is switched on").format(name=name),
                value=row.active,
                key=key,
                label_visibility="collapsed",
                disabled=not manages,
                on_change=rules.on_switch,
                args=(row.id, key),
            )
            if manages:
                _arrow(row, name, by=-1, disabled=place == 0)
                _arrow(row, name, by=1, disabled=last)
            st.button(
                _("Edit rule") if manages else _("Look"),
                key=f"rule_open_{row.id}",
                on_click=rules.on_open,
                args=(row.id,),
            )


def _arrow(row: RuleRow, name: str, *, by: int, disabled: bool) -> None:
    label = _("Move {name} up") if by < 0 else _("Move {name} down")
    st.button(
        label.format(name=name),
        key=f"rule_{'up' if by < 0 else 'down'}_{row.id}",
        icon=":material/arrow_upward:" if by < 0 else ":material/arrow_downward:",
        disabled=disabled,
        on_click=rules.on_move,
        args=(row.id, by),
    )


def _signs(row: RuleRow) -> str:
    if row.problem is not None:
        badge = f' <span class="kb-badge red">{_("does not work")}</span>'
        return f'{badge}<p class="kb-trouble">{verbatim(_trouble(row))}</p>'
    signs = "" if row.active else f' <span class="kb-badge">{_("off")}</span>'
    if row.active and row.hits.drift is Drift.STOPPED:
        signs += f' <span class="kb-badge orange">{_("stopped hitting a week ago")}</span>'
    if row.active and row.hits.drift is Drift.SURGE:
        signs += f' <span class="kb-badge orange">{_("suddenly hits far more often")}</span>'
    return signs


def _trouble(row: RuleRow) -> str:
    told = "" if row.problem is None else words.said(row.problem)
    return told if row.draft is None else _("Its text cannot be read: {problem}").format(problem=told)
