"""The Query lab page: a brand's query written, tried on what came in, measured, and kept as a version.

Queries, brands' names and texts are words of others: labels get `md_escape`, everything else `verbatim`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.lab.views import BrandLab, BrandRef, Checked
from inbox.permissions import Permission
from inbox.views import CurrentUser
from screens import (
    components,
    lab,
    lab_chart,
    lab_findings,
    lab_history,
    lab_measuring,
    page_step,
    query_help,
    sidebar,
    threads,
    words,
)
from screens.i18n import N_, _, plural
from screens.lab import Bench
from screens.security import verbatim
from screens.state import enter, inbox, token

_SECTIONS: Mapping[str, str] = {
    "found": N_("Test"),
    "label": N_("Precision"),
    "proposals": N_("Proposals"),
    "sets": N_("Ready-made exclusions"),
    "history": N_("Versions"),
}
_TICK = 0.4
"""Seconds between two pieces of a running test."""


def draw() -> None:
    """Draw the page."""
    with st.container(key="labpage"):
        _lab()


@st.fragment(key=lab.FRAGMENT)
def _lab() -> None:
    try:
        user = enter()
        with st.sidebar:
            sidebar.draw(user, None)
        brands = inbox().lab.brands(token())
        page_step.heading(_("Query lab"), _("What a brand is listened for"))
        page_step.told()
        if not brands:
            told = _("No brand is declared yet. Put one into config.yaml under brands.")
            st.html(f'<div class="kb-empty"><h2>{_("No brands yet")}</h2><p>{verbatim(told)}</p></div>')
            return
        opened = inbox().lab.open(token(), _brand(brands))
        bench = lab.current()
        if bench is None or bench.brand_id != opened.brand.id:
            bench = lab.open_brand(opened)
    except NotSignedIn:
        page_step.signed_out()
        return
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    lab_chart.draw(opened)
    _editor(user, opened)
    running = bench.found is not None and bench.found.state == "running"
    st.fragment(_part, key=lab.PART, run_every=_TICK if running else None)(user, opened)


def _brand(brands: Sequence[BrandRef]) -> str:
    names = {one.id: f"{one.name} ({_('competitor')})" if one.competitor else one.name for one in brands}
    if len(names) == 1:
        return next(iter(names))
    wanted = st.query_params.get("brand", "")
    ids = list(names)
    chosen = st.selectbox(
        _("Brand"),
        ids,
        index=ids.index(wanted) if wanted in ids else 0,
        format_func=lambda key: names.get(key, key),
        key="lab_brand",
        on_change=lab.on_brand,
        width=300,
    )
    return str(chosen)


@st.fragment(key=lab.EDITOR)
def _editor(user: CurrentUser, opened: BrandLab) -> None:
    bench = lab.current()
    try:
        enter()
        if bench is None:
            return
        checked = inbox().lab.check(token(), bench.text)
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    components.mount("query_editor", _field(bench, checked, opened), typed=lab.on_typed)
    with st.container(key="labsteps", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            _("Try it on"),
            lab.PERIODS,
            index=lab.PERIODS.index(bench.days),
            format_func=_period,
            key="lab_days",
            on_change=lab.on_days,
            width=190,
        )
        with st.popover(_("How to search"), icon=":material/help:", type="tertiary", key="labhelp"):
            query_help.draw()
        st.button(_("Test"), key="lab_test", icon=":material/science:", disabled=not checked.fits, on_click=lab.on_test)
        if user.may(Permission.MANAGE_QUERIES):
            new = checked.fits and bench.text.strip() != opened.text
            st.button(
                _("Save as new version"),
                key="lab_save",
                type="primary" if new else "secondary",
                icon=":material/save:",
                disabled=not new,
                on_click=lab.on_save,
            )


def _field(bench: Bench, checked: Checked, opened: BrandLab) -> dict[str, Any]:
    """What the field draws."""
    if checked.problem is not None:
        tone, said = "bad", words.said(checked.problem)
    elif bench.text.strip() == opened.text:
        tone, said = "good", _("This is what counts now.")
    else:
        tone, said = "good", _("This can be read. It counts once it is saved.")
    hint = "" if checked.hint is None else words.said(checked.hint)
    if checked.suggestion and not checked.mended:
        hint = _("Perhaps: {text}").format(text=checked.suggestion)
    return {
        "text": bench.text,
        "rev": f"{bench.brand_id}:{bench.rev}",
        "label": _("Query of {brand}").format(brand=opened.brand.name),
        "parts": [[part.start, part.end, part.kind] for part in checked.parts],
        "error": None if checked.fits else [checked.start, checked.end],
        "tone": tone,
        "said": said,
        "hint": hint,
        "mended": checked.mended,
        "mend": _("Mend it"),
        "readonly": False,
    }


def _part(user: CurrentUser, opened: BrandLab) -> None:
    bench = lab.current()
    try:
        enter()
        if bench is None:
            return
        was_running = bench.found is not None and bench.found.state == "running"
        if was_running:
            lab.go_on()
        page_step.told()
        st.session_state["lab_section"] = bench.section
        st.segmented_control(
            _("Part of the lab"),
            lab.SECTIONS,
            format_func=lambda key: _(_SECTIONS[key]),
            key="lab_section",
            label_visibility="collapsed",
            on_change=lab.on_section,
        )
        _section(bench, user, opened)
    except NotSignedIn:
        page_step.signed_out()
        return
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    if was_running and bench.found is not None and bench.found.state != "running":
        st.rerun()  # the whole page, so that this part no longer comes back by itself


def _section(bench: Bench, user: CurrentUser, opened: BrandLab) -> None:
    if bench.section == "history":
        lab_history.draw(opened, manages=user.may(Permission.MANAGE_QUERIES))
    elif bench.section == "found":
        lab_findings.draw(bench)
    elif not inbox().lab.check(token(), bench.text).fits:
        st.html(f'<p class="kb-soft">{verbatim(_("Mend the query first."))}</p>')
    elif bench.section == "label":
        lab_measuring.labels(bench)
    elif bench.section == "proposals":
        lab_measuring.proposals(bench, manages=user.may(Permission.MANAGE_QUERIES))
    else:
        lab_measuring.sets(bench)


def _period(days: int) -> str:
    return plural("the last {n} day", "the last {n} days", days) if days else _("everything there is")
