"""Making a report and reading one that was made."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Row

from inbox import events, lists
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.reports import document as documents
from inbox.reports import pdf
from inbox.reports.gathering import gather
from inbox.reports.page import Names, page_of
from inbox.reports.views import File, ReportRow
from inbox.sentences import Sentence
from inbox.settings import LANGUAGES
from store import alerts, brands
from store import reports as kept

Format = Literal["html", "pdf"]
SHOWN = 60
"""Reports in the list."""
_MEDIA: dict[Format, str] = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


def make(desk: Desk, first: date, last: date, *, lang: str, made_by: int | None) -> int:
    """Make a report of local days and keep it; gives its id.

    Raises:
        BadInput: no such language, or days as `gather` refuses them.
    """
    _check_lang(lang)
    found, quotes = gather(desk, first, last)
    new = kept.NewReport(first, last, lang, found.model_dump(mode="json"), quotes)
    with desk.store.write() as conn:
        report_id = kept.keep(desk.store, conn, new, now=desk.clock(), made_by=made_by)
        about, facts = ("report", str(report_id)), {"first": first.isoformat(), "last": last.isoformat()}
        events.append(desk, conn, about, "report_made", actor_id=made_by, after={"facts": facts})
    return report_id


def newest(desk: Desk) -> tuple[ReportRow, ...]:
    """The reports made last, the newest first."""
    with desk.store.read() as conn:
        rows = kept.newest(conn, limit=SHOWN)
        names = lists.names_of(conn, [row.made_by for row in rows])
        return tuple(
            ReportRow(
                row.id,
                row.first,
                row.last,
                row.lang,
                row.made_at,
                None if row.made_by is None else names.get(row.made_by, "?"),
                row.schedule_id is not None,
            )
            for row in rows
        )


def file_of(desk: Desk, report_id: int, form: Format, lang: str | None = None) -> File:
    """A report as a file, in the language it was made for or another one.

    Raises:
        NotFound: there is no such report.
        BadInput: another version kept it, no such language, or this machine makes no PDF.
    """
    with desk.store.read() as conn:
        row = kept.made(conn, report_id)
        if row is None:
            raise NotFound(what="report", key=report_id)
        page = _page(desk, conn, row, _check_lang(lang or row.lang))
    name = f"klankbord-{row.first.isoformat()}-{row.last.isoformat()}.{form}"
    if form == "html":
        return File(name, _MEDIA[form], page.encode())
    reason = pdf.why_not()
    if reason is not None:
        raise BadInput(reason)
    return File(name, _MEDIA[form], pdf.pdf_of(page))


def attached(desk: Desk, report_id: int) -> tuple[File, ...]:
    """What goes along with a mail: the page, and the PDF where one can be made. Raises: as `file_of`."""
    forms: tuple[Format, ...] = ("html", "pdf") if pdf.why_not() is None else ("html",)
    return tuple(file_of(desk, report_id, form) for form in forms)


def _page(desk: Desk, conn: Connection, row: Row[Any], lang: str) -> str:
    try:
        found = documents.read(row.document)
    except documents.UnreadableReportError as error:
        raise BadInput(Sentence("Another version of Klankbord kept this report; make it anew.")) from error
    all_brands = brands.all_brands(conn)
    own = [one.name for one in all_brands if not one.competitor]
    return page_of(
        found,
        kept.quotes_of(conn, row.id),
        Names(
            {one.id: one.name for one in all_brands},
            lists.source_names(conn),
            lists.theme_names(conn),
            {team.id: team.name or team.id for team in desk.settings.teams},
            {rule.id: rule.name for archived in (False, True) for rule in alerts.rules(conn, archived=archived)},
        ),
        lang=lang,
        made_at=row.made_at,
        title=own[0] if len(own) == 1 else "Klankbord",
    )


def _check_lang(lang: str) -> str:
    if lang not in LANGUAGES:
        raise BadInput(Sentence("Choose Dutch or English."))
    return lang
