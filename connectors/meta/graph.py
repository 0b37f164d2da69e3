"""One Graph API host and the login it is asked with. Builds requests and reads answers; does not read posts."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from connectors.dates import EARLIEST
from connectors.errors import AuthDead, BadRequest, FormatChanged
from connectors.fields import items_of, part, text_of
from connectors.http_status import json_body
from connectors.instants import parse_iso, parse_unix
from connectors.items import Json
from connectors.meta import refusals
from connectors.requests import HttpRequest, HttpResponse

Params = tuple[tuple[str, str], ...]
_PLACES = frozenset({"after", "until", "since", "__paging_token", "offset"})
_ID = re.compile(r"^[0-9A-Za-z_=:.\-]{1,300}$")


@dataclass(frozen=True, slots=True)
class Graph:
    """Where to ask, and with what.

    Attributes:
        platform: how people know the other side.
        base: address with its version, such as https://graph.facebook.com/v26.0.
        connect: the command that logs in anew.
        token, app_secret: of the login; calls are signed with the secret when there is one (`appsecret_proof`).
        renewable: whether a login that ran out can be renewed without a person.
    """

    platform: str
    base: str
    connect: str
    token: str | None = field(default=None, repr=False)
    app_secret: str | None = field(default=None, repr=False)
    renewable: bool = False

    @property
    def host(self) -> str:
        """The API's host name."""
        return urlsplit(self.base).hostname or ""

    def request(
        self,
        path: str,
        *,
        method: str = "GET",
        params: Params = (),
        form: Params | None = None,
        json: Json = None,
        step: str = "",
    ) -> HttpRequest:
        """Build a call. The token travels in a header only, because addresses get logged.

        Raises:
            AuthDead: nobody has logged in yet.
        """
        if self.token is None:
            msg = f"there is no login for {self.platform} yet: run `{self.connect}`, or set `token`"
            raise AuthDead(msg)
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self.token}"}
        if self.app_secret is not None:
            params = (*params, ("appsecret_proof", proof(self.app_secret, self.token)))
        return HttpRequest(
            f"{self.base}/{path}",
            method=method,
            params=params,
            headers=headers,
            form=form,
            json=json,
            safe_to_repeat=method != "POST",
            step=step,
        )

    def body(self, response: HttpResponse) -> dict[str, Json]:
        """The answer's object, once it is known to be no error.

        Raises:
            ConnectorError: by the code in the body, then by the status.
        """
        refusals.check(response, platform=self.platform, connect=self.connect, renewable=self.renewable)
        read = json_body(response, platform=self.platform)
        if not isinstance(read, dict):
            msg = f"{self.platform} answered with something else than was asked for"
            raise FormatChanged(msg)
        return read

    def entries(self, response: HttpResponse) -> tuple[list[Json], dict[str, Json]]:
        """The list that an answer holds, and its whole body.

        Raises:
            FormatChanged: there is no list in it.
            ConnectorError: as `body`.
        """
        body = self.body(response)
        if not isinstance(body.get("data"), list):
            msg = f"{self.platform} answered without the list that was asked for"
            raise FormatChanged(msg)
        return items_of(body, "data"), body


def proof(app_secret: str, token: str) -> str:
    """`appsecret_proof`: shows that the caller of a token knows the app's secret (hex HMAC-SHA256)."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def onward(body: Mapping[str, Json], *, by_cursor: bool = False) -> Params | None:
    """Where a list goes on, as parameters; None at its end.

    `paging.next` is an address that holds the token: only its place is taken, and the address is never stored.

    Args:
        body: the answer, or any object with `data` and `paging`.
        by_cursor: lists that may leave `next` out although there is more: go on until an empty page.
    """
    paging = part(dict(body), "paging")
    after = text_of(part(paging, "cursors"), "after")
    following = text_of(paging, "next")
    if following is None:
        return (("after", after),) if by_cursor and after is not None and items_of(dict(body), "data") else None
    if after is not None:
        return (("after", after),)
    places = tuple((name, value) for name, value in parse_qsl(urlsplit(following).query) if name in _PLACES)
    return places or None


def instant(value: Json) -> datetime | None:
    """An instant as the API writes it (`2026-11-21T09:14:07+0000`, or Unix seconds), aware UTC; None when unusable.

    One before 1995 is the zero of somebody's clock.
    """
    try:
        read = parse_unix(value) if isinstance(value, int | float) else parse_iso(value)
    except ValueError:
        return None
    return read if read >= EARLIEST else None


def node(value: object) -> str:
    """An id that may stand in a path.

    Raises:
        BadRequest: it is none.
    """
    if not isinstance(value, str) or not _ID.match(value) or ".." in value:
        msg = "this was kept without its id on the platform: answer there by hand"
        raise BadRequest(msg)
    return value
