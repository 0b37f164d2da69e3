"""Reports that go out by themselves: every week or month, to a list of addresses, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from inbox import due, events, lists
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.mail.addresses import clean_address
from inbox.mail.notify import address
from inbox.mail.texts import Letter
from inbox.reports import document as documents
from inbox.reports.gathering import gather
from inbox.reports.page import headlines
from inbox.reports.periods import EVERY
from inbox.reports.views import ScheduleRow
from inbox.reports.words import Tongue
from inbox.sentences import Sentence
from inbox.settings import LANGUAGES, InboxSettings
from inbox.views import CurrentUser
from inbox.whole_periods import Every, ended_before, period_at
from store import reports as kept
from store.engine import Store
from store.mail import NewMail, enqueue
from store.schema import report_schedule

HOUR = 6
"""Local hour from which a report that is due is made, so that it lies there in the morning."""
MOST_RECEIVERS = 50
_KIND = "report"
_SCHEDULE = "report_schedule"


def add(desk: Desk, user: CurrentUser, *, every: str, lang: str, receivers: Sequence[str]) -> int:
    """Let a report go out every week or month; gives the schedule's id. The first one is of the period that runs.

    Raises:
        BadInput: no such rhythm or language, no mail goes out here, nobody to send it to, or no mail address.
    """
    rhythm = next((one for one in EVERY if one == every), None)
    if rhythm is None or lang not in LANGUAGES:
        raise BadInput(Sentence("Choose every week or every month, and Dutch or English."))
    if not desk.settings.can_mail:
        raise BadInput(Sentence("No mail goes out from here yet: an administrator sets that up (`mail:`)."))
    told = list(dict.fromkeys(clean_address(one) for one in receivers if one.strip()))
    if not 0 < len(told) <= MOST_RECEIVERS:
        raise BadInput(Sentence("Name 1 to {n} mail addresses.", n=MOST_RECEIVERS))
    due_on = period_at(rhythm, _today(desk.settings, desk.clock())).after
    with desk.store.write() as conn:
        schedule_id = desk.store.new_id()
        conn.execute(
            report_schedule.insert().values(
                id=schedule_id,
                every=rhythm.value,
                lang=lang,
                receivers=told,
                due_on=due_on,
                made_at=desk.clock(),
                made_by=user.id,
            )
        )
        about, facts = (_SCHEDULE, str(schedule_id)), {"every": rhythm.value, "n": len(told)}
        events.append(desk, conn, about, "report_scheduled", actor_id=user.id, after={"facts": facts})
    return schedule_id


def end(desk: Desk, user: CurrentUser, schedule_id: int) -> None:
    """Let no report of a schedule go out any more. Raises: NotFound."""
    with desk.store.write() as conn:
        ended = conn.execute(
            report_schedule.update()
            .where(report_schedule.c.id == schedule_id, report_schedule.c.ended_at.is_(None))
            .values(ended_at=desk.clock(), ended_by=user.id)
        )
        if not ended.rowcount:
            raise NotFound(what="schedule", key=schedule_id)
        events.append(desk, conn, (_SCHEDULE, str(schedule_id)), "report_unscheduled", actor_id=user.id)


def running(desk: Desk) -> tuple[ScheduleRow, ...]:
    """The schedules that run."""
    with desk.store.read() as conn:
        rows = kept.schedules(conn)
        people = lists.names_of(conn, [row.made_by for row in rows])
    return tuple(
        ScheduleRow(row.id, Every(row.every), row.lang, tuple(row.receivers), row.due_on, people.get(row.made_by, "?"))
        for row in rows
    )


def tick(store: Store, settings: InboxSettings, now: datetime) -> int:
    """Make what is due and queue its mails; how many reports were made. For the worker; safe in several at once.

    The report, its mails and the next due day are written together: each period goes out once, whatever stops when. Of
    periods that passed while nothing ran only the last one is made.
    """
    desk = Desk(store, settings, clock=lambda: now)
    if now.astimezone(ZoneInfo(settings.timezone)).hour < HOUR:
        return 0
    today = _today(settings, now)
    with store.read() as conn:
        waiting = {row.id: row for row in kept.schedules(conn, due_by=today)}
    return due.each(
        waiting, lambda schedule_id: _make(desk, waiting[schedule_id], today), "making the report of schedule"
    )


def _make(desk: Desk, row: Row[Any], today: date) -> bool:
    every = Every(row.every)
    told = ended_before(every, today)
    found, quotes = gather(desk, told.first, told.last)
    new = kept.NewReport(told.first, told.last, row.lang, found.model_dump(mode="json"), quotes, schedule_id=row.id)
    with desk.store.write() as conn:
        mine = (report_schedule.c.id == row.id, report_schedule.c.due_on == row.due_on)
        still = report_schedule.c.ended_at.is_(None)
        due_on = period_at(every, today).after
        taken = conn.execute(report_schedule.update().where(*mine, still).values(due_on=due_on))
        if not taken.rowcount:  # another worker made it, or somebody ended the schedule
            return False
        if kept.made_for(conn, row.id, told.first) is not None:
            return False
        report_id = kept.keep(desk.store, conn, new, now=desk.clock(), made_by=None)
        _queue(desk, conn, row, report_id, found)
    return True


def _queue(desk: Desk, conn: Connection, row: Row[Any], report_id: int, found: documents.Document) -> None:
    letter = letter_of(found, row.lang, link=address(desk, "/reports"))
    for receiver in row.receivers:
        mail = NewMail(
            dedupe_key=f"report:{report_id}:{receiver}",
            kind=_KIND,
            to_address=receiver,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            not_before=desk.clock(),
            report_id=report_id,
        )
        enqueue(desk.store, conn, mail, now=desk.clock())


def letter_of(found: documents.Document, lang: str, *, link: str) -> Letter:
    """The mail that carries a report: the figures of most weight, and where the rest is. Pure."""
    t = Tongue(lang)
    days = {"first": t.day(found.first), "last": t.day(found.last)}
    lead = t.say("The report of {first} to {last} is attached to this mail.", **days)
    lines = headlines(found, lang)
    text = "\n".join((lead, "", *lines, "", f"{t.say('Open the dashboard')}: {link}", ""))
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    opened = f'<p><a href="{escape(link)}">{escape(t.say("Open the dashboard"))}</a></p>'
    html = f"<p>{escape(lead)}</p><ul>{listed}</ul>{opened}"
    return Letter(t.say("Klankbord: {first} to {last}", **days), text, html)


def _today(settings: InboxSettings, now: datetime) -> date:
    return now.astimezone(ZoneInfo(settings.timezone)).date()
