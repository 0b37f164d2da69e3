"""Our login at X: an app-only token, our account's rotating user token, or both."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.errors import AuthDead
from connectors.fields import number_of, text_of
from connectors.http_status import json_body, raise_for_status
from connectors.instants import parse_iso
from connectors.requests import HttpRequest, HttpResponse
from connectors.x.answers import PLATFORM, Object
from connectors.x.options import XOptions

TOKEN_PATH = "/2/oauth2/token"  # noqa: S105 -- an address
_NOT_YET = "X is not connected: run `klankbord connect x`, or give the source a bearer_token"


@dataclass(frozen=True, slots=True)
class Kept:
    """What connecting left behind; the names are those of the kept login."""

    bearer_token: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    ends_at: str | None = None

    @classmethod
    def load(cls, login: Mapping[str, str]) -> Kept:
        """Read a kept login; what is unknown or empty is left out."""
        return cls(**{name: login[name] for name in cls.__dataclass_fields__ if login.get(name)})

    def dump(self) -> dict[str, str]:
        """Write it down for keeping."""
        return {name: value for name in self.__dataclass_fields__ if (value := getattr(self, name)) is not None}


class Login:
    """Says which token a call carries, and how to renew the user token. Performs nothing itself."""

    def __init__(self, options: XOptions) -> None:
        self._api = options.api
        self._configured = None if options.bearer_token is None else options.bearer_token.get_secret_value()
        self._kept = Kept()

    def take(self, login: Mapping[str, str]) -> None:
        """Use a login that was kept."""
        self._kept = Kept.load(login)

    def keep(self) -> Mapping[str, str] | None:
        """The login to be kept; None when there is nothing but the options."""
        return self._kept.dump() or None

    @property
    def user(self) -> str | None:
        """Our account's token; None without one."""
        return self._kept.access_token

    @property
    def ends_at(self) -> datetime | None:
        """When our account's token runs out."""
        try:
            return None if self._kept.ends_at is None else parse_iso(self._kept.ends_at)
        except ValueError:
            return None

    def reading(self) -> str:
        """The token to search with: the app's own, whose rate limit is wider, or our account's.

        Raises:
            AuthDead: there is none.
        """
        token = self._configured or self._kept.bearer_token or self.user
        if token is None:
            raise AuthDead(_NOT_YET)
        return token

    def app(self) -> str:
        """The app's own token, the only one that X takes for its stream.

        Raises:
            AuthDead: there is none.
        """
        token = self._configured or self._kept.bearer_token
        if token is None:
            msg = (
                "X's stream takes an app-only token only: set bearer_token, give it to `klankbord connect x`, or set "
                "stream to false"
            )
            raise AuthDead(msg)
        return token

    def own(self) -> str:
        """The token for what belongs to our account; the app's own reads public parts of it too.

        Raises:
            AuthDead: there is none.
        """
        return self.user or self.reading()

    def renewable(self, request: HttpRequest) -> bool:
        """Whether the login that a call carried can be renewed without a person."""
        carried = request.headers.get("Authorization")
        return self._kept.refresh_token is not None and carried == f"Bearer {self.user}"

    def renewal(self) -> HttpRequest | None:
        """The call that renews our account's token; its refresh token is good for one time only."""
        if self._kept.refresh_token is None or self._kept.client_id is None:
            return None
        form = (("grant_type", "refresh_token"), ("refresh_token", self._kept.refresh_token))
        return token_request(self._api, self._kept.client_id, self._kept.client_secret, form, step="refresh")

    def renewed(self, response: HttpResponse) -> None:
        """Take the renewed token.

        Raises:
            AuthDead: X does not renew it.
        """
        self._kept = granted(self._kept, response)


def token_request(
    api: str, client_id: str, client_secret: str | None, form: tuple[tuple[str, str], ...], *, step: str
) -> HttpRequest:
    """A call to X's token address: a confidential client names itself in the header, a public one in the form."""
    headers = {"Accept": "application/json"}
    if client_secret is not None:
        pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    return HttpRequest(
        api + TOKEN_PATH,
        method="POST",
        headers=headers,
        form=(*form, ("client_id", client_id)),
        safe_to_repeat=False,
        step=step,
    )


def granted(kept: Kept, response: HttpResponse) -> Kept:
    """Read the token address's answer into a login.

    Raises:
        AuthDead: X grants nothing.
        ConnectorError: trouble that passes.
    """
    if 400 <= response.status < 500 and response.status != 429:
        msg = f"{PLATFORM} no longer accepts our login ({response.status}): run `klankbord connect x` again"
        raise AuthDead(msg)
    raise_for_status(response, platform=PLATFORM)
    body = json_body(response, platform=PLATFORM)
    answer: Object = body if isinstance(body, dict) else {}
    token = text_of(answer, "access_token")
    if token is None:
        msg = f"{PLATFORM} gave no token: run `klankbord connect x` again"
        raise AuthDead(msg)
    seconds = number_of(answer, "expires_in")
    ends = None if seconds is None else (response.received_at + timedelta(seconds=seconds)).isoformat()
    renewing = text_of(answer, "refresh_token") or kept.refresh_token
    return replace(kept, access_token=token, refresh_token=renewing, ends_at=ends)
