"""Sending mail of ours from the queue (SMTP, RFC 5321): each at most once by itself, and none forgotten.

`deliver` hands one mail to the server and says how that ended. It is careful about *when* something went wrong: until
the text goes over, nothing has happened and it may be tried again. Once it went and no answer came, nobody knows
whether it was taken: that ends as `unknown`, and only a person sends it again. `Mailer` does this for what is due.
"""

from __future__ import annotations

import contextlib
import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from typing import Protocol

from pipeline.settings import MailSettings
from store import mail
from store.engine import Store

LEASE = timedelta(minutes=5)
"""Longer than one delivery can take with all its timeouts."""
TIMEOUT_S = 30.0
MOST_PER_RUN = 50
_PAUSES_MIN = (1, 5, 15, 60, 240, 240, 480, 720, 1440)
_LOST = "The program ended while this was being handed over; it may have arrived. Look there before sending it again."
_CUT = "The line broke while this was being handed over; it may have arrived. Look there before sending it again."
_log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """How one delivery ended."""

    SENT = "sent"
    LATER = "later"
    NO_SERVER = "no_server"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_OURS = "not_ours"


class Attached(Protocol):
    """A file that goes along with a mail."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def media_type(self) -> str: ...  # noqa: D102
    @property
    def body(self) -> bytes: ...  # noqa: D102


Attaching = Callable[[int], Sequence[Attached]]
"""Gives the files of a report by its id."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mail to deliver. `number` makes its Message-ID, so that a mail sent again by hand is recognisable."""

    number: int
    to: str
    subject: str
    text: str
    html: str | None
    files: Sequence[Attached] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a delivery ended, and what the server (or the line) said."""

    outcome: Outcome
    text: str


def pause_after(attempts: int) -> timedelta | None:
    """Time to wait after so many attempts (1 or more): from a minute to a day; None when it has been enough."""
    return timedelta(minutes=_PAUSES_MIN[attempts - 1]) if attempts <= len(_PAUSES_MIN) else None


def message_of(settings: MailSettings, parcel: Parcel, *, now: datetime) -> EmailMessage:
    """The mail as it goes over the line: plain text, and the same in HTML where there is one."""
    _name, sender = parseaddr(settings.sender)
    made = EmailMessage(policy=SMTP_POLICY)
    made["From"] = settings.sender
    made["To"] = parcel.to
    made["Subject"] = parcel.subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<klankbord.{parcel.number}@{sender.rpartition('@')[2]}>"
    # Holiday replies to a machine help nobody (RFC 3834).
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(parcel.text)
    if parcel.html:
        made.add_alternative(parcel.html, subtype="html")
    for file in parcel.files:
        maintype, _slash, subtype = file.media_type.partition(";")[0].partition("/")
        made.add_attachment(file.body, maintype=maintype, subtype=subtype, filename=file.name)
    return made


def deliver(
    settings: MailSettings,
    parcel: Parcel,
    *,
    now: datetime,
    before_text: Callable[[], bool],
    timeout_s: float = TIMEOUT_S,
) -> Ended:
    """Hand one mail to the server.

    Args:
        settings: of the server.
        parcel: the mail.
        now: aware UTC, for its date.
        before_text: called once, right before the text goes; False stops the delivery.
        timeout_s: seconds to wait for each answer.
    """
    data = message_of(settings, parcel, now=now).as_bytes()
    try:
        line = _connected(settings, timeout_s)
    except smtplib.SMTPAuthenticationError as error:
        text = f"{settings.host} refuses our name or password: {_said(error.smtp_code, error.smtp_error)}"
        return Ended(Outcome.NO_SERVER, text)
    except (smtplib.SMTPException, OSError) as error:
        return Ended(Outcome.NO_SERVER, f"{settings.host} cannot be reached: {error}")
    try:
        return _hand_over(line, settings, parcel, data, before_text)
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            line.quit()
        line.close()


def _connected(settings: MailSettings, timeout_s: float) -> smtplib.SMTP:
    """A line to the server, encrypted and signed in as the settings say."""
    context = ssl.create_default_context()
    if settings.tls == "tls":
        line: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.at_port, timeout=timeout_s, context=context)
    else:
        line = smtplib.SMTP(settings.host, settings.at_port, timeout=timeout_s)
    try:
        if settings.tls == "starttls":
            line.starttls(context=context)
        line.ehlo_or_helo_if_needed()
        if settings.user is not None:
            line.login(settings.user, settings.password or "")
    except BaseException:  # raised again; only the line may not stay open
        line.close()
        raise
    return line


def _hand_over(
    line: smtplib.SMTP, settings: MailSettings, parcel: Parcel, data: bytes, before_text: Callable[[], bool]
) -> Ended:
    _name, sender = parseaddr(settings.sender)
    try:
        for code, said in (line.mail(sender), line.rcpt(parcel.to)):
            if code not in {250, 251}:
                return _answered(code, said)
        code, said = line.docmd("DATA")
        if code != 354:
            return _answered(code, said)
        if not before_text():
            return Ended(Outcome.NOT_OURS, "another process has it")
    except (smtplib.SMTPException, OSError) as error:
        return Ended(Outcome.LATER, f"the line to {settings.host} broke before anything was handed over: {error}")
    try:
        line.send(_dotted(data))
        code, said = line.getreply()
    except (smtplib.SMTPException, OSError):
        return Ended(Outcome.UNKNOWN, _CUT)
    return _answered(code, said) if code > 0 else Ended(Outcome.UNKNOWN, _CUT)


def _answered(code: int, said: bytes) -> Ended:
    told = _said(code, said)
    if 200 <= code < 300:
        return Ended(Outcome.SENT, told)
    return Ended(Outcome.LATER if 400 <= code < 500 else Outcome.REFUSED, told)


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:500]


def _dotted(data: bytes) -> bytes:
    """The text as DATA wants it: lines that begin with a dot get another one, and a dot alone ends it."""
    return re.sub(rb"(?m)^\.", b"..", data.removesuffix(b"\r\n")) + b"\r\n.\r\n"


class Mailer:
    """Sends what is due. Safe to run in several workers at once: each mail is taken by one.

    Args:
        store: holds the queue.
        settings: of the server.
        clock: aware UTC.
        attaching: gives the files of a mail that carries a report.
        timeout_s: seconds to wait for each answer of the server.
    """

    def __init__(
        self,
        store: Store,
        settings: MailSettings,
        clock: Callable[[], datetime],
        *,
        attaching: Attaching | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._store = store
        self._attaching = attaching
        self._settings = settings
        self._clock = clock
        self._timeout_s = timeout_s

    def run(self) -> int:
        """Send what is due, one after the other; how many were sent. A server that is away ends the run."""
        sent = 0
        with self._store.read() as conn:  # most runs find nothing, and then take no write lock
            if not mail.anything_to_do(conn, now=self._clock()):
                return sent
        with self._store.write() as conn:
            lost = mail.give_up_lost(conn, now=self._clock(), error_text=_LOST)
        if lost:
            _log.warning("%d mails may or may not have been sent; see the record of the dashboard", lost)
        for _turn in range(MOST_PER_RUN):
            with self._store.write() as conn:
                taken = mail.take(conn, now=self._clock(), lease=LEASE, limit=1)
            if not taken:
                break
            ended = self._send(taken[0])
            sent += ended.outcome is Outcome.SENT
            if ended.outcome is Outcome.NO_SERVER:
                break
        return sent

    def _send(self, row: mail.MailRow) -> Ended:
        try:
            files = self._attaching(row.report_id) if self._attaching and row.report_id is not None else ()
        except Exception:  # noqa: BLE001 - one that cannot be read stops none of the other mails
            _log.exception("the report that mail %d carries could not be read", row.id)
            ended = Ended(Outcome.REFUSED, "The report that it carries could not be read; see the log.")
        else:
            parcel = Parcel(row.id, row.to_address, row.subject, row.text, row.html, files)
            ended = deliver(
                self._settings,
                parcel,
                now=self._clock(),
                before_text=lambda: self._handing_over(row.id),
                timeout_s=self._timeout_s,
            )
        self._settle(row, ended)
        return ended

    def _handing_over(self, mail_id: int) -> bool:
        with self._store.write() as conn:
            return mail.handing_over(conn, mail_id, now=self._clock(), lease=LEASE)

    def _settle(self, row: mail.MailRow, ended: Ended) -> None:
        if ended.outcome is Outcome.NOT_OURS:
            return
        now = self._clock()
        pause = pause_after(row.attempts)
        state, not_before = mail.FAILED, None
        if ended.outcome is Outcome.SENT:
            state = mail.SENT
        elif ended.outcome is Outcome.UNKNOWN:
            state = mail.UNKNOWN
        elif ended.outcome in {Outcome.LATER, Outcome.NO_SERVER} and pause is not None:
            state, not_before = mail.QUEUED, now + pause
        told = None if state == mail.SENT else ended.text
        with self._store.write() as conn:
            mail.settle(conn, row.id, state, now=now, error_text=told, not_before=not_before)
        if state != mail.SENT:
            # Neither address nor text: logs go further than mail should.
            _log.warning("mail %d (%s) is %s: %s", row.id, row.kind, state, ended.text)
