"""Recognise an unchanged answer without parsing it: ETag, Last-Modified, and the body's hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from connectors.requests import HttpRequest, HttpResponse
from pipeline.http.redact import redact_url
from store.records import ValidatorRecord

# What may be sent back in a header: visible ASCII and spaces. Anything else cannot be repeated verbatim.
_SENDABLE = re.compile(r"[\x20-\x7e]{1,1024}")


def full_url(request: HttpRequest) -> str:
    """The URL as it is asked, parameters included, fragment left out. May carry secrets: never store it."""
    url = request.url.partition("#")[0]
    if request.secret is not None:
        url = url.replace("{secret}", quote(request.secret, safe=":"))
    if not request.params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(request.params)}"


def validator_url(request: HttpRequest, secrets: Sequence[str] = ()) -> str:
    """The URL under which a request's validators are kept: with its parameters, without secrets.

    Where something was blanked, a digest keeps two such URLs apart; mixing up their validators would make one
    look unchanged when only the other is.
    """
    url = full_url(request)
    shown = redact_url(url, secrets if request.secret is None else (*secrets, request.secret))
    return shown if shown == url else f"{shown}#{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def conditional_headers(request: HttpRequest, validator: ValidatorRecord | None) -> dict[str, str]:
    """Headers that ask "only if changed"; empty for an unconditional request or without validators.

    The ETag goes back verbatim, `W/` and quotes included, as servers compare it letter by letter.
    """
    if not request.conditional or validator is None:
        return {}
    wanted = {"If-None-Match": validator.etag, "If-Modified-Since": validator.last_modified}
    return {name: value for name, value in wanted.items() if value and _SENDABLE.fullmatch(value)}


def body_digest(body: bytes) -> bytes:
    """SHA-256 of a decoded body."""
    return hashlib.sha256(body).digest()


def is_same_body(request: HttpRequest, validator: ValidatorRecord | None, status: int, body: bytes) -> bool:
    """Tell whether a 200 brought the very body that was committed last (many servers ignore conditions)."""
    if not request.conditional or validator is None or validator.body_sha256 is None or status != 200:
        return False
    return body_digest(body) == validator.body_sha256


def validator_of(
    response: HttpResponse, previous: ValidatorRecord | None = None, *, secrets: Sequence[str] = ()
) -> ValidatorRecord | None:
    """Read the validators to commit together with an answer's rows.

    Validators are left out when the answer says `Expires: 0`: such servers send them and do not honour them
    (rule of the Miniflux reader); the body's hash still counts.

    Args:
        response: the answer whose rows are being committed.
        previous: what was sent with the request; an unchanged answer keeps its hash and what it does not renew.
        secrets: values that may not be stored.

    Returns:
        The record to store; `previous` for an answer that proves nothing new (not conditional, or not a 200).
    """
    fresh = _sent(response.headers)
    if not response.request.conditional or (response.status != 200 and not response.unchanged):
        return previous
    url = validator_url(response.request, secrets)
    if response.unchanged:
        old = previous or ValidatorRecord(url=url)
        return ValidatorRecord(
            url=url,
            etag=fresh.get("etag", old.etag),
            last_modified=fresh.get("last-modified", old.last_modified),
            body_sha256=old.body_sha256,
            moved_to=response.moved_to,
        )
    return ValidatorRecord(
        url=url,
        etag=fresh.get("etag"),
        last_modified=fresh.get("last-modified"),
        body_sha256=body_digest(response.body),
        moved_to=response.moved_to,
    )


def _sent(headers: Mapping[str, str]) -> dict[str, str]:
    """The validators an answer carries and means."""
    if headers.get("expires", "").strip() == "0":
        return {}
    return {
        name: value
        for name in ("etag", "last-modified")
        if (value := headers.get(name, "").strip()) and _SENDABLE.fullmatch(value)
    }
