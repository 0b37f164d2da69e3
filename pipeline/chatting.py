"""Posting to chats and pagers with `apprise`, which knows 189 services, and reading from it how that ended.

It tells only yes or no and writes the reason to its log, so the reason is read there: a status of HTTP, or that no
connection was made. What is neither ended without an answer. Its words never leave this module: they may hold what the
address holds.
"""

from __future__ import annotations

import logging
import re
from enum import StrEnum
from typing import Any

from connectors.errors import BadRequest

LONGEST_WAIT_S = 20.0
_STATUS = re.compile(r"\berror\s*[=:]\s*(\d{3})\b", re.IGNORECASE)
_NEVER_LEFT = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "Failed to resolve",
    "Connection refused",
    "getaddrinfo failed",
    "CERTIFICATE_VERIFY_FAILED",
)
_NOT_NOW = frozenset({408, 425, 429})


class How(StrEnum):
    """How a post ended; the same words as `pipeline.alerting.Outcome`."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"


def plugin_of(address: str) -> Any:
    """What reaches an address. It follows no redirects and never tries again by itself.

    Raises:
        BadRequest: it is no address of a service.
    """
    import apprise  # a second of work and 189 plug-ins: only where there is somebody to tell

    asset = apprise.AppriseAsset(http_redirects=False, secure_logging=True, async_mode=False)
    found = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if found is None:
        msg = "the address is not that of a chat service"
        raise BadRequest(msg)
    found.retry = 0
    found.socket_connect_timeout = found.socket_read_timeout = LONGEST_WAIT_S
    return found


def own_host(plugin: Any) -> str | None:
    """Where a plug-in of a server of one's own goes, as a URL for the guard; None where a service has one address."""
    host = str(getattr(plugin, "host", "") or "")
    if not host or not any("{host}" in template for template in plugin.templates):
        return None
    port = getattr(plugin, "port", None)
    return f"{'https' if plugin.secure else 'http'}://{host}{f':{port}' if port else ''}/"


def say(plugin: Any, title: str, body: str) -> tuple[How, str]:
    """Post something; how that ended, with a sentence of ours. Runs as long as the service takes."""
    heard = _Heard()
    log = logging.getLogger("apprise")
    level, passes = log.level, log.propagate
    log.addHandler(heard)
    log.setLevel(logging.DEBUG)
    log.propagate = False  # it may say what the address holds
    try:
        took = bool(plugin.notify(body=body, title=title))
    finally:
        log.removeHandler(heard)
        log.setLevel(level)
        log.propagate = passes
    return (How.SENT, "") if took else ended(heard.lines)


def ended(lines: list[str]) -> tuple[How, str]:
    """What follows from what was logged when a post failed. Pure."""
    statuses = [int(found[1]) for line in lines if (found := _STATUS.search(line))]
    if statuses:
        status = statuses[-1]
        later = status in _NOT_NOW or status >= 500
        return How.LATER if later else How.REFUSED, f"The service answered {status}."
    if any(sign in line for line in lines for sign in _NEVER_LEFT):
        return How.LATER, "The service cannot be reached."
    return How.UNKNOWN, "No answer came; it may have arrived. Look there before sending it again."


class _Heard(logging.Handler):
    """Keeps what is logged while it listens."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record.getMessage())
