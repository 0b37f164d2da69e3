"""What is configured for a `reddit` source."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.contract import Options

_SUBREDDIT = re.compile(r"\w{2,24}", re.ASCII)
_NAME = re.compile(r"[\w-]{2,24}", re.ASCII)
_ACCOUNT = re.compile(r"t2_[0-9a-z]+")


class RedditOptions(Options):
    """Options of a `reddit` source."""

    approved: bool = Field(
        default=False, description="Reddit has approved your app; use on behalf of a business needs its contract."
    )
    username: str | None = Field(default=None, description="Name of our account, without u/.")
    account_id: str | None = Field(default=None, description="Its id, t2_…; `klankbord connect reddit` finds it.")
    own_accounts: tuple[str, ...] = Field(default=(), description="More accounts that write for the brand.")
    search: bool = Field(default=False, description="Search posts for the words of the brands' queries.")
    terms: tuple[str, ...] = Field(default=(), description="More words and phrases to search posts for.")
    subreddits: tuple[str, ...] = Field(default=(), description="Subreddits whose posts and comments are read.")
    own_subreddits: tuple[str, ...] = Field(
        default=(), description="Subreddits of ours: read whole, everything addressed to us, and hidden where needed."
    )
    inbox: bool = Field(default=False, description="Read mentions, replies and private messages of our account.")
    client_id: str | None = Field(default=None, description="Id of the app that Reddit approved.")
    client_secret: SecretStr | None = Field(default=None, description="Secret of the app.")
    refresh_token: SecretStr | None = Field(default=None, description="Lasting login of our account with that app.")
    calls_per_day: int | None = Field(default=None, ge=0, description="Most calls per day, where you pay for them.")
    feed_user: str | None = Field(default=None, description="Account whose private feeds are read without an app.")
    feed_token: SecretStr | None = Field(default=None, description="Token in the addresses at reddit.com/prefs/feeds.")
    api_url: str = Field(default="https://oauth.reddit.com", description="Address of the API.")
    www_url: str = Field(default="https://www.reddit.com", description="Address of logins and feeds.")

    @field_validator("username", "feed_user")
    @classmethod
    def _bare(cls, value: str | None) -> str | None:
        bare = None if value is None else value.removeprefix("/").removeprefix("u/")
        if bare is not None and _NAME.fullmatch(bare) is None:
            msg = f"{value!r} is no name of an account"
            raise ValueError(msg)
        return bare

    @field_validator("subreddits", "own_subreddits")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        bare = tuple(each.removeprefix("/").removeprefix("r/").rstrip("/") for each in value)
        for each in bare:
            if _SUBREDDIT.fullmatch(each) is None:
                msg = f"{each!r} is no name of a subreddit"
                raise ValueError(msg)
        return bare

    @field_validator("account_id")
    @classmethod
    def _account(cls, value: str | None) -> str | None:
        if value is not None and _ACCOUNT.fullmatch(value) is None:
            msg = f"{value!r} is no id of an account, such as t2_abc12"
            raise ValueError(msg)
        return value

    @field_validator("api_url", "www_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            msg = f"{value!r} is not an http(s) address"
            raise ValueError(msg)
        return value.rstrip("/")

    @model_validator(mode="after")
    def _allowed(self) -> RedditOptions:
        if not self.approved and self.feed_user is None:
            msg = (
                "Reddit lets no program in without its approval, and use on behalf of a business needs a contract: set "
                "approved: true once you have it, or read the private feeds of an account with feed_user and feed_token"
            )
            raise ValueError(msg)
        if self.approved and self.username is None:
            msg = "name our account in username: Reddit wants every program to say whose it is"
            raise ValueError(msg)
        if not (self.search or self.terms or self.subreddits or self.own_subreddits or self.inbox):
            msg = "name what to read: terms, search, subreddits, own_subreddits or inbox"
            raise ValueError(msg)
        if self.inbox and not self.approved:
            msg = "the inbox is not in the feeds: it needs an approved app"
            raise ValueError(msg)
        return self
