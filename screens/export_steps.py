"""Steps behind the buttons of the Export page: thin, through the door of exports."""

from __future__ import annotations

import streamlit as st

from inbox.export_jobs.views import Destination, Wanted
from inbox.service import Inbox
from inbox.whole_periods import Every
from screens import page_step
from screens.i18n import _

FRAGMENT = "export"
LIST = "export_list"


def on_start(wanted: Wanted) -> None:
    """Ask for an export."""

    def step(box: Inbox, who: str) -> str:
        box.exports.start(who, wanted)
        return _("It is being made; you may close this page. It appears below when it is ready.")

    page_step.take(FRAGMENT, step)


def on_cancel(job_id: int) -> None:
    """Stop a job."""

    def step(box: Inbox, who: str) -> str:
        box.exports.cancel(who, job_id)
        return _("It is stopped; nothing of it is left.")

    page_step.take(FRAGMENT, step)


def on_again(job_id: int) -> None:
    """Ask for the same once more."""

    def step(box: Inbox, who: str) -> str:
        box.exports.again(who, job_id)
        return _("It is being made once more, of what is kept now.")

    page_step.take(FRAGMENT, step)


def on_delete(job_id: int) -> None:
    """Take a job off the list."""

    def step(box: Inbox, who: str) -> str:
        box.exports.delete(who, job_id)
        return _("It is deleted, and its file with it.")

    page_step.take(FRAGMENT, step)


def on_schedule(wanted: Wanted) -> None:
    """Keep what the fields say as a scheduled export."""
    state = st.session_state
    destination, _sep, place = str(state["export_destination"]).partition(":")
    folder = str(state.get("export_folder", ""))

    def step(box: Inbox, who: str) -> str:
        box.exports.schedule(
            who,
            name=str(state["export_name"]),
            wanted=wanted,
            every=Every(state["export_every"]),
            hour=int(state["export_hour"]),
            destination=Destination(destination),
            place=folder if destination == Destination.FOLDER else place,
        )
        return _("It is scheduled.")

    page_step.take(FRAGMENT, step)


def on_pause(schedule_id: int, paused: bool) -> None:
    """Pause a schedule, or let it go on."""

    def step(box: Inbox, who: str) -> str:
        box.exports.pause(who, schedule_id, paused=paused)
        return _("It is paused.") if paused else _("It goes on.")

    page_step.take(FRAGMENT, step)


def on_end(schedule_id: int) -> None:
    """End a schedule."""

    def step(box: Inbox, who: str) -> str:
        box.exports.end(who, schedule_id)
        return _("It is scheduled no more. What it made stays in the list.")

    page_step.take(FRAGMENT, step)
