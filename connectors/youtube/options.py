"""What is configured for a `youtube` source."""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.contract import Options

_CHANNEL = re.compile(r"UC[\w-]{22}")
_VIDEO = re.compile(r"[\w-]{11}")


class HideAs(StrEnum):
    """What hiding a comment does: back to the list of comments to judge, or rejected for good."""

    HELD = "heldForReview"
    REJECTED = "rejected"


class YouTubeOptions(Options):
    """Options of a `youtube` source."""

    channel_id: str | None = Field(default=None, description="Our channel, UC…; `klankbord connect youtube` finds it.")
    own_channels: tuple[str, ...] = Field(default=(), description="More channels that write for the brand, UC….")
    held: bool = Field(default=False, description="Read comments that wait for a moderator too; needs the login.")
    videos: tuple[str, ...] = Field(
        default=(), max_length=50, description="Other people's videos whose comments are read: their ids."
    )
    search: bool = Field(default=False, description="Search videos for the words of the brands' queries.")
    terms: tuple[str, ...] = Field(default=(), description="More words and phrases to search videos for.")
    language: str | None = Field(default=None, description="Prefer videos in this language, as nl.")
    region: str | None = Field(default=None, description="Only videos that can be watched in this country, as NL.")
    reread_days: int = Field(
        default=30, ge=1, le=365, description="How long threads are read again for new replies and changed texts."
    )
    hide_as: HideAs = Field(default=HideAs.HELD, description="What hiding does: heldForReview or rejected.")
    api_key: SecretStr | None = Field(default=None, description="API key; enough for reading what is public.")
    client_id: str | None = Field(default=None, description="OAuth client, where the login was not kept by `connect`.")
    client_secret: SecretStr | None = Field(default=None, description="Secret of the OAuth client.")
    refresh_token: SecretStr | None = Field(default=None, description="Refresh token of the channel's owner.")
    units_per_day: int = Field(default=10_000, ge=0, description="Most quota units to use per Pacific day.")
    searches_per_day: int = Field(default=100, ge=0, description="Most searches per Pacific day.")
    api_url: str = Field(default="https://youtube.googleapis.com/youtube/v3", description="Address of the API.")
    token_url: str = Field(default="https://oauth2.googleapis.com/token", description="Address that renews the login.")

    @field_validator("channel_id", "own_channels")
    @classmethod
    def _channels(cls, value: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        for each in (value,) if isinstance(value, str) else value or ():
            if _CHANNEL.fullmatch(each) is None:
                msg = f"{each!r} is no channel id: those begin with UC and have 24 characters; a handle is none"
                raise ValueError(msg)
        return value

    @field_validator("videos")
    @classmethod
    def _video_ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            if _VIDEO.fullmatch(each) is None:
                msg = f"{each!r} is no video id: the 11 characters after watch?v="
                raise ValueError(msg)
        return tuple(dict.fromkeys(value))

    @field_validator("api_url", "token_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            msg = f"{value!r} is not an http(s) address"
            raise ValueError(msg)
        return value.rstrip("/")

    @model_validator(mode="after")
    def _something_to_read(self) -> YouTubeOptions:
        if not (self.channel_id or self.videos or self.search or self.terms):
            msg = "name what to read: channel_id, videos, terms or search"
            raise ValueError(msg)
        if self.held and not self.channel_id:
            msg = "held comments are those on our own channel: name channel_id"
            raise ValueError(msg)
        return self
