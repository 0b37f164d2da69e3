"""What is decided about logins that are renewed: when, what of them is secret, how their trouble is told. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from connectors.contract import Connector, Options
from connectors.errors import AuthDead, AuthExpired, ConnectorError, Transient
from pipeline.http.redact import is_secret_name

EARLIEST, LATEST = timedelta(days=7), timedelta(minutes=5)
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])[\w.~+/=:|-]{20,}")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def is_due(ends_at: datetime, since: datetime | None, now: datetime) -> bool:
    """Whether a login is to be renewed: when a tenth of its life is left, five minutes at least, a week at most.

    Instants aware UTC; `since` is when it began, None when that is not known.
    """
    if since is None or ends_at <= since:
        return now >= ends_at - LATEST
    life = ends_at - since
    return now >= ends_at - min(EARLIEST, max(LATEST, life / 10), life / 2)


def secrets_in(values: Mapping[str, str]) -> tuple[str, ...]:
    """What of a kept login may never be shown: by name, or by its looks. Names, hosts and instants are no secrets."""
    return tuple(
        value
        for name, value in values.items()
        if is_secret_name(name) or (_MIXED.fullmatch(value) and not _ADDRESS.match(value))
    )


def advised(error: ConnectorError, connector: Connector[Options], source_id: str) -> str:
    """What is told of an error: of a dead login also how to log in again, where that is guided."""
    text = str(error) or type(error).__name__
    if not isinstance(error, AuthDead | AuthExpired) or type(connector).connect() is None:
        return text
    return f"{text.rstrip('.')}. Run: klankbord connect {connector.name} --source {source_id}"


def nothing_went_out(error: ConnectorError) -> Transient:
    """A renewal's trouble as a caller needs it who was about to write: the write certainly did not happen."""
    wait = error.retry_after_s if isinstance(error, Transient) else None
    return Transient(f"the login could not be renewed: {error}", retry_after_s=wait, arrived=False)
