"""The Reports page: what a week or a month came to, made now or by itself, and to whom it goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.reports.making import Format
from inbox.reports.views import ReportRow, ScheduleRow
from inbox.service import Inbox
from inbox.views import CurrentUser
from inbox.whole_periods import Every, ended_before
from screens import page_step, sidebar, threads, words
from screens.i18n import N_, _, current, day, local_now, moment, number
from screens.security import md_escape, verbatim
from screens.state import inbox, token, utc_now

FRAGMENT = "reports"
_LANGS: Mapping[str, str] = {"nl": N_("Dutch"), "en": N_("English")}
_EVERY: Mapping[str, str] = {"week": N_("Every week, on Monday"), "month": N_("Every month, on the first")}
_PERIODS: Mapping[str, str] = {"week": N_("Last week"), "month": N_("Last month"), "own": N_("Other days")}


def draw() -> None:
    """Draw the page."""
    with st.container(key="reportspage"):
        _reports()


@st.fragment(key=FRAGMENT)
def _reports() -> None:
    user = page_step.entered()
    if user is None:
        return
    with st.sidebar:
        sidebar.draw(user, None)
    page_step.heading(_("Reports"), verbatim(_("Kept as they were when they were made.")))
    page_step.told()
    try:
        _make()
        _made(inbox().reports.newest(token()))
        _schedules(user, inbox().reports.schedules(token()))
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))


def _make() -> None:
    with st.container(key="report_new", border=True):
        st.html(f'<h2 class="kb-part">{verbatim(_("Make a report"))}</h2>')
        today = local_now(utc_now()).date()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            chosen = st.segmented_control(
                _("Period"),
                list(_PERIODS),
                default="week",
                format_func=lambda one: _(_PERIODS[one]),
                key="report_period",
            )
            told = ended_before(Every.MONTH if chosen == "month" else Every.WEEK, today)
            first, last = told.first, told.last
            if chosen == "own":
                first = st.date_input(_("From"), first, key="report_first", width=150, format="DD-MM-YYYY")
                last = st.date_input(_("Until and including"), last, key="report_last", width=170, format="DD-MM-YYYY")
            lang = st.selectbox(
                _("Language"),
                list(_LANGS),
                index=list(_LANGS).index(current().code) if current().code in _LANGS else 0,
                format_func=lambda one: _(_LANGS[one]),
                key="report_lang",
                width=150,
            )
            st.button(
                _("Make it"),
                key="report_make",
                type="primary",
                icon=":material/description:",
                on_click=_on_make,
                args=(first, last, lang),
            )
        days = _("{first} until and including {last}").format(first=day(first), last=day(last))
        st.html(f'<p class="kb-soft">{verbatim(days)}</p>')


def _on_make(first: date, last: date, lang: str) -> None:
    def step(box: Inbox, who: str) -> str:
        box.reports.make(who, first, last, lang=lang)
        return _("The report is made; it stands on top of the list.")

    page_step.take(FRAGMENT, step)


def _made(rows: tuple[ReportRow, ...]) -> None:
    st.html(f'<h2 class="kb-part">{verbatim(_("Reports that were made"))}</h2>')
    if not rows:
        st.html(f'<p class="kb-soft">{verbatim(_("None yet. Make one above, or let one go out by itself."))}</p>')
        return
    missing = inbox().reports.why_no_pdf(token())
    now = utc_now()
    for row in rows:
        with st.container(key=f"report_{row.id}", horizontal=True, vertical_alignment="center", gap="small"):
            by = _by(row)
            period = _("{first} until and including {last}").format(first=day(row.first), last=day(row.last))
            facts = f"{_(_LANGS.get(row.lang, row.lang))} · {moment(row.made_at, now)} · {by}"
            st.html(f'<div><b>{verbatim(period)}</b><br><span class="kb-soft">{verbatim(facts)}</span></div>')
            _download(row, "html", _("Page"), ":material/web:")
            if missing is None:
                _download(row, "pdf", "PDF", ":material/picture_as_pdf:")
    if missing is not None:
        st.html(f'<p class="kb-soft">{verbatim(words.said(missing))}</p>')


def _by(row: ReportRow) -> str:
    """Who made a report, or how it came to be."""
    if row.made_by is not None:
        return _("by {name}").format(name=row.made_by)
    return _("by itself") if row.scheduled else _("from the command line")


def _download(row: ReportRow, form: Format, label: str, icon: str) -> None:
    st.download_button(
        label,
        _Taken(inbox(), token(), row.id, form),
        file_name=f"klankbord-{row.first.isoformat()}-{row.last.isoformat()}.{form}",
        mime="text/html" if form == "html" else "application/pdf",
        key=f"report_{form}_{row.id}",
        on_click="ignore",
        icon=icon,
    )


class _Taken:
    """The file, written when the button is pressed."""

    def __init__(self, box: Inbox, who: str, report_id: int, form: Format) -> None:
        self._box, self._who, self._report_id, self._form = box, who, report_id, form

    def __call__(self) -> bytes:
        return self._box.reports.file(self._who, self._report_id, self._form).body


def _schedules(user: CurrentUser, rows: tuple[ScheduleRow, ...]) -> None:
    st.html(f'<h2 class="kb-part">{verbatim(_("By mail, by itself"))}</h2>')
    if not rows:
        st.html(f'<p class="kb-soft">{verbatim(_("No report goes out by itself yet."))}</p>')
    leads = user.may(Permission.MANAGE_WORK)
    for row in rows:
        with st.container(key=f"schedule_{row.id}", horizontal=True, vertical_alignment="center", gap="small"):
            facts = _("{lang}, next on {day}, to {n}: {names}").format(
                lang=_(_LANGS.get(row.lang, row.lang)),
                day=day(row.due_on),
                n=number(len(row.receivers)),
                names=", ".join(row.receivers),
            )
            told = f"<div><b>{verbatim(_(_EVERY[row.every]))}</b><br>"
            st.html(f'{told}<span class="kb-soft">{verbatim(facts)}</span></div>')
            if leads:
                st.button(
                    _("Stop"),
                    key=f"schedule_end_{row.id}",
                    icon=":material/close:",
                    help=md_escape(_("No report of this schedule goes out any more.")),
                    on_click=_on_end,
                    args=(row.id,),
                )
    if leads:
        _schedule()


def _schedule() -> None:
    with st.form("report_schedule", border=True):
        st.selectbox(_("How often"), list(_EVERY), format_func=lambda one: _(_EVERY[one]), key="schedule_every")
        st.selectbox(_("Language"), list(_LANGS), format_func=lambda one: _(_LANGS[one]), key="schedule_lang")
        st.text_area(
            _("Mail addresses, one per line"), key="schedule_receivers", height=90, placeholder="lea@lumerik.example"
        )
        st.form_submit_button(_("Send it by itself"), icon=":material/schedule_send:", on_click=_on_schedule)


def _on_schedule() -> None:
    every, lang, receivers = (st.session_state[f"schedule_{name}"] for name in ("every", "lang", "receivers"))

    def step(box: Inbox, who: str) -> str:
        box.reports.schedule(who, every=every, lang=lang, receivers=receivers.replace(",", "\n").splitlines())
        return _("From now on it goes out by itself.")

    page_step.take(FRAGMENT, step)


def _on_end(schedule_id: int) -> None:
    def step(box: Inbox, who: str) -> str:
        box.reports.unschedule(who, schedule_id)
        return _("It goes out no more.")

    page_step.take(FRAGMENT, step)
