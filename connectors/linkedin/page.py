"""What holds for one LinkedIn page: its options, its login, how it is asked, and what errors mean.

Rest.li keeps the signs `( ) , :` of its structures raw in a query and wants every value coded, a URN in a path coded
whole. So addresses are put together here as text, never from parameters that somebody would code again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, field_validator

from connectors.contract import Options
from connectors.errors import AuthDead, AuthExpired, BadRequest, Forbidden, FormatChanged, RateLimited, Transient
from connectors.fields import number_of, text_of
from connectors.http_status import json_body, object_in, raise_for_status, retry_at
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse
from connectors.token_login import ENDS_AT, TokenLogin

API, SIGN_IN = "https://api.linkedin.com", "https://www.linkedin.com"
PLATFORM = "LinkedIn"
CALLS = "calls"
"""Name of the meter: LinkedIn counts calls per day (UTC), and tells nobody how many are left."""
VERSION = "202608"
_REVOKED = 65601
_THROTTLE = timedelta(minutes=1)
"""Writing comments has a limit per minute beside the one per day."""


class LinkedInOptions(Options):
    """Options of a `linkedin` source."""

    organization: str = Field(description="The page: its number, or its URN.")
    token: SecretStr | None = Field(default=None, description="Access token; left out when the account was connected.")
    refresh_token: SecretStr | None = Field(
        default=None, description="For renewing the token, where LinkedIn gave the app that right."
    )
    client_id: str | None = Field(default=None, description="Of your app; needed to renew the token.")
    client_secret: SecretStr | None = Field(default=None, description="Of your app; needed to renew the token.")
    own_accounts: tuple[str, ...] = Field(
        default=(), description="Colleagues who answer in their own name, as urn:li:person:…; the page is known anyway."
    )
    calls_per_day: int = Field(
        default=100, ge=10, description="Calls a day (UTC) that LinkedIn allows: see Analytics of your app."
    )
    api_version: str = Field(default=VERSION, pattern=r"^20\d{4}$", description="Version of the API, as YYYYMM.")
    api_url: str = Field(default=API, description="Address of the API.")
    sign_in_url: str = Field(default=SIGN_IN, description="Address where logins are renewed.")

    @field_validator("organization", mode="before")
    @classmethod
    def _urn(cls, value: object) -> str:
        number = str(value).strip().removeprefix("urn:li:organization:")
        if not number.isdigit():
            msg = "a page is named by its number, such as 1234, or urn:li:organization:1234"
            raise ValueError(msg)
        return f"urn:li:organization:{number}"

    @field_validator("api_url", "sign_in_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if urlsplit(value).scheme not in {"http", "https"}:
            msg = f"{value!r} is not an http(s) address"
            raise ValueError(msg)
        return value.rstrip("/")


def coded(value: str) -> str:
    """A value as a path or a query wants it: everything coded."""
    return quote(value, safe="")


def headers(version: str, token: str) -> dict[str, str]:
    """What every call carries."""
    return {
        "Authorization": f"Bearer {token}",
        "LinkedIn-Version": version,
        "X-Restli-Protocol-Version": "2.0.0",
        "Accept": "application/json",
    }


class CompanyPage:
    """One page with its login. Builds requests and names errors; does not read comments."""

    def __init__(self, options: LinkedInOptions) -> None:
        self.options = options
        self.urn = options.organization
        self.own = frozenset({options.organization, *options.own_accounts})
        self.login = TokenLogin(
            {
                "access_token": options.token,
                "refresh_token": options.refresh_token,
                "client_id": options.client_id,
                "client_secret": options.client_secret,
            }
        )

    def request(
        self, path: str, *query: tuple[str, str], method: str = "GET", json: Json = None, step: str = ""
    ) -> HttpRequest:
        """Make a call. Parts of the path and values of the query are coded by the caller.

        Raises:
            AuthDead: no account is connected yet.
        """
        token = self.login.get("access_token")
        if token is None:
            msg = "no LinkedIn account is connected yet: run `klankbord connect linkedin`, or give the source a token"
            raise AuthDead(msg)
        asked = "&".join(f"{name}={value}" for name, value in query)
        return HttpRequest(
            f"{self.options.api_url}/rest/{path}{'?' if asked else ''}{asked}",
            method=method,
            headers=headers(self.options.api_version, token),
            json=json,
            safe_to_repeat=method == "GET",
            price={CALLS: 1},
            step=step,
        )

    def renewal(self) -> HttpRequest | None:
        """The call that renews the login; None where only a person can."""
        names = ("refresh_token", "client_id", "client_secret")
        if not all(name in self.login for name in names):
            return None
        form = (("grant_type", "refresh_token"), *((name, self.login[name]) for name in names))
        return HttpRequest(
            f"{self.options.sign_in_url}/oauth/v2/accessToken", method="POST", form=form, safe_to_repeat=False
        )

    def renewed(self, response: HttpResponse) -> None:
        """Take the renewed login.

        Raises:
            AuthDead: the right to renew ended; a person has to log in again.
        """
        self.login.take_new(taken(response))

    def check(self, response: HttpResponse) -> None:
        """Name an error of an answer, by LinkedIn's own code first; nothing for a good one."""
        if 200 <= response.status < 300:
            return
        said = object_in(response)
        words = (text_of(said, "message") or "").strip()[:200]
        match response.status:
            case 401:
                self._refuse_login(said)
            case 403:
                msg = (
                    f"LinkedIn refuses this{': ' + words if words else ''} (403). The account must be an administrator "
                    "of the page, and the app needs the Community Management API"
                )
                raise Forbidden(msg)
            case 409:
                msg = "LinkedIn says that something else happened at the same moment (409)"
                raise Transient(msg)
            case 426:
                msg = f"LinkedIn no longer speaks version {self.options.api_version}: set api_version to a newer one"
                raise BadRequest(msg)
            case 429:
                self._limited(response)
            case 400 | 422 if words:
                msg = f"LinkedIn refuses our question: {words} ({response.status})"
                raise BadRequest(msg)
            case _:
                raise_for_status(response, platform=PLATFORM)

    def _refuse_login(self, said: dict[str, Json]) -> NoReturn:
        revoked = number_of(said, "serviceErrorCode") == _REVOKED or text_of(said, "code") == "REVOKED_ACCESS_TOKEN"
        if self.renewal() is not None and not revoked:
            msg = "the LinkedIn login ran out (401)"
            raise AuthExpired(msg)
        why = "access was withdrawn" if revoked else "the LinkedIn login ran out, as it does every 60 days"
        msg = f"{why} (401): connect the account again with `klankbord connect linkedin`"
        raise AuthDead(msg)

    def _limited(self, response: HttpResponse) -> NoReturn:
        now, told = response.received_at, retry_at(response)
        if told is None:
            minute = response.request.step == "reply"
            told = now + _THROTTLE if minute else _midnight(now)
        msg = "LinkedIn takes no more calls for now (429); the day's number begins anew at midnight UTC"
        raise RateLimited(msg, until=told)

    def body(self, response: HttpResponse) -> dict[str, Json]:
        """The answer as an object.

        Raises:
            ConnectorError: it is an error, or something else.
        """
        self.check(response)
        body = json_body(response, platform=PLATFORM)
        if not isinstance(body, dict):
            msg = "LinkedIn answered with something else than was asked for"
            raise FormatChanged(msg)
        return body

    def elements(self, response: HttpResponse) -> Sequence[Json]:
        """The entries of a list.

        Raises:
            ConnectorError: it is an error, or no list.
        """
        found = self.body(response).get("elements")
        if not isinstance(found, list):
            msg = "LinkedIn answered without a list of elements"
            raise FormatChanged(msg)
        return found


def taken(response: HttpResponse) -> dict[str, str]:
    """The login in an answer to a code or to a renewal.

    Raises:
        AuthDead: LinkedIn gave none.
        ConnectorError: it has trouble.
    """
    if response.status >= 500 or response.status == 429:
        raise_for_status(response, platform=PLATFORM)
    said = object_in(response)
    token, lives = text_of(said, "access_token"), number_of(said, "expires_in")
    if token is None:
        why = text_of(said, "error_description") or text_of(said, "error") or f"status {response.status}"
        msg = f"LinkedIn gives no login ({why[:200]}): connect the account again with `klankbord connect linkedin`"
        raise AuthDead(msg)
    login = {"access_token": token}
    refresh = text_of(said, "refresh_token")
    if refresh is not None:
        login["refresh_token"] = refresh
    if lives is not None:
        login[ENDS_AT] = (response.received_at + timedelta(seconds=lives)).isoformat()
    return login


def is_gone(response: HttpResponse) -> bool:
    """A definite "not there" of LinkedIn itself, not of a proxy before it."""
    return response.status in {404, 410} and bool(object_in(response))


def _midnight(now: datetime) -> datetime:
    return datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
