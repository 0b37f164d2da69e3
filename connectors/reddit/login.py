"""The login of our account with an approved app: kept, renewed every day, and put on requests."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.errors import AuthDead, FormatChanged
from connectors.fields import number_of, text_of
from connectors.http_status import json_body, object_in, raise_for_status
from connectors.instants import parse_iso
from connectors.reddit.options import RedditOptions
from connectors.requests import HttpRequest, HttpResponse

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
SAYS_AGAIN = "run `klankbord connect reddit` again"
TOKEN_PATH = "/api/v1/access_token"  # noqa: S105 -- an address, not a token


class Login:
    """What requests are allowed by. Without an account's login an app still may read what is public."""

    def __init__(self, options: RedditOptions) -> None:
        self._options = options
        self._kept: dict[str, str] = {}
        named = {
            "client_id": options.client_id,
            "client_secret": options.client_secret and options.client_secret.get_secret_value(),
            "refresh_token": options.refresh_token and options.refresh_token.get_secret_value(),
            "feed_token": options.feed_token and options.feed_token.get_secret_value(),
        }
        self._named = {name: value for name, value in named.items() if value}

    @property
    def acts(self) -> bool:
        """Whether we can write: an account is logged in, not just the app."""
        return self._options.approved and bool(self.part("refresh_token"))

    @property
    def renewable(self) -> bool:
        """Whether the login can be renewed without a person."""
        return self._options.approved and bool(self.part("client_id"))

    @property
    def agent(self) -> str:
        """The User-Agent in the form that Reddit asks for: platform, app id, version, and whose it is."""
        name = self._options.username or self._options.feed_user or "unknown"
        return agent_of(self.part("client_id") or "feeds", name)

    def may(self, scope: str) -> bool:
        """Whether the login has a right; a login that does not say which it has counts as having all."""
        scopes = (self.part("scope") or "*").replace(",", " ").split()
        return "*" in scopes or scope in scopes

    def headers(self) -> dict[str, str]:
        """What goes with every request."""
        plain = {"Accept": "application/json", "User-Agent": self.agent}
        token = self.part("access_token")
        return {**plain, "Authorization": f"bearer {token}"} if token else plain

    def take(self, kept: Mapping[str, str]) -> None:
        """Use a kept login; what the options name wins."""
        self._kept = dict(kept)
        if any(self._named.get(name, kept.get(name)) != kept.get(name) for name in ("client_id", "refresh_token")):
            self._kept = {}  # of another login than the configured one: its access token is not ours to use

    def keep(self) -> dict[str, str] | None:
        """What to keep; None when nothing was ever renewed or connected."""
        return dict(self._kept) or None

    def ends_at(self) -> datetime | None:
        """When the access token runs out; long ago when there is only what renews it."""
        if not self.part("access_token"):
            return NEVER if self.renewable else None
        try:
            return parse_iso(self._kept.get("ends_at"))
        except ValueError:
            return None

    def renewal(self) -> HttpRequest | None:
        """The call that renews the login, or lets the app in where no account is logged in."""
        if not self.renewable:
            return None
        refresh = self.part("refresh_token")
        form = (("grant_type", "client_credentials"),)
        grant = (("grant_type", "refresh_token"), ("refresh_token", refresh)) if refresh else form
        headers = {
            "Accept": "application/json",
            "User-Agent": self.agent,
            "Authorization": basic(self.part("client_id") or "", self.part("client_secret") or ""),
        }
        return HttpRequest(f"{self._options.www_url}{TOKEN_PATH}", "POST", headers=headers, form=grant, step="renew")

    def renewed(self, response: HttpResponse) -> None:
        """Take the new access token.

        Raises:
            AuthDead: a person has to log in again.
            ConnectorError: Reddit did not answer properly.
        """
        self._kept |= {**self._named, **tokens_of(response)}

    def part(self, name: str) -> str | None:
        """One part of the login; what the options name wins."""
        return self._named.get(name) or self._kept.get(name)


def agent_of(app: str, name: str) -> str:
    """The User-Agent that Reddit asks for; others are throttled hard, or refused."""
    return f"server:{app}:klankbord (by /u/{name})"


def basic(user: str, password: str) -> str:
    """The Authorization header of an app."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def tokens_of(response: HttpResponse) -> dict[str, str]:
    """Read the answer of the token endpoint, whose errors may come with 200.

    Raises:
        AuthDead: the login is no longer good, or the app is not known.
        ConnectorError: anything else that is no token.
    """
    code = text_of(object_in(response), "error")
    if response.status == 401 or code in {"invalid_grant", "unsupported_grant_type", "access_denied"}:
        why = "the app's id or secret is wrong" if response.status == 401 else f"the login is no longer good ({code})"
        msg = f"Reddit does not let us in: {why}; {SAYS_AGAIN}, or ask Reddit whether the app is still approved"
        raise AuthDead(msg)
    raise_for_status(response, platform="Reddit")
    body = json_body(response, platform="Reddit")
    token = text_of(body, "access_token") if isinstance(body, dict) else None
    if not isinstance(body, dict) or token is None:
        msg = f"Reddit answered without an access token{f' ({code})' if code else ''}"
        raise FormatChanged(msg)
    lasts = timedelta(seconds=number_of(body, "expires_in") or 3600)
    given = {"access_token": token, "ends_at": (response.received_at + lasts).isoformat()}
    return given | {name: value for name in ("refresh_token", "scope") if (value := text_of(body, name))}
