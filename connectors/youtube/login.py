"""The login of a channel's owner: kept, renewed, and put on requests. The API key is what remains without one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.errors import AuthDead, FormatChanged
from connectors.fields import number_of, text_of
from connectors.http_status import json_body, object_in, raise_for_status
from connectors.instants import parse_iso
from connectors.requests import HttpRequest, HttpResponse
from connectors.youtube.options import YouTubeOptions

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
SAYS_AGAIN = "run `klankbord connect youtube` again"


class Login:
    """What requests are allowed by. Holds the access token of an hour and what renews it."""

    def __init__(self, options: YouTubeOptions) -> None:
        self._options = options
        self._kept: dict[str, str] = {}
        named = {
            "client_id": options.client_id,
            "client_secret": options.client_secret and options.client_secret.get_secret_value(),
            "refresh_token": options.refresh_token and options.refresh_token.get_secret_value(),
        }
        self._named = {name: value for name, value in named.items() if value}

    @property
    def acts(self) -> bool:
        """Whether we can write: there is a login and not just a key."""
        return bool(self._part("refresh_token") or self._part("access_token"))

    @property
    def renewable(self) -> bool:
        """Whether the login can be renewed without a person."""
        return bool(self._part("refresh_token") and self._part("client_id"))

    def headers(self) -> dict[str, str]:
        """What goes with every request; a key in a header stays out of addresses and so out of logs."""
        token = self._part("access_token")
        if token:
            return {"Accept": "application/json", "Authorization": f"Bearer {token}"}
        if self._options.api_key is not None and not self.acts:
            return {"Accept": "application/json", "X-goog-api-key": self._options.api_key.get_secret_value()}
        return {"Accept": "application/json"}

    def take(self, kept: Mapping[str, str]) -> None:
        """Use a kept login; what the options name wins."""
        self._kept = dict(kept)
        if any(self._named.get(name, kept.get(name)) != kept.get(name) for name in ("client_id", "refresh_token")):
            self._kept = {}  # of another login than the configured one: its access token is not ours to use

    def keep(self) -> dict[str, str] | None:
        """What to keep: everything that is needed to go on; None when nothing was ever renewed or connected."""
        return dict(self._kept) or None

    def ends_at(self) -> datetime | None:
        """When the access token runs out; long ago when there is only what renews it."""
        if not self._part("access_token"):
            return NEVER if self.renewable else None
        try:
            return parse_iso(self._kept.get("ends_at"))
        except ValueError:
            return None

    def renewal(self) -> HttpRequest | None:
        """The call that renews the login."""
        if not self.renewable:
            return None
        form = [("grant_type", "refresh_token"), ("client_id", self._part("client_id") or "")]
        form += [("client_secret", secret)] if (secret := self._part("client_secret")) else []
        form.append(("refresh_token", self._part("refresh_token") or ""))
        headers = {"Accept": "application/json"}
        return HttpRequest(self._options.token_url, "POST", headers=headers, form=tuple(form), step="renew")

    def renewed(self, response: HttpResponse) -> None:
        """Take the new access token.

        Raises:
            AuthDead: consent has to be given again.
            ConnectorError: Google did not answer properly.
        """
        self._kept |= {**self._named, **tokens_of(response)}

    def _part(self, name: str) -> str | None:
        return self._named.get(name) or self._kept.get(name)


def tokens_of(response: HttpResponse) -> dict[str, str]:
    """Read the answer of the token endpoint: access_token, ends_at, and refresh_token and scope when given.

    Raises:
        AuthDead: the grant is no longer good.
        ConnectorError: anything else that is no token.
    """
    code = text_of(object_in(response), "error")
    if code in {"invalid_grant", "unauthorized_client", "invalid_client", "deleted_client"}:
        msg = f"Google no longer accepts this login ({code}): {SAYS_AGAIN}"
        if code == "invalid_grant":
            msg += "; a login of an app in status Testing ends after seven days, so publish its consent screen"
        raise AuthDead(msg)
    raise_for_status(response, platform="Google")
    body = json_body(response, platform="Google")
    token = text_of(body, "access_token") if isinstance(body, dict) else None
    if not isinstance(body, dict) or token is None:
        msg = "Google answered without an access token"
        raise FormatChanged(msg)
    lasts = timedelta(seconds=number_of(body, "expires_in") or 3600)
    given = {"access_token": token, "ends_at": (response.received_at + lasts).isoformat()}
    optional = {name: value for name in ("refresh_token", "scope") if (value := text_of(body, name))}
    return given | optional
