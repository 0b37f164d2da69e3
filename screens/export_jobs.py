"""The exports that were asked for: how far each is, its file with checksum and manifest, and what stayed out of it."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from inbox.export_jobs.views import JobState, JobView
from inbox.views import CurrentUser
from screens import export_files, export_steps, export_words, threads, words
from screens.i18n import _, number
from screens.security import verbatim
from screens.state import enter, inbox, token, utc_now

_TICK_S = 2
_LOOKS_S = 30


def draw() -> None:
    """Draw the list; it looks again by itself, often while something is being made."""
    try:
        busy = any(one.state.open for one in inbox().exports.all(token()).rows)
    except InboxError:
        busy = False  # told where it is read again
    st.fragment(_list, key=export_steps.LIST, run_every=_TICK_S if busy else _LOOKS_S)(busy)


def _list(was_busy: bool) -> None:
    try:
        user = enter()
        found = inbox().exports.all(token())
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    if was_busy != any(one.state.open for one in found.rows):
        st.rerun()  # to look more, or less, often
    st.html(f'<h2 class="kb-part">{verbatim(_("Exports"))}</h2>')
    if found.idle:
        told = _(
            "No worker takes these jobs. Ask whoever runs this installation whether klankbord worker is running; they "
            "are made as soon as it does."
        )
        st.html(threads.notice("warning", told))
    if not found.rows:
        told = _("Nothing was exported yet. Choose tables above and start; the file then stands here for a while.")
        st.html(f'<p class="kb-soft">{verbatim(told)}</p>')
        return
    for one in found.rows:
        _job(one, user)


def _job(one: JobView, user: CurrentUser) -> None:
    with st.container(key=f"export_job_{one.id}", border=True, gap="small"):
        tone = {JobState.DONE: "green", JobState.FAILED: "red"}.get(one.state, "")
        st.html(
            f'<div class="kb-export"><b><bdi>{verbatim(export_words.title(one))}</bdi></b> '
            f'<span class="kb-badge {tone}">{verbatim(export_words.state(one))}</span>'
            f'<span class="kb-soft">{verbatim(export_words.about(one, user, utc_now()))}</span></div>'
        )
        if one.state is JobState.RUNNING:
            share = min(1.0, one.rows / one.total) if one.total else 0.0
            st.progress(share, _progress(one))
        trouble = export_words.trouble(one)
        if trouble:
            st.html(threads.notice("warning" if one.state.open else "error", trouble))
        if one.delivered_to:
            told = verbatim(_("Delivered: {place}").format(place=one.delivered_to))
            st.html(f'<div class="kb-export"><span class="kb-soft">{told}</span></div>')
        _buttons(one)
        if one.name:
            _details(one)


def _progress(one: JobView) -> str:
    if one.total:
        return _("{n} of {total} rows").format(n=number(one.rows), total=number(one.total))
    return export_words.rows(one.rows)


def _buttons(one: JobView) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if one.name and one.mine:
            st.html(
                f'<a class="kb-get" href="{export_files.address(one.id)}" target="_self" download>'
                f"{verbatim(_('Download'))}</a>"
            )
        if one.state.open:
            st.button(
                _("Stop"), key=f"export_stop_{one.id}", icon=":material/stop:", type="tertiary",
                on_click=export_steps.on_cancel, args=(one.id,),
            )  # fmt: skip
            return
        st.button(
            _("Once more"), key=f"export_again_{one.id}", icon=":material/replay:", type="tertiary",
            on_click=export_steps.on_again, args=(one.id,),
        )  # fmt: skip
        st.button(
            _("Delete"), key=f"export_delete_{one.id}", icon=":material/delete:", type="tertiary",
            on_click=export_steps.on_delete, args=(one.id,),
        )  # fmt: skip


def _details(one: JobView) -> None:
    with st.expander(_("Checksum, manifest, what stayed out"), key=f"export_details_{one.id}"):
        manifest = export_files.address(one.id, manifest=True)
        st.html(
            f"<p>SHA-256 <code>{verbatim(one.sha256)}</code></p>"
            f'<p><a href="{manifest}" target="_self" download>{verbatim(_("Manifest and data dictionary"))}</a></p>'
        )
        held = export_words.held(one.held)
        st.html(held or f'<p class="kb-soft">{verbatim(_("No platform held anything back."))}</p>')
        if not one.mine:
            st.caption(_("Only who asked for it can download it: platforms count what leaves with that person."))
