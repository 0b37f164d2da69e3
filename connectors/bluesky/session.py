"""The session: from an app password to tokens that are renewed, and kept by whoever keeps them for us.

The app password buys a session (`createSession`, 30 in five minutes and 300 a day for each account), the session's
refresh token buys the next pair and is spent by that. The session names the server that holds the account; it is
spoken to from then on.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import orjson

from connectors.bluesky import xrpc
from connectors.bluesky.options import BlueskyOptions
from connectors.bluesky.syntax import is_did
from connectors.errors import AuthDead, AuthExpired, FormatChanged, Transient
from connectors.fields import items_of, part, text_of
from connectors.instants import parse_unix
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse

_START, _RENEW = "start", "renew"


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session as the server gave it."""

    did: str
    handle: str
    pds: str
    access: str = field(repr=False)
    renewal: str = field(repr=False)

    @classmethod
    def of(cls, body: dict[str, Json], service: str) -> Tokens:
        """Read the answer to `createSession` or `refreshSession`.

        Raises:
            FormatChanged: it holds no session.
        """
        did, access, renewal = text_of(body, "did"), text_of(body, "accessJwt"), text_of(body, "refreshJwt")
        if did is None or not is_did(did) or access is None or renewal is None:
            msg = f"{urlsplit(service).hostname} answered to the login without a session"
            raise FormatChanged(msg)
        return cls(did, text_of(body, "handle") or did, _home(body, service), access, renewal)

    @property
    def ends_at(self) -> datetime | None:
        """When the access token runs out, aware UTC; None when it does not say."""
        try:
            return parse_unix(claims_of(self.access).get("exp"))
        except ValueError:
            return None


def claims_of(token: str) -> dict[str, Json]:
    """What a JSON web token says, whose signature is the server's business; nothing when it cannot be read."""
    try:
        payload = token.split(".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}


def _home(body: dict[str, Json], service: str) -> str:
    """The server that holds the account, from its DID document; where we signed in when it does not say.

    Only https is followed, or what speaks as the sign-in server does: a test network has no certificates.
    """
    for each in items_of(part(body, "didDoc"), "service"):
        if isinstance(each, dict) and (text_of(each, "id") or "").endswith("#atproto_pds"):
            address = urlsplit(text_of(each, "serviceEndpoint") or "")
            if address.hostname and address.scheme in {"https", urlsplit(service).scheme} and not address.username:
                return f"{address.scheme}://{address.netloc}"
    return service


class Session:
    """Our login at one server. Makes calls as our account; does not read what they bring."""

    def __init__(self, options: BlueskyOptions) -> None:
        self._service = options.service
        self._handle = options.handle
        self._password = None if options.app_password is None else options.app_password.get_secret_value()
        self._tokens: Tokens | None = None
        self._renewal_refused = False

    @property
    def did(self) -> str | None:
        """Our account's DID; None before the first login."""
        return None if self._tokens is None else self._tokens.did

    @property
    def handle(self) -> str | None:
        """Our account's handle, as far as known."""
        return self._handle if self._tokens is None else self._tokens.handle

    @property
    def base(self) -> str:
        """The server that holds our account; where we sign in before the first login."""
        return self._service if self._tokens is None else self._tokens.pds

    @property
    def possible(self) -> bool:
        """Whether there is anything to log in with."""
        return self._can_start or self._tokens is not None

    @property
    def _can_start(self) -> bool:
        return self._handle is not None and self._password is not None

    @property
    def ends_at(self) -> datetime | None:
        """When the login runs out; long ago when there is none yet and one can be had."""
        if self._tokens is None:
            return datetime.fromtimestamp(0, UTC) if self._can_start else None
        return self._tokens.ends_at

    def call(
        self, method: str, *, params: tuple[tuple[str, str], ...] = (), json: Json = None, step: str = ""
    ) -> HttpRequest:
        """Build a call as our account.

        Raises:
            AuthDead: there is nothing to log in with.
        """
        if not self.possible:
            msg = "no Bluesky account is connected: run `klankbord connect bluesky`, or give a handle and app password"
            raise AuthDead(msg)
        token = None if self._tokens is None else self._tokens.access
        return xrpc.call(self.base, method, params=params, json=json, token=token, step=step)

    def body(self, response: HttpResponse) -> dict[str, Json]:
        """Return the answer's object once it is known to be no error.

        Raises:
            ConnectorError: by the server's words and the status.
        """
        self.check(response)
        return xrpc.object_of(response, renewable=self.possible)

    def check(self, response: HttpResponse) -> None:
        """Raise the agreed error for an unsuccessful answer, and for any answer to somebody unknown.

        Some servers answer without a login; our own posts could not be told from others' then.
        """
        xrpc.check(response, renewable=self.possible)
        if self._tokens is None:
            msg = "not signed in to Bluesky yet"
            raise AuthExpired(msg)

    def refresh(self) -> HttpRequest | None:
        """Renew the session, or begin one; None when only a person can."""
        if self._tokens is not None and not self._renewal_refused:
            # The body is empty; a procedure without one is still a POST.
            request = xrpc.call(
                self._tokens.pds, "com.atproto.server.refreshSession", token=self._tokens.renewal, step=_RENEW
            )
            return HttpRequest(request.url, method="POST", headers=request.headers, step=_RENEW, safe_to_repeat=False)
        if self._can_start:
            who: dict[str, Json] = {"identifier": self._handle, "password": self._password}
            return xrpc.call(self._service, "com.atproto.server.createSession", json=who, step=_START)
        return None

    def refreshed(self, response: HttpResponse) -> None:
        """Take the new session.

        Raises:
            AuthDead: a person has to connect the account again.
            Transient: the refresh token is spent, and the app password will begin a session at the next try.
        """
        renewing = response.request.step == _RENEW
        try:
            body = xrpc.object_of(response, renewable=renewing)
        except AuthExpired as error:
            if not self._can_start:
                msg = f"{xrpc.host_of(response)} no longer accepts our session: connect the account again"
                raise AuthDead(msg) from error
            self._renewal_refused = True
            msg = f"our session at {xrpc.host_of(response)} has ended; the app password begins a new one"
            raise Transient(msg) from error
        self._tokens = Tokens.of(body, self._service if not renewing else self.base)
        self._renewal_refused = False

    def take(self, kept: Mapping[str, str]) -> None:
        """Use a kept login; what the options name stays."""
        if self._handle is None:
            self._handle = kept.get("handle")
        if self._password is None and self._handle in {kept.get("handle"), kept.get("did")}:
            self._password = kept.get("app_password")
        did, name = kept.get("did", ""), kept.get("handle")
        another = self._handle not in {None, name, did}
        if another or not (kept.get("access_token") and kept.get("refresh_token") and is_did(did)):
            return  # the configuration names another account since, or there is no session in it
        home = kept.get("pds") or self._service
        self._tokens = Tokens(did, name or did, home, kept["access_token"], kept["refresh_token"])
        self._renewal_refused = False

    def keep(self) -> dict[str, str] | None:
        """The login as it stands, for `take`; None before the first one."""
        return None if self._tokens is None else kept_of(self._tokens, self._password)


def kept_of(tokens: Tokens, password: str | None) -> dict[str, str]:
    """A login as `Session.take` reads it."""
    kept = {
        "did": tokens.did,
        "handle": tokens.handle,
        "pds": tokens.pds,
        "access_token": tokens.access,
        "refresh_token": tokens.renewal,
    }
    return kept if password is None else {**kept, "app_password": password}
