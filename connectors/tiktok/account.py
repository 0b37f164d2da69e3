"""What holds for one TikTok account: its options, its login, how it is asked, and what errors mean.

Every answer comes with status 200 and says in `code` whether anything is wrong. The token stands in a header of its
own, without "Bearer": with it TikTok calls the token revoked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from connectors.contract import Options
from connectors.errors import AuthDead, AuthExpired, BadRequest, Forbidden, FormatChanged, RateLimited, Transient
from connectors.fields import number_of, part, text_of
from connectors.http_status import json_body, object_in, raise_for_status, retry_at
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse
from connectors.token_login import ENDS_AT, TokenLogin

API = "https://business-api.tiktok.com/open_api/v1.3"
PLATFORM = "TikTok"
LIMITED = 40100
EXPIRED = frozenset({40102, 40104, 40105})
"""The token ran out, is missing, or is "incorrect or has been revoked", which may only mean that it ran out."""
REFUSED = 40001
MALFORMED = 40002
_WAIT = timedelta(seconds=60)
"""Limits are per minute; TikTok does not say when the minute is over."""


class TikTokOptions(Options):
    """Options of a `tiktok` source."""

    business_id: str | None = Field(
        default=None, description="The account's id (open_id); left out when it was connected."
    )
    username: str | None = Field(default=None, description="The account's name, without @: recognises own comments.")
    token: SecretStr | None = Field(default=None, description="Access token; left out when the account was connected.")
    refresh_token: SecretStr | None = Field(default=None, description="Renews the token, which lives for a day.")
    client_id: str | None = Field(default=None, description="Of your app; needed to renew the token.")
    client_secret: SecretStr | None = Field(default=None, description="Of your app; needed to renew the token.")
    own_accounts: tuple[str, ...] = Field(
        default=(), description="Further accounts that write for the brand: names without @, or ids."
    )
    api_url: str = Field(default=API, description="Address of the Business API.")

    @field_validator("api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if urlsplit(value).scheme not in {"http", "https"}:
            msg = f"{value!r} is not an http(s) address"
            raise ValueError(msg)
        return value.rstrip("/")


class Account:
    """One account with its login. Builds requests and names errors; does not read comments."""

    def __init__(self, options: TikTokOptions) -> None:
        self.options = options
        self.login = TokenLogin(
            {
                "business_id": options.business_id,
                "access_token": options.token,
                "refresh_token": options.refresh_token,
                "client_id": options.client_id,
                "client_secret": options.client_secret,
            }
        )

    @property
    def own(self) -> frozenset[str]:
        """Ids and names (lower case) that write for the brand."""
        names = (self.login.get("business_id"), self.options.username, *self.options.own_accounts)
        return frozenset(name.lstrip("@").casefold() for name in names if name)

    @property
    def id(self) -> str:
        """The account's id.

        Raises:
            AuthDead: no account is connected yet.
        """
        return self._need("business_id")

    def read(self, path: str, *params: tuple[str, str], step: str = "") -> HttpRequest:
        """Ask something about the account."""
        return HttpRequest(
            f"{self.options.api_url}/business/{path}/",
            params=(("business_id", self.id), *params),
            headers={"Access-Token": self._need("access_token")},
            step=step,
        )

    def write(self, path: str, body: dict[str, Json], *, step: str) -> HttpRequest:
        """Do something as the account; TikTok would do it again if it were repeated."""
        return HttpRequest(
            f"{self.options.api_url}/business/{path}/",
            method="POST",
            headers={"Access-Token": self._need("access_token")},
            json={"business_id": self.id, **body},
            safe_to_repeat=False,
            step=step,
        )

    def renewal(self) -> HttpRequest | None:
        """The call that renews the login; None where only a person can."""
        names = ("client_id", "client_secret", "refresh_token")
        if not all(name in self.login for name in names):
            return None
        body: dict[str, Json] = {"grant_type": "refresh_token", **{name: self.login[name] for name in names}}
        return HttpRequest(
            f"{self.options.api_url}/tt_user/oauth2/refresh_token/", method="POST", json=body, safe_to_repeat=False
        )

    def renewed(self, response: HttpResponse) -> None:
        """Take the renewed login: TikTok replaces the refresh token, too.

        Raises:
            AuthDead: the right to renew ended; a person has to log in again.
        """
        self.login.take_new(taken(response))

    def data(self, response: HttpResponse) -> dict[str, Json]:
        """What an answer holds.

        Raises:
            ConnectorError: it is an error, whatever its status; or not what was asked for.
        """
        said = object_in(response)
        code = number_of(said, "code")
        if code:
            self._refuse(response, code, (text_of(said, "message") or "").strip()[:200])
        raise_for_status(response, platform=PLATFORM, refreshable=self.renewal() is not None)
        if code is None:
            body = json_body(response, platform=PLATFORM)
            msg = f"TikTok answered {type(body).__name__} without a code"
            raise FormatChanged(msg)
        return part(said, "data")

    def _refuse(self, response: HttpResponse, code: int, words: str) -> NoReturn:
        if code == LIMITED:
            msg = f"TikTok asks us to wait ({code})"
            raise RateLimited(msg, until=retry_at(response) or response.received_at + _WAIT)
        if code in EXPIRED:
            if self.renewal() is not None:
                msg = f"the TikTok login ran out ({code})"
                raise AuthExpired(msg)
            msg = (
                f"TikTok does not accept our login ({code}): connect the account again with `klankbord connect tiktok`"
            )
            raise AuthDead(msg)
        if code == REFUSED:
            msg = f"TikTok refuses this: {words} ({code}). Look whether your app was granted the scopes for comments"
            raise Forbidden(msg)
        if code >= 50000:
            msg = f"TikTok has trouble ({code})"
            raise Transient(msg)
        if response.request.method == "GET" or code == MALFORMED:
            msg = f"TikTok refuses our question: {words} ({code})"
            raise BadRequest(msg)
        # What an unknown code means for a write is not known, so it may have happened.
        msg = f"TikTok answered with a code that is not documented: {words} ({code})"
        raise FormatChanged(msg)

    def _need(self, name: str) -> str:
        value = self.login.get(name)
        if value is None:
            msg = "no TikTok account is connected yet: run `klankbord connect tiktok`, or give the source its login"
            raise AuthDead(msg)
        return value


def taken(response: HttpResponse) -> dict[str, str]:
    """The login in an answer to a code or to a renewal.

    Raises:
        AuthDead: TikTok gave none.
        ConnectorError: it has trouble.
    """
    said = object_in(response)
    code = number_of(said, "code")
    if response.status >= 500 or response.status == 429:
        raise_for_status(response, platform=PLATFORM)
    if code is not None and (code >= 50000 or code == LIMITED):
        msg = f"TikTok has trouble giving a login ({code})"
        raise Transient(msg)
    data = part(said, "data")
    token = text_of(data, "access_token")
    if token is None:
        why = (text_of(said, "message") or f"status {response.status}").strip()[:200]
        msg = f"TikTok gives no login ({why}): connect the account again with `klankbord connect tiktok`"
        raise AuthDead(msg)
    login = {"access_token": token}
    for name, key in (("refresh_token", "refresh_token"), ("open_id", "business_id")):
        value = text_of(data, name)
        if value is not None:
            login[key] = value
    lives = number_of(data, "expires_in") or 86_400
    login[ENDS_AT] = (response.received_at + timedelta(seconds=lives)).isoformat()
    return login
