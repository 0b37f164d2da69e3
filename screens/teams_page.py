"""The Teams page, for administrators: hours, holidays, other days and promised times, with an example to judge by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import streamlit as st

from inbox import holidays
from inbox.errors import BadInput, InboxError, NotSignedIn
from inbox.sentences import Sentence
from inbox.workspace.door import Workspace
from inbox.workspace.views import TeamInput, TeamView
from screens import page_step, sidebar, team_words, threads, words
from screens.i18n import _, current, plural
from screens.security import md_escape, verbatim
from screens.state import enter, inbox, token, utc_now

_EDITED = "klankbord_edited_team"


@dataclass(frozen=True, slots=True)
class _Fields:
    """The names of a form's fields in the session."""

    prefix: str

    def key(self, name: str) -> str:
        return f"{self.prefix}_{name}"

    def text(self, name: str) -> str:
        return str(st.session_state.get(self.key(name)) or "")

    def read(self) -> TeamInput:
        """What is filled in.

        Raises:
            BadInput: a promised time that cannot be read.
        """
        return TeamInput(
            name=self.text("name"),
            hours=self.text("hours"),
            holidays=self.text("holidays"),
            timezone=self.text("timezone"),
            first_response_s=self._seconds("first_response"),
            resolution_s=self._seconds("resolution"),
        )

    def _seconds(self, name: str) -> int | None:
        try:
            return team_words.seconds_of(self.text(name))
        except ValueError as error:
            raise BadInput(
                Sentence("Write a promised time as 30m, 4h or 2d, between one minute and 90 days."), field=name
            ) from error


def draw() -> None:
    """Draw the page."""
    with st.container(key="teamspage"):
        _teams()


@st.fragment(key="teams")
def _teams() -> None:
    try:
        user = enter()
        found = inbox().workspace.teams(token())
    except NotSignedIn:
        page_step.signed_out()
        return
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    with st.sidebar:
        sidebar.draw(user, None)
    told = plural("{n} team", "{n} teams", len(found))
    page_step.heading(_("Teams"), told)
    page_step.told()
    if not found:
        lead = _("Without a team nothing is promised and nothing is ever late. Make the first one here.")
        st.html(f'<div class="kb-empty"><h2>{_("No teams yet")}</h2><p>{lead}</p></div>')
    with st.expander(_("New team"), icon=":material/group_add:", key="add_team_box", expanded=not found):
        _form(_Fields("newteam"), None)
    for team in found:
        _team(team)


def _team(team: TeamView) -> None:
    with st.container(key=f"team_{team.id}", gap="small"):
        st.html(_card(team))
        with st.container(key=f"teambuttons_{team.id}", horizontal=True, gap="small"):
            if not team.declared:
                opened = st.session_state.get(_EDITED) == team.id
                st.button(
                    _("Close") if opened else _("Change"),
                    key=f"team_edit_{team.id}",
                    icon=":material/close:" if opened else ":material/edit:",
                    on_click=_on_edit,
                    args=(team.id,),
                )
                st.button(
                    _("Put away"),
                    key=f"team_archive_{team.id}",
                    icon=":material/archive:",
                    on_click=_do,
                    args=(lambda box, who: box.archive_team(who, team.id),),
                )
        if st.session_state.get(_EDITED) == team.id and not team.declared:
            _form(_Fields(f"team_{team.id}"), team)
        _days(team)


def _card(team: TeamView) -> str:
    badge = f'<span class="kb-badge">{verbatim(_("in the configuration file"))}</span>' if team.declared else ""
    facts = [plural("{n} person", "{n} people", team.n_people), _("{n} open").format(n=team.n_open)]
    lines = [team_words.promises(team), *team_words.calendar(team)]
    try:
        shown = inbox().workspace.preview(token(), _input(team), days=team.days)
    except InboxError:
        shown = None
    if shown is not None:
        lines.append(team_words.example(shown))
    items = "".join(f"<li>{verbatim(line)}</li>" for line in lines)
    return (
        f'<div class="kb-team"><h2><bdi>{verbatim(team.name)}</bdi> {badge}</h2>'
        f'<div class="kb-soft">{verbatim(" · ".join(facts))}</div><ul>{items}</ul></div>'
    )


def _input(team: TeamView) -> TeamInput:
    return TeamInput(team.name, team.hours, team.holidays, team.timezone, team.first_response_s, team.resolution_s)


def _form(fields: _Fields, team: TeamView | None) -> None:
    """The fields of a team. They answer at once, so that the example under them follows what is filled in."""
    given = {
        "name": team.name if team else "",
        "hours": team.hours if team else "ma-vr 09:00-17:00" if current().code == "nl" else "mon-fri 09:00-17:00",
        "first_response": team_words.span_text(team.first_response_s) if team else "1h",
        "resolution": team_words.span_text(team.resolution_s) if team else "",
        "timezone": team.timezone if team else "",
    }
    left, right = st.columns(2)
    left.text_input(_("Name of the team"), given["name"], key=fields.key("name"), max_chars=100)
    right.text_input(
        _("Opening hours"),
        given["hours"],
        key=fields.key("hours"),
        max_chars=300,
        help=_("Such as ma-vr 09:00-17:00, za 10:00-14:00. Empty means always open."),
    )
    left.text_input(_("First answer within"), given["first_response"], key=fields.key("first_response"), max_chars=20,
                    help=_("Business time: 30m, 4h or 2d. Empty promises nothing."))  # fmt: skip
    right.text_input(_("Solved within"), given["resolution"], key=fields.key("resolution"), max_chars=20,
                     help=_("Business time: 30m, 4h or 2d. Empty promises nothing."))  # fmt: skip
    codes = list(holidays.countries())
    kept = team.holidays if team else "NL" if current().code == "nl" else None
    if kept and kept not in codes:
        codes.append(kept)
    left.selectbox(
        _("Closed on the holidays of"),
        codes,
        index=codes.index(kept) if kept else None,
        format_func=team_words.country,
        placeholder=_("No country: holidays are worked"),
        key=fields.key("holidays"),
    )
    right.text_input(_("Time zone"), given["timezone"], key=fields.key("timezone"), max_chars=60,
                     help=_("Empty means the time zone of the workspace."))  # fmt: skip
    _example(fields, team)
    st.button(
        _("Save") if team else _("Make this team"),
        key=fields.key("save"),
        type="primary",
        on_click=_on_save,
        args=(fields, team.id if team else None),
    )


def _example(fields: _Fields, team: TeamView | None) -> None:
    try:
        wanted = fields.read()
        shown = inbox().workspace.preview(
            token(), TeamInput(wanted.name or "?", wanted.hours, wanted.holidays, wanted.timezone,
                               wanted.first_response_s, wanted.resolution_s),
            days=team.days if team else (),
        )  # fmt: skip
    except InboxError as problem:
        st.html(threads.notice("warning", words.error(problem)))
        return
    if shown is not None:
        st.html(threads.notice("info", team_words.example(shown)))


def _days(team: TeamView) -> None:
    label = _("Other days") if not team.days else plural("{n} other day", "{n} other days", len(team.days))
    with st.expander(label, icon=":material/event_busy:", key=f"days_{team.id}"):
        for one in team.days:
            with st.container(
                key=f"day_{team.id}_{one.day}", horizontal=True, vertical_alignment="center", gap="small"
            ):
                told = verbatim(" · ".join(part for part in (one.hours or _("closed"), one.name) if part))
                st.html(f'<div><b>{verbatim(team_words.day(one.day))}</b> <span class="kb-soft">{told}</span></div>')
                st.button(
                    _("Take off"),
                    key=f"day_off_{team.id}_{one.day}",
                    help=_("Take off {day}").format(day=md_escape(team_words.day(one.day))),
                    on_click=_do,
                    args=(lambda box, who, day=one.day: box.remove_day(who, team.id, day),),
                )
        with st.form(f"day_form_{team.id}", border=False):
            left, middle, right = st.columns(3)
            left.date_input(_("Day"), utc_now().date(), key=f"day_on_{team.id}", format="DD/MM/YYYY")
            middle.text_input(
                _("Hours that day"),
                key=f"day_hours_{team.id}",
                placeholder=_("empty: closed"),
                help=_("Such as 10:00-16:00; empty means closed all day."),
            )
            right.text_input(_("Why"), key=f"day_name_{team.id}", max_chars=100, placeholder=_("Team day"))
            st.form_submit_button(_("Set this day"), on_click=_on_day, args=(team.id,), key=f"day_save_{team.id}")


def _do(step: Callable[[Workspace, str], str | None]) -> None:
    """One step; what is refused is told at the top. Ends in a redraw of the page."""
    page_step.do(lambda box, who: step(box.workspace, who))
    st.rerun("teams")


def _on_edit(team_id: str) -> None:
    st.session_state[_EDITED] = None if st.session_state.get(_EDITED) == team_id else team_id
    st.rerun("teams")


def _on_save(fields: _Fields, team_id: str | None) -> None:
    def step(box: Workspace, who: str) -> str:
        wanted = fields.read()
        if team_id is None:
            box.add_team(who, wanted)
        else:
            box.change_team(who, team_id, wanted)
        st.session_state[_EDITED] = None
        for name in ("name", "hours", "first_response", "resolution", "timezone", "holidays"):
            st.session_state.pop(fields.key(name), None)
        return _("Saved. What is due is being worked out anew.") if team_id else _("The team is there.")

    _do(step)


def _on_day(team_id: str) -> None:
    state = st.session_state
    day = state.get(f"day_on_{team_id}")
    hours, name = str(state.get(f"day_hours_{team_id}") or ""), str(state.get(f"day_name_{team_id}") or "")

    def step(box: Workspace, who: str) -> None:
        if isinstance(day, date):
            box.set_day(who, team_id, day, hours=hours, name=name)

    _do(step)
