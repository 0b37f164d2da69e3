"""Reports that were made, and their schedules: rows in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from store.engine import Store
from store.schema import conversation_theme, mention, report, report_quote, report_schedule


@dataclass(frozen=True, slots=True)
class Quote:
    """What a customer said, without who said it."""

    mention_id: int
    theme_id: int
    text: str


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report to be kept. `first` and `last` are local days, both included."""

    first: date
    last: date
    lang: str
    document: Mapping[str, Any]
    quotes: Sequence[Quote]
    schedule_id: int | None = None


def keep(store: Store, conn: Connection, new: NewReport, *, now: datetime, made_by: int | None) -> int:
    """Keep a report inside the caller's transaction; gives its id."""
    report_id = store.new_id()
    conn.execute(
        report.insert().values(
            id=report_id,
            schedule_id=new.schedule_id,
            first=new.first,
            last=new.last,
            lang=new.lang,
            made_at=now,
            made_by=made_by,
            document=dict(new.document),
        )
    )
    rows = {one.mention_id: one for one in new.quotes}
    if rows:
        conn.execute(
            report_quote.insert(),
            [
                {"report_id": report_id, "mention_id": one.mention_id, "theme_id": one.theme_id, "text": one.text}
                for one in rows.values()
            ],
        )
    return report_id


def made(conn: Connection, report_id: int) -> Row[Any] | None:
    """A report; None when there is no such."""
    return conn.execute(select(report).where(report.c.id == report_id)).first()


def newest(conn: Connection, *, limit: int) -> Sequence[Row[Any]]:
    """The reports made last, the newest first, without their documents (primary key)."""
    columns = [column for column in report.c if column.name != "document"]
    return conn.execute(select(*columns).order_by(report.c.id.desc()).limit(limit)).all()


def made_for(conn: Connection, schedule_id: int, first: date) -> int | None:
    """The report that a schedule made of the period that begins on a day. Served by ix_report_of_schedule."""
    wanted = (report.c.schedule_id == schedule_id, report.c.first == first)
    return conn.execute(select(report.c.id).where(*wanted)).scalar()


def quotes_of(conn: Connection, report_id: int) -> list[Quote]:
    """What a report quotes, in order of theme and mention; less once its sources are erased.

    Served by ix_report_quote_report.
    """
    columns = (report_quote.c.mention_id, report_quote.c.theme_id, report_quote.c.text)
    wanted = select(*columns).where(report_quote.c.report_id == report_id)
    return [Quote(*row) for row in conn.execute(wanted.order_by(report_quote.c.theme_id, report_quote.c.mention_id))]


def schedules(conn: Connection, *, due_by: date | None = None) -> Sequence[Row[Any]]:
    """Schedules that run, the oldest first; those due on a local day or before."""
    wanted = select(report_schedule).where(report_schedule.c.ended_at.is_(None))
    if due_by is not None:
        wanted = wanted.where(report_schedule.c.due_on <= due_by)
    return conn.execute(wanted.order_by(report_schedule.c.id)).all()


def quotable(conn: Connection, theme_id: int, *, since: datetime, until: datetime, limit: int) -> list[Quote]:
    """What customers said in public in conversations that raise a theme, in [since, until), the newest first.

    Served by the primary key of conversation_theme and ix_mention_thread.
    """
    wanted = (
        select(mention.c.id, conversation_theme.c.theme_id, mention.c.text)
        .join(conversation_theme, conversation_theme.c.conversation_id == mention.c.conversation_id)
        .where(
            conversation_theme.c.theme_id == theme_id,
            mention.c.sort_at >= since,
            mention.c.sort_at < until,
            mention.c.direction == "inbound",
            mention.c.visibility == "public",
            mention.c.deleted_at.is_(None),
            mention.c.dup_of.is_(None),
        )
        .order_by(mention.c.sort_at.desc(), mention.c.id.desc())
        .limit(limit)
    )
    return [Quote(*row) for row in conn.execute(wanted)]
