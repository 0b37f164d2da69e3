"""Options of an `instagram` source."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.contract import Options
from connectors.meta.addresses import checked_address

FACEBOOK_HOST, INSTAGRAM_HOST = "https://graph.facebook.com", "https://graph.instagram.com"
MOST_HASHTAGS = 30


class InstagramOptions(Options):
    """One professional account (business or creator)."""

    account: str = Field(
        pattern=r"^\d{3,30}$",
        description="Id of the professional account, in figures; `klankbord connect instagram` finds it.",
    )
    login: Literal["instagram", "facebook"] = Field(
        default="instagram", description="Which login the token is of; hashtags need the one of Facebook."
    )
    page: str | None = Field(
        default=None,
        pattern=r"^\d{3,30}$",
        description="Id of the linked Facebook page; needed for messages with its login.",
    )
    token: SecretStr | None = Field(
        default=None, description="Access token; not needed after `klankbord connect instagram`."
    )
    app_secret: SecretStr | None = Field(
        default=None, description="Secret of your app; signs every call. Needed where the app demands it."
    )
    version: str = Field(default="v26.0", pattern=r"^v\d+\.\d+$", description="Version of the Graph API.")
    url: str | None = Field(
        default=None, description="Address of the API; by default that of the login. Another one only for a proxy."
    )
    watch_days: int = Field(
        default=30, ge=1, le=365, description="Comments are looked for under media not older than so many days."
    )
    comments: bool = Field(default=True, description="Read comments on your own media.")
    tags: bool = Field(default=True, description="Read media in which others tagged the account.")
    mentions: bool = Field(
        default=True, description="Read mentions of the account on other people's media; only webhooks tell of them."
    )
    hashtags: tuple[str, ...] = Field(
        default=(),
        max_length=MOST_HASHTAGS,
        description="Hashtags to read, without #; needs a feature that Meta reviews.",
    )
    messages: bool = Field(default=False, description="Read the account's messages, and answer there.")
    human_agent: bool = Field(
        default=False, description="Your app has the feature Human Agent: messages can be answered for seven days."
    )

    @field_validator("url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return None if value is None else checked_address(value)

    @field_validator("hashtags")
    @classmethod
    def _bare(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        bare = tuple(dict.fromkeys(tag.lstrip("#").casefold() for tag in value))
        for tag in bare:
            if not tag.replace("_", "").isalnum():
                msg = f"{tag!r} is not a hashtag: letters, figures and _ only"
                raise ValueError(msg)
        return bare

    @model_validator(mode="after")
    def _fitting(self) -> InstagramOptions:
        if self.hashtags and self.login == "instagram":
            msg = "hashtags can be read with `login: facebook` only"
            raise ValueError(msg)
        if self.messages and self.login == "facebook" and self.page is None:
            msg = "messages with `login: facebook` need the id of the linked `page`"
            raise ValueError(msg)
        return self

    @property
    def base(self) -> str:
        """The API's address without its version."""
        return self.url or (INSTAGRAM_HOST if self.login == "instagram" else FACEBOOK_HOST)
