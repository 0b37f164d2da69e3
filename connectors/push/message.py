"""What a system of your own may say of one message. Pure; the API checks by it before it accepts anything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from connectors.dates import plausible
from connectors.items import Author, Capabilities, Counts, Item, Kind, Visibility
from connectors.storable import storable

WHY_NOT = "This came from a system of your own; answer where it was written."
LONGEST_TEXT = 100_000
_MOST = (1 << 53) - 1
_YEARS = (1995, 2200)


def _cleaned(text: str) -> str:
    """Without what no database takes."""
    return str(storable(text))


def _address(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        msg = "it is no address; write it as https://shop.example/reviews/1"
        raise ValueError(msg)
    return url


def _in_our_time(instant: datetime, info: ValidationInfo) -> datetime:
    now = (info.context or {}).get("now", instant)
    if not _YEARS[0] <= instant.year <= _YEARS[1] or plausible(instant, now) is None:
        msg = "it lies in the future or before 1995; check the year"
        raise ValueError(msg)
    return instant.astimezone(UTC)


def _written_out(value: object) -> object:
    """Refuse a bare number, which would be taken for seconds since 1970."""
    if not isinstance(value, str | datetime) or str(value).strip().lstrip("+-").replace(".", "", 1).isdecimal():
        msg = "write it out, such as 2026-03-01T10:00:00+01:00"
        raise ValueError(msg)
    return value


ExternalId = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
Words = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_cleaned)]
Line = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_cleaned)]
Url = Annotated[str, Field(max_length=2_000, pattern=r"^https?://[^\s\x00]+$"), AfterValidator(_address)]
When = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_our_time)]
Count = Annotated[int, Field(ge=0, le=_MOST)]


class PushedAuthor(BaseModel):
    """Who wrote it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    id: ExternalId = Field(description="Your id of this person; the same for all they write.")
    name: Line | None = None
    handle: Line | None = None
    url: Url | None = None
    followers: Count | None = None


class PushedMessage(BaseModel):
    """A message of a system of your own."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    external_id: ExternalId = Field(description="Your id of it. The same id again is the same message.")
    text: Words | None = Field(None, description="Plain text. It needs text, html, title or rating.")
    html: Words | None = Field(None, description="Instead of text; it is made plain.")
    title: Line | None = None
    kind: Kind = Kind.POST
    published_at: When | None = Field(None, description="With its offset or Z; left out, it is when it came in.")
    edited_at: When | None = None
    author: PushedAuthor | None = None
    url: Url | None = Field(None, description="Where people can read it, and answer.")
    lang: Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)] | None = Field(
        None, description="A hint, such as nl."
    )
    rating: float | None = Field(
        None, ge=0, le=1_000_000, allow_inf_nan=False, description="Together with rating_scale."
    )
    rating_scale: float | None = Field(None, gt=0, le=1_000_000, allow_inf_nan=False, description="Out of how many.")
    parent_external_id: ExternalId | None = Field(None, description="The message it answers.")
    thread_external_id: ExternalId | None = Field(None, description="The first message of its conversation.")
    visibility: Visibility = Visibility.PUBLIC
    own: bool = Field(default=False, description="Your company wrote it: no work.")
    addressed: bool = Field(default=False, description="Directed at you: kept even when no brand's query matches.")
    tags: list[Line] = Field([], max_length=50)
    likes: Count | None = None
    replies: Count | None = None
    shares: Count | None = None
    views: Count | None = None

    @model_validator(mode="after")
    def _says_something(self) -> PushedMessage:
        if not any(each and each.strip() for each in (self.text, self.html, self.title)) and self.rating is None:
            msg = "it says nothing: give it a text, html, title or rating"
            raise ValueError(msg)
        if (self.rating is None) != (self.rating_scale is None):
            msg = "rating and rating_scale go together: 4 of 5"
            raise ValueError(msg)
        if self.rating is not None and self.rating_scale is not None and self.rating > self.rating_scale:
            msg = "the rating is higher than its scale"
            raise ValueError(msg)
        return self

    def item(self, namespace: str, raw: dict[str, Any]) -> Item:
        """The same for the pipeline. `namespace` is what its id is unique within; `raw` is kept apart."""
        by = self.author
        return Item(
            external_id=self.external_id,
            kind=self.kind,
            namespace=namespace,
            text=self.text,
            html=self.html if self.text is None else None,
            title=self.title,
            author=None if by is None else Author(by.id, by.handle, by.name, by.url, by.followers),
            url=self.url,
            lang_hint=self.lang,
            published_at=self.published_at,
            edited_at=self.edited_at,
            parent_external_id=self.parent_external_id,
            thread_external_id=self.thread_external_id or self.parent_external_id,
            rating=self.rating,
            rating_scale=self.rating_scale,
            counts=Counts(self.likes, self.replies, self.shares, self.views),
            visibility=self.visibility,
            is_own=self.own,
            addressed=self.addressed,
            capabilities=Capabilities(why_not_reply=WHY_NOT, deep_link=self.url),
            tags=tuple(self.tags),
            raw=raw,
        )
