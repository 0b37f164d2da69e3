"""Options of a `threads` source."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from connectors.contract import Options
from connectors.meta.addresses import checked_address

API = "https://graph.threads.net"


class ThreadsOptions(Options):
    """One Threads account."""

    username: str = Field(
        pattern=r"^@?[\w.]{1,60}$", description="Name of your account; what is written under it is yours."
    )
    token: SecretStr | None = Field(
        default=None, description="Access token; not needed after `klankbord connect threads`, and never renewed."
    )
    replies: bool = Field(default=True, description="Read replies to your own threads.")
    own_replies: bool = Field(default=True, description="Read replies to what you replied elsewhere.")
    mentions: bool = Field(default=True, description="Read threads that mention you.")
    search: bool = Field(default=False, description="Search for the words of the brands' queries.")
    terms: tuple[str, ...] = Field(default=(), description="More words and phrases to search for.")
    search_approved: bool = Field(
        default=False,
        description="Meta approved your app for keyword search; without it only your own posts are found.",
    )
    searches_a_day: int = Field(
        default=2200, ge=0, description="Searches that may be used in a day; Meta allows 2,200."
    )
    watch_days: int = Field(
        default=30, ge=1, le=365, description="Replies are looked for under threads not older than so many days."
    )
    version: str = Field(default="v1.0", pattern=r"^v\d+\.\d+$", description="Version of the Threads API.")
    url: str = Field(default=API, description="Address of the Threads API; another one only for a proxy of your own.")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return checked_address(value)

    @field_validator("username")
    @classmethod
    def _bare(cls, value: str) -> str:
        return value.lstrip("@").casefold()
