"""Options of a `facebook` source."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from connectors.contract import Options
from connectors.meta.addresses import checked_address

API = "https://graph.facebook.com"


class FacebookOptions(Options):
    """One Facebook page."""

    page: str = Field(
        pattern=r"^\d{3,30}$", description="Id of the page, in figures; `klankbord connect facebook` finds it."
    )
    token: SecretStr | None = Field(
        default=None, description="Page access token; not needed after `klankbord connect facebook`."
    )
    app_secret: SecretStr | None = Field(
        default=None, description="Secret of your app; signs every call. Needed where the app demands it."
    )
    version: str = Field(default="v26.0", pattern=r"^v\d+\.\d+$", description="Version of the Graph API.")
    url: str = Field(default=API, description="Address of the Graph API; another one only for a proxy of your own.")
    watch_days: int = Field(
        default=30, ge=1, le=365, description="Comments are looked for under posts not older than so many days."
    )
    posts: bool = Field(default=True, description="Read the page's own posts, with their comments.")
    visitor_posts: bool = Field(default=True, description="Read posts of visitors on the page, with their comments.")
    tagged: bool = Field(default=True, description="Read public posts that tag the page.")
    reviews: bool = Field(default=True, description="Read recommendations and reviews of the page.")
    messages: bool = Field(default=False, description="Read Messenger conversations of the page, and answer there.")
    human_agent: bool = Field(
        default=False, description="Your app has the feature Human Agent: messages can be answered for seven days."
    )

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return checked_address(value)
