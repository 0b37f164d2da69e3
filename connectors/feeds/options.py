"""What a person sets for a source of feeds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.contract import Options
from connectors.dates import named_zone
from connectors.feeds.addresses import secrets_in
from connectors.items import Kind


class FeedsOptions(Options):
    """Options of a `feeds` source."""

    urls: tuple[str, ...] = Field(min_length=1, description="Addresses of the feeds; each is polled on its own.")
    default_timezone: str = Field(
        default="UTC", description="Zone of dates that name none, such as Europe/Amsterdam. UTC by default."
    )
    kind: Kind = Field(default=Kind.ARTICLE, description="What the entries are; reviews and answers are recognised.")
    language: str | None = Field(default=None, description="Language of the feeds when they do not say it, such as nl.")
    username: str | None = Field(default=None, description="User name for feeds behind basic authentication.")
    password: SecretStr | None = Field(default=None, description="Password that goes with the user name.")
    url_secrets: tuple[SecretStr, ...] = Field(
        default=(), description="Filled by itself with what is secret in the addresses, so that it is never shown."
    )
    max_mb: int = Field(default=10, ge=1, le=100, description="Largest feed in megabytes; podcasts may need more.")
    follow_archives: bool = Field(
        default=True, description="Read older pages of a feed that offers them when its window shows a gap."
    )

    @field_validator("urls")
    @classmethod
    def _web_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for number, url in enumerate(urls, 1):
            parts = urlsplit(url)
            if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
                # not the address itself: it may hold a password
                msg = f"address {number} is no web address; write it out with http:// or https:// in front"
                raise ValueError(msg)
        return tuple(dict.fromkeys(urls))

    @field_validator("default_timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if named_zone(name) is None:
            msg = f"{name!r} is no time zone; write one such as Europe/Amsterdam"
            raise ValueError(msg)
        return name

    @model_validator(mode="before")
    @classmethod
    def _hide_secrets(cls, given: Any) -> Any:
        """List what the addresses hold in secrets where the house looks for secrets."""
        urls = given.get("urls") if isinstance(given, dict) else None
        if not isinstance(urls, list | tuple):
            return given
        found = [secret for url in urls if isinstance(url, str) for secret in secrets_in(url)]
        return {**given, "url_secrets": tuple(dict.fromkeys(found))}

    @model_validator(mode="after")
    def _one_login_one_host(self) -> FeedsOptions:
        if (self.username is None) != (self.password is None):
            msg = "username and password go together; give both or neither"
            raise ValueError(msg)
        if self.username is not None and len({urlsplit(url).hostname for url in self.urls}) > 1:
            msg = "a password is sent to one host only; make a source of its own for the feeds that need it"
            raise ValueError(msg)
        return self
