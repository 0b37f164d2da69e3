"""Keep secrets out of logs, errors and stored URLs, and people's account numbers and addresses out of logs.

Two nets hang behind each other: names (headers and query parameters that carry credentials on any platform) and
values (what a source registered as its secrets). The first works without knowing a secret, the second wherever a
secret turns up.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, quote_plus

from understanding.pii import Pii, mask

HIDDEN = "***"

_NEVER_LOGGED = (Pii.IBAN, Pii.CARD, Pii.BSN, Pii.EMAIL)
"""What check digits or spelling make certain. Telephone numbers are left out: ids and times look like them."""

# Shorter values would blank out ordinary words; no platform hands out keys this short.
_SHORTEST_SECRET = 4

_NAME = (
    r"(?:[a-z0-9]+[_.-])*(?:key|apikey|token|secret|password|passwd|pwd|passphrase|signature|sig|hmac|auth|"
    r"authorization|credential|credentials|code|session|sessionid|sid|jwt|nonce|assertion|proof|bearer)"
)
_PARAM_NAME = re.compile(
    rf"{_NAME}|[a-z]*(?:apikey|token|secret|password)|(?:api|access|client|user)[a-z]*key", re.IGNORECASE
)
_PARAM = re.compile(r"(?P<lead>[?&;#]|(?<!\S))(?P<name>[^=&;#\s?]+)=(?P<value>[^&;#\s\"'<>]*)")
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)(?P<user>[^/\s?#\"'<>]*)@", re.IGNORECASE)
_HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization|\b(?:set-)?cookie|\b(?:x-)?(?:user-)?api[-_]?(?:key|token)|"
    r"\bx-[a-z-]*(?:token|secret|signature|key))(?P<sep>[\"']?\s*[:,]\s*b?[\"']?)(?P<value>[^\r\n\"']+)",
    re.IGNORECASE,
)
_IN_PATH = re.compile(r"(?<=/bot)\d{3,}(?::|%3A)[\w-]{10,}", re.IGNORECASE)
"""A bot's token, which Telegram wants in the path."""
_SCHEME_VALUE = re.compile(r"\b(?P<scheme>bearer|basic)\s+[a-z0-9._~+/=-]{4,}", re.IGNORECASE)

_PAGE_TOKEN = re.compile(
    r"(?:next|prev|previous|page|pagination|continuation|sync)[-_]?(?:page|sync)?[-_]?token", re.IGNORECASE
)

SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "api-key",
        "x-api-key",
        "user-api-key",
        "user-api-client-id",
        "apikey",
        "x-auth-token",
        "x-access-token",
        "x-csrf-token",
    }
)


def is_secret_name(name: str) -> bool:
    """Tell whether a query parameter of this name usually carries a credential."""
    return _PARAM_NAME.fullmatch(name.strip()) is not None


def is_credential_name(name: str) -> bool:
    """Tell whether a query parameter says who asks: secret by its name, and no place in a list of pages."""
    return is_secret_name(name) and _PAGE_TOKEN.fullmatch(name.strip()) is None


def is_secret_header(name: str) -> bool:
    """Tell whether a header of this name usually carries a credential."""
    lowered = name.lower()
    return lowered in SECRET_HEADERS or is_secret_name(lowered)


def _spellings(secret: str) -> set[str]:
    """The shapes in which a secret can turn up in a URL, a header or a printed value."""
    raw = secret.encode("utf-8", "surrogatepass")
    coded = base64.b64encode(raw).decode().rstrip("=")
    return {
        secret,
        quote(raw, safe=""),
        quote(raw),
        quote(raw, safe="/:?&=@+,;!*'()$~"),
        quote_plus(raw),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        coded,
    }


def redact_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text without credentials: by value for `secrets`, by name for headers, parameters, userinfo.

    Secrets shorter than four characters are left alone, because they would blank out ordinary words.
    """
    found = {form for secret in secrets if len(secret) >= _SHORTEST_SECRET for form in _spellings(secret)}
    # The longest first, so that a secret inside another leaves no tail behind.
    for form in sorted(found, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    text = _IN_PATH.sub(HIDDEN, text)
    text = _USERINFO.sub(rf"\g<scheme>{HIDDEN}@", text)
    text = _PARAM.sub(_hide_parameter, text)
    text = _HEADER.sub(rf"\g<name>\g<sep>{HIDDEN}", text)
    return _SCHEME_VALUE.sub(rf"\g<scheme> {HIDDEN}", text)


def _hide_parameter(match: re.Match[str]) -> str:
    """Blank a parameter's value when its name says that it is a credential."""
    if not is_secret_name(match["name"]) or not match["value"]:
        return match[0]
    return f"{match['lead']}{match['name']}={HIDDEN}"


def redact_url(url: str, secrets: Iterable[str] = ()) -> str:
    """Return a URL that may be shown and stored: no userinfo, no credentials in the query."""
    return redact_text(url, secrets)


class SecretValues:
    """The secret values known to this process, so that log lines can be searched for them.

    Does not keep which source a secret belongs to, and never prints itself.
    """

    def __init__(self) -> None:
        self._values: frozenset[str] = frozenset()

    def add(self, values: Iterable[str]) -> None:
        """Register values that must never be printed; those under four characters are ignored."""
        fresh = {value for value in values if len(value) >= _SHORTEST_SECRET} - self._values
        if fresh:
            self._values |= fresh

    def all(self) -> frozenset[str]:
        """Every registered value."""
        return self._values

    def __repr__(self) -> str:
        return f"SecretValues({len(self._values)})"


KNOWN = SecretValues()


class RedactingFilter(logging.Filter):
    """Rewrite log records: libraries print full URLs and headers, and errors what they stumbled over."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Blank credentials and personal data in the message and the traceback; every record passes."""
        secrets = KNOWN.all()
        record.msg = mask(redact_text(record.getMessage(), secrets), kinds=_NEVER_LOGGED)
        record.args = None
        if record.exc_info:
            trace = logging.Formatter().formatException(record.exc_info)
            record.exc_text = mask(redact_text(trace, secrets), kinds=_NEVER_LOGGED)
            # Handlers that format tracebacks themselves would print the unredacted one.
            record.exc_info = None
        return True


# A filter on a logger does not hold for its children, so each one that speaks is named.
NOISY_LOGGERS: Sequence[str] = (
    "httpx",
    "httpcore",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
    "aiohttp",
    "aiohttp.access",
    "aiohttp.client",
    "aiohttp.internal",
    "aiohttp.server",
    "aiohttp.web",
    "aiohttp.websocket",
    "websockets",
    "websockets.client",
    "websockets.protocol",
    "asyncio",
)


def install_log_redaction() -> None:
    """Hang the redacting filter on the loggers of the HTTP libraries; calling it again changes nothing."""
    for name in NOISY_LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, RedactingFilter) for each in logger.filters):
            logger.addFilter(RedactingFilter())
