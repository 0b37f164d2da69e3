"""Options of a `bluesky` source."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.bluesky.syntax import is_did, is_handle
from connectors.contract import Options


class BlueskyOptions(Options):
    """One account, and what to read with it."""

    handle: str | None = Field(
        default=None,
        description="Our account's handle, such as acme.example; not needed after `klankbord connect bluesky`.",
    )
    app_password: SecretStr | None = Field(
        default=None, description="An app password of that account; not needed after `klankbord connect bluesky`."
    )
    search: bool = Field(default=True, description="Search for the words of the brands' queries.")
    terms: tuple[str, ...] = Field(default=(), description="More words and phrases to search for.")
    notifications: bool = Field(default=True, description="Read mentions, replies and quotes of our account.")
    own_posts: bool = Field(default=True, description="Read our account's own posts and answers, wherever written.")
    messages: bool = Field(
        default=False, description="Read and answer direct messages; the app password must allow it."
    )
    stream: bool = Field(
        default=False, description="Listen to the whole network in place of searching; nothing is missed, much traffic."
    )
    service: str = Field(default="https://bsky.social", description="Where our account signs in.")
    appview: str = Field(
        default="https://public.api.bsky.app", description="Where everybody may ask whether a post still stands."
    )
    jetstream: str = Field(
        default="wss://jetstream2.us-east.bsky.network", description="Where the network's stream is listened to."
    )
    own_accounts: tuple[str, ...] = Field(
        default=(), description="DIDs of other accounts that write for the brand; the one signed in is known anyway."
    )

    @field_validator("service", "appview")
    @classmethod
    def _address(cls, value: str) -> str:
        return _base(value, {"http", "https"}, "https://bsky.social")

    @field_validator("jetstream")
    @classmethod
    def _socket(cls, value: str) -> str:
        return _base(value, {"ws", "wss"}, "wss://jetstream2.us-east.bsky.network")

    @field_validator("handle")
    @classmethod
    def _account(cls, value: str | None) -> str | None:
        if value is None:
            return None
        bare = value.lstrip("@")
        if not (is_handle(bare) or is_did(bare)):
            msg = f"{value!r} is neither a handle such as acme.bsky.social nor a DID; a mail address is not enough"
            raise ValueError(msg)
        return bare

    @field_validator("own_accounts")
    @classmethod
    def _dids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            if not is_did(each):
                msg = f"{each!r} is no DID; handles change, so name the account by its did:plc:… or did:web:…"
                raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _apart(self) -> BlueskyOptions:
        if self.stream and self.messages:
            msg = "a source that listens to the stream reads nothing else: read messages in a source of their own"
            raise ValueError(msg)
        return self


def _base(value: str, schemes: set[str], example: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname or parts.username or parts.path.strip("/"):
        msg = f"{value!r} is not an address such as {example}"
        raise ValueError(msg)
    return f"{parts.scheme}://{parts.netloc}"
