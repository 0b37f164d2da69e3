"""What a person configures of an X source."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.contract import Options


class XOptions(Options):
    """Options of an `x` source. `klankbord connect x` fills most of them; the login itself is kept apart."""

    account: str | None = Field(default=None, description="Our account's name, without @.")
    account_id: str | None = Field(default=None, description="Our account's number; `klankbord connect x` tells it.")
    bearer_token: SecretStr | None = Field(
        default=None, description="App-only token: enough to search, not to answer or to read messages."
    )
    search: bool = Field(default=True, description="Search the last seven days for the words of the brands' queries.")
    terms: tuple[str, ...] = Field(default=(), description="More words, phrases, #hashtags and @names to search for.")
    narrow: str = Field(
        default="", max_length=200, description="X search operators added to every search, such as lang:nl."
    )
    mentions: bool = Field(default=False, description="Read posts that mention our account or answer it.")
    conversations: bool = Field(default=False, description="Read what is said under our own posts of the last week.")
    messages: bool = Field(default=False, description="Read direct messages to our account.")
    stream: bool = Field(
        default=False, description="Have posts pushed as they are written; search then fills what was missed."
    )
    stream_minutes: int = Field(
        default=5, ge=1, le=60, description="Minutes the stream is held before search and the other work have a turn."
    )
    stream_rules: int = Field(default=1000, ge=1, le=1000, description="Most stream rules that our access allows.")
    backfill_minutes: int = Field(
        default=0, ge=0, le=5, description="Minutes a new connection goes back, where our access has that."
    )
    usd_per_day: float = Field(default=5.0, gt=0, description="Most dollars a day (UTC) that this source may spend.")
    usd_per_month: float | None = Field(
        default=100.0, gt=0, description="Most dollars a calendar month (UTC); null for no such limit."
    )
    owns_app: bool = Field(
        default=False, description="The app at X belongs to our account itself: own posts and mentions cost a fifth."
    )
    query_length: int = Field(
        default=512, ge=100, le=4096, description="Longest search query that our access at X allows."
    )
    max_length: int = Field(default=280, ge=1, description="Longest post our account may write, in X's weighted count.")
    fields: Literal["tweet", "post"] = Field(
        default="tweet", description="Names to ask with: X renames tweet.* to post.*; answers are read in both."
    )
    api: str = Field(default="https://api.x.com", description="Address of the API.")

    @field_validator("api")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.path.strip("/"):
            msg = f"{value!r} is not the address of an API, such as https://api.x.com"
            raise ValueError(msg)
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("account")
    @classmethod
    def _bare(cls, value: str | None) -> str | None:
        name = None if value is None else value.lstrip("@")
        if name is not None and not (name.isascii() and name.replace("_", "").isalnum() and len(name) <= 15):
            msg = f"{value!r} is not the name of an account: letters, figures and _ only, at most 15"
            raise ValueError(msg)
        return name

    @field_validator("account_id")
    @classmethod
    def _number(cls, value: str | None) -> str | None:
        if value is not None and not (value.isascii() and value.isdigit() and len(value) <= 19):
            msg = f"{value!r} is not the number of an account; `klankbord connect x` tells it"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _something(self) -> XOptions:
        if not (self.search or self.terms or self.mentions or self.conversations or self.messages):
            msg = "nothing to read: set search, terms, mentions, conversations or messages"
            raise ValueError(msg)
        needs = [name for name in ("mentions", "conversations", "messages") if getattr(self, name)]
        if needs and (self.account_id is None or self.account is None):
            msg = f"{', '.join(needs)}: name our account and account_id; `klankbord connect x` tells both"
            raise ValueError(msg)
        return self
