"""What holds for one forum as a whole: its options, addresses, credentials and the meaning of its errors."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.contract import Options
from connectors.errors import AuthDead, BadRequest, Forbidden, RateLimited, Transient
from connectors.fields import items_of, number_of, part, text_of
from connectors.http_status import json_body, object_in, raise_for_status, retry_at
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse

_SINGLE = re.compile(r"/(?:t|posts)/\d+(?:/|\.json$)")
_OF_KEY = re.compile(r"\bAPI\b")


class DiscourseOptions(Options):
    """Options of a `discourse` source."""

    url: str = Field(description="Address of the forum, such as https://forum.example or https://example.org/forum.")
    api_key: SecretStr | None = Field(
        default=None,
        description="API key of the webcare user; without it only public posts are read and nothing is sent.",
    )
    api_username: str | None = Field(default=None, description="The forum user the key acts as.")
    own_usernames: tuple[str, ...] = Field(default=(), description="Users that write for the brand.")
    staff_are_own: bool = Field(
        default=True, description="Whether admins and moderators write for the brand; false on somebody else's forum."
    )
    reread_days: int = Field(
        default=7, ge=1, le=90, description="Topics active in so many days are read again for edits and late approvals."
    )

    @field_validator("url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            msg = f"{value!r} is not an http(s) address of a forum"
            raise ValueError(msg)
        if parts.username or parts.query or parts.fragment:
            msg = "the forum's address holds no user name, question mark or #"
            raise ValueError(msg)
        return value.rstrip("/")

    @model_validator(mode="after")
    def _key_and_user(self) -> DiscourseOptions:
        if (self.api_key is None) != (self.api_username is None):
            msg = "api_key and api_username go together: the key acts as that forum user"
            raise ValueError(msg)
        return self


class Site:
    """One forum. Builds requests and names errors; does not read posts."""

    def __init__(self, options: DiscourseOptions) -> None:
        self.options = options
        self.base = options.url
        parts = urlsplit(options.url)
        self.host = parts.hostname or ""
        self.namespace = (parts.netloc + parts.path).lower()
        own = {*options.own_usernames, options.api_username or ""}
        self.own = frozenset(name.lstrip("@").casefold() for name in own if name)

    @property
    def keyed(self) -> bool:
        """True when requests carry an API key."""
        return self.options.api_key is not None

    def request(
        self,
        path: str,
        *,
        method: str = "GET",
        params: tuple[tuple[str, str], ...] = (),
        json: Json = None,
        step: str = "",
        safe_to_repeat: bool = True,
    ) -> HttpRequest:
        """Build a call. Credentials travel in headers only; the forum refuses them in the query anyway."""
        headers = {"Accept": "application/json"}
        if self.options.api_key is not None and self.options.api_username is not None:
            headers["Api-Key"] = self.options.api_key.get_secret_value()
            headers["Api-Username"] = self.options.api_username
        return HttpRequest(
            self.base + path,
            method=method,
            params=params,
            headers=headers,
            json=json,
            step=step,
            safe_to_repeat=safe_to_repeat,
        )

    def body(self, response: HttpResponse) -> Json:
        """Return the answer's JSON once it is known to be no error.

        Raises:
            ConnectorError: what the forum's own error type says, and otherwise what the status says.
        """
        self.check(response)
        return json_body(response, platform=self.host)

    def check(self, response: HttpResponse) -> None:
        """Raise the agreed error for an unsuccessful answer; see `body`."""
        if response.status < 400:
            raise_for_status(response, platform=self.host)
            return
        errors = object_in(response)
        kind, words = (
            text_of(errors, "error_type"),
            "; ".join(e for e in items_of(errors, "errors") if isinstance(e, str)),
        )
        if response.status == 429 or kind == "rate_limit":
            self._limited(response, errors)
        if kind in {"invalid_access", "not_logged_in"} or (response.status == 403 and errors):
            self._refused(words, response.request)
        if response.status == 422:
            msg = f"{self.host} refuses this: {words or 'no reason given'}"
            raise BadRequest(msg)
        if response.status in {502, 503} and "cf-mitigated" not in response.headers:
            # A forum that is rebuilt after an update answers so for five to ten minutes.
            msg = f"{self.host} is down or being updated ({response.status})"
            raise Transient(msg, retry_after_s=_wait(response))
        raise_for_status(response, platform=self.host)

    def _limited(self, response: HttpResponse, errors: dict[str, Json]) -> None:
        wait = number_of(part(errors, "extras"), "wait_seconds")
        until = retry_at(response)
        if until is None and wait is not None and 0 <= wait < 10_000_000:
            until = response.received_at + timedelta(seconds=wait)
        # Only the per-key and per-address limits carry this header; without it one kind of action is limited.
        whole = "discourse-rate-limit-error-code" in response.headers
        msg = f"{self.host} asks us to slow down"
        raise RateLimited(msg, until=until, whole_host=whole)

    def _refused(self, words: str, request: HttpRequest) -> None:
        said = f": {words[:200]}" if words else ""
        if not self.keyed:
            msg = f"{self.host} shows this only to members; give the source an api_key{said}"
            raise Forbidden(msg)
        # A single topic or post may be closed to us (a private category, a private message) while the key is good; the
        # lists are open to every user. What a forum says of a dead key names the API in every language.
        single = _SINGLE.search(urlsplit(request.url).path) is not None
        if _OF_KEY.search(words) or (request.method == "GET" and not single):
            msg = f"{self.host} does not accept the API key or its user{said}; make a new key"
            raise AuthDead(msg)
        done = "see this" if request.method == "GET" else "do this"
        msg = f"{self.host} does not let {self.options.api_username} {done}{said}"
        raise Forbidden(msg)


def _wait(response: HttpResponse) -> float | None:
    until = retry_at(response)
    return None if until is None else (until - response.received_at).total_seconds()
