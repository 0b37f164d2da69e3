"""Instants as platforms write them, read into aware UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_iso(value: object) -> datetime:
    """Read an ISO 8601 instant; one without an offset counts as UTC, as every platform here documents.

    Raises:
        ValueError: when it is not such an instant.
    """
    if not isinstance(value, str):
        msg = f"{value!r} is not an instant"
        raise ValueError(msg)  # noqa: TRY004 -- a wrong type in an answer is bad data, as a wrong text is
    read = datetime.fromisoformat(value)
    try:
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        msg = f"{value!r} lies outside the calendar"
        raise ValueError(msg) from error


def parse_unix(value: object) -> datetime:
    """Read seconds since 1970 (UTC).

    Raises:
        ValueError: when it is not a number, or one outside the calendar.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"{value!r} is not a Unix time"
        raise ValueError(msg)  # noqa: TRY004 -- as above
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError) as error:
        msg = f"{value!r} lies outside the calendar"
        raise ValueError(msg) from error


def parse_http_date(value: str) -> datetime:
    """Read the date form of HTTP headers (RFC 9110, section 5.6.7).

    Raises:
        ValueError: when it is not such a date.
    """
    read = parsedate_to_datetime(value)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
