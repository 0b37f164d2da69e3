"""Scheduled exports: keeping what the fields say for every day, week or month, and what was made so far."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from inbox.export_jobs.views import Places, ScheduleView, Wanted
from inbox.whole_periods import Every
from screens import export_steps, export_words, threads, words
from screens.i18n import _, moment
from screens.security import verbatim
from screens.state import inbox, token, utc_now


def make(wanted: Wanted) -> None:
    """The fields of a schedule, beside those of the export."""
    places = inbox().exports.places(token())
    offered = {"kept": _("Only kept in the list below")}
    if places.folder:
        offered["folder"] = _("A folder on the server")
    offered |= {f"store:{key}": name for key, name in places.stores.items()}
    with st.popover(_("Schedule"), icon=":material/event_repeat:", key="export_schedule"):
        st.text_input(_("Name"), key="export_name", max_chars=60, placeholder=_("Daily for the analysts"))
        st.selectbox(
            _("How often"), [each.value for each in Every], format_func=lambda one: _(export_words.EVERY[Every(one)]),
            key="export_every",
        )  # fmt: skip
        st.number_input(_("From hour"), 0, 23, 6, key="export_hour", help=_("Local time of the workspace."))
        picked = st.selectbox(
            _("Where to"), list(offered), format_func=lambda one: offered[one], key="export_destination"
        )
        if picked == "folder":
            st.text_input(
                _("Folder below {base}").format(base=places.folder), key="export_folder", placeholder="analysts/daily"
            )
        if len(offered) == 1:
            st.caption(_("Folders and object stores are offered once the configuration names them (exports)."))
        st.caption(_("The days of the fields are left out: each time it is the period that has passed."))
        st.button(
            _("Keep the schedule"), key="export_keep", type="primary", on_click=export_steps.on_schedule, args=(wanted,)
        )


def draw() -> None:
    """Draw the scheduled exports."""
    try:
        found, places = inbox().exports.schedules(token()), inbox().exports.places(token())
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    if not found:
        return
    st.html(f'<h2 class="kb-part">{verbatim(_("Scheduled exports"))}</h2>')
    for one in found:
        with st.container(key=f"export_schedule_{one.id}", border=True, gap="small"):
            _schedule(one, places)


def _schedule(one: ScheduleView, places: Places) -> None:
    now = utc_now()
    if one.paused:
        coming = _("paused")
    else:
        coming = _("next: {period}, {at}").format(period=export_words.period(one.next), at=moment(one.next_at, now))
    what = [export_words.contents(one.wanted)]
    if one.wanted.filters.search:
        what.append(f"“{one.wanted.filters.search[:80]}”")
    told = " · ".join(
        (*what, _(export_words.EVERY[one.every]), export_words.destination(one, places), coming, one.by.name)
    )
    runs = "".join(
        f"<li><b>{verbatim(export_words.period(run.period))}</b> {verbatim(export_words.state(run))}"
        f'<span class="kb-soft"> {verbatim(export_words.rows(run.rows) if not run.trouble else "")}'
        f"{verbatim(export_words.trouble(run))}</span></li>"
        for run in one.last
        if run.period is not None
    )
    st.html(
        f'<div class="kb-export"><b><bdi>{verbatim(one.name)}</bdi></b>'
        f'<span class="kb-soft">{verbatim(told)}</span></div>' + (f'<ul class="kb-counts">{runs}</ul>' if runs else "")
    )
    if not one.mine:
        return
    with st.container(horizontal=True, gap="small"):
        st.button(
            _("Go on") if one.paused else _("Pause"), key=f"export_pause_{one.id}", type="tertiary",
            icon=":material/play_arrow:" if one.paused else ":material/pause:",
            on_click=export_steps.on_pause, args=(one.id, not one.paused),
        )  # fmt: skip
        st.button(
            _("End it"), key=f"export_end_{one.id}", type="tertiary", icon=":material/event_busy:",
            on_click=export_steps.on_end, args=(one.id,),
        )  # fmt: skip
