"""What holds for one instance: its options, address, token and the meaning of its errors."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.contract import Options
from connectors.errors import AuthDead, BadRequest, Forbidden, FormatChanged, RateLimited
from connectors.fields import text_of
from connectors.http_status import json_body, object_in, raise_for_status, retry_at
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse


class InstanceOptions(Options):
    """One server of the network, and what to read there."""

    url: str = Field(description="Address of the instance, such as https://mastodon.example.")
    token: SecretStr | None = Field(
        default=None,
        description="Access token of our account there; not needed after `klankbord connect mastodon`.",
    )
    hashtags: tuple[str, ...] = Field(default=(), description="Hashtags to read, without #.")
    search: bool = Field(default=False, description="Search for the words of the brands' queries; needs a token.")
    terms: tuple[str, ...] = Field(default=(), description="More words and phrases to search for; needs a token.")
    notifications: bool = Field(default=False, description="Read mentions of our account; needs a token.")
    max_characters: int = Field(default=500, ge=1, description="Longest post this instance allows, in code points.")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        address = value if "://" in value else f"https://{value}"
        parts = urlsplit(address)
        shaped = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
        if not shaped or parts.path.strip("/") or any(sign.isspace() for sign in address):
            msg = f"{value!r} is not the address of an instance, such as https://mastodon.example"
            raise ValueError(msg)
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("hashtags")
    @classmethod
    def _bare(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        bare = tuple(tag.lstrip("#") for tag in value)
        for tag in bare:
            if not tag.replace("_", "").isalnum():
                msg = f"{tag!r} is not a hashtag: letters, figures and _ only"
                raise ValueError(msg)
        return bare


class MastodonOptions(Options):
    """Options of a `mastodon` source."""

    instances: tuple[InstanceOptions, ...] = Field(min_length=1, description="The instances to read.")
    own_accounts: tuple[str, ...] = Field(
        default=(), description="Accounts that write for the brand, as user@host; those of the tokens are known anyway."
    )
    respect_noindex: bool = Field(
        default=True, description="Leave out posts of accounts that asked search engines not to index them."
    )

    @model_validator(mode="after")
    def _apart(self) -> MastodonOptions:
        urls = [instance.url for instance in self.instances]
        twice = {url for url in urls if urls.count(url) > 1}
        if twice:
            msg = f"{', '.join(sorted(twice))} is named twice; put everything to read there under one entry"
            raise ValueError(msg)
        return self


class Instance:
    """One instance. Builds requests and names errors; does not read posts."""

    def __init__(self, options: InstanceOptions) -> None:
        self.options = options
        self.base = options.url
        self.host = urlsplit(options.url).netloc.lower()
        self._token = None if options.token is None else options.token.get_secret_value()

    @property
    def has_token(self) -> bool:
        """True when requests act as our account."""
        return self._token is not None

    def log_in(self, token: str) -> None:
        """Act with the login of a connected account, unless the options name a token."""
        if self.options.token is None:
            self._token = token

    def need_login(self, what: str) -> None:
        """Refuse what needs our account where there is none.

        Raises:
            AuthDead: no account is connected, and no token is configured.
        """
        if not self.has_token:
            msg = f"{what} on {self.host} needs our account: run `klankbord connect mastodon`, or give it a token"
            raise AuthDead(msg)

    def request(
        self,
        path: str,
        *,
        method: str = "GET",
        params: tuple[tuple[str, str], ...] = (),
        json: Json = None,
        step: str = "",
        idempotency_key: str | None = None,
    ) -> HttpRequest:
        """Build a call; all of ours are safe to repeat (reads, deletes, likes, and posts by their key)."""
        headers = {"Accept": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        return HttpRequest(self.base + path, method=method, params=params, headers=headers, json=json, step=step)

    def body(self, response: HttpResponse) -> Json:
        """Return the answer's JSON once it is known to be no error.

        Raises:
            ConnectorError: by the server's words and the status.
        """
        self.check(response)
        read = json_body(response, platform=self.host)
        if isinstance(read, dict) and text_of(read, "error") and "id" not in read:
            msg = f"{self.host} says {text_of(read, 'error')!r} in an answer that claims success"
            raise FormatChanged(msg)
        return read

    def check(self, response: HttpResponse) -> None:
        """Raise the agreed error for an unsuccessful answer; see `body`."""
        if response.status < 400:
            raise_for_status(response, platform=self.host)
            return
        words = self._words(response)
        said = f": {words[:200]}" if words else ""
        folded = words.casefold()
        if response.status == 429:
            msg = f"{self.host} asks us to slow down"
            raise RateLimited(msg, until=retry_at(response))
        if response.status == 401 or "login is currently disabled" in folded:
            if not self.has_token:
                msg = f"{self.host} shows this only to its users; give the instance a token{said}"
                raise Forbidden(msg)
            msg = f"{self.host} does not accept our token{said}; log in again"
            raise AuthDead(msg)
        if response.status == 422 and "authenticated user" in folded:
            msg = f"{self.host} shows this only to its users; give the instance a token{said}"
            raise Forbidden(msg)
        if response.status == 403 and words:
            msg = f"{self.host} does not allow this{said}"
            raise Forbidden(msg)
        if response.status == 422:
            msg = f"{self.host} refuses this{said}"
            raise BadRequest(msg)
        raise_for_status(response, platform=self.host)

    def _words(self, response: HttpResponse) -> str:
        body = object_in(response)
        return text_of(body, "error_description") or text_of(body, "error") or ""
