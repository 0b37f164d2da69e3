"""What the pipeline needs to know of the configuration. `klankbord` composes and injects it."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import parseaddr
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from understanding.language import DetectorName
from understanding.pii import Pii

_DURATION = re.compile(r"^\s*(\d+)\s*(s|m|h|d)\s*$")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_duration(value: object) -> object:
    """Read `30s`, `15m`, `2h`, `3d` as a timedelta; anything else is left to pydantic.

    Raises:
        ValueError: a string that is not a duration.
    """
    if not isinstance(value, str):
        return value
    match = _DURATION.match(value)
    if match is None:
        msg = f"{value!r} is not a duration; write a number and s, m, h or d, such as 15m"
        raise ValueError(msg)
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


def _kinds(value: object) -> object:
    return tuple(Pii) if value == "all" else value


class BrandSettings(BaseModel):
    """A brand or competitor to listen for."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="Short name used in links and exports.")
    name: str = Field(description="Name people see.")
    query: str = Field(description='What counts as a mention: AND, OR, NOT, parentheses, "phrase", wildcard*.')
    competitor: bool = Field(default=False, description="True for a brand you only compare with.")


class SourceSettings(BaseModel):
    """A source: which connector reads it, how often, and the connector's own options beside these keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="Short name used in links and exports.")
    connector: str = Field(description="Which connector reads it.")
    name: str | None = Field(default=None, description="Name people see; the id when left out.")
    every: Duration = Field(default=timedelta(minutes=15), description="Time between two polls, such as 15m.")
    own: bool = Field(default=False, description="True for the brand's own channel (own forum, own reviews).")
    match: str = Field(
        default="query",
        pattern="^(query|all)$",
        description="`all` keeps every item; `query` only those a brand query matches.",
    )
    enabled: bool = Field(default=True, description="False pauses the source without forgetting it.")
    backfill: Duration = Field(default=timedelta(days=7), description="How far back the first run reads.")
    archive_after: Duration = Field(
        default=timedelta(hours=48),
        description="Older than this when first seen: searchable, but not in the queue.",
    )
    retention: Duration | None = Field(
        default=None,
        description="Older than this is erased, such as 400d; left out: kept until the platform's terms ask.",
    )
    max_pages: int = Field(default=50, ge=1, description="Most pages asked for one window in one run.")
    pictures: bool = Field(default=True, description="False fetches no picture of this source.")
    redact: Annotated[tuple[Pii, ...], BeforeValidator(_kinds)] = Field(
        default=(), description="Personal data that is replaced before anything is kept: `all`, or a list of kinds."
    )
    kept_for_answers: float = Field(
        default=0.1, ge=0, le=1, description="Part (0-1) of a limited budget that reading leaves for answers."
    )
    options: dict[str, Any] = Field(default_factory=dict, description="The connector's own options.")


class MediaSettings(BaseModel):
    """Pictures that customers post: whether they are fetched, and how much of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    fetch: bool = Field(default=True, description="False fetches no picture at all.")
    per_message: int = Field(default=4, ge=1, le=20, description="Most pictures fetched of one message.")
    largest_mb: int = Field(default=15, ge=1, le=100, description="A larger file (MB) is not fetched.")
    keep: Duration = Field(
        default=timedelta(days=180), description="Pictures are dropped so long after they were fetched, such as 180d."
    )
    most_mb: int = Field(
        default=5_000, ge=10, description="Room for all pictures together (MB); the oldest make room for newer ones."
    )
    free_mb: int = Field(
        default=1_000, ge=0, description="Free disk (MB) below which no picture is fetched; SQLite only."
    )


class CollectSettings(BaseModel):
    """Settings of collecting as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    timezone: str = "UTC"
    languages: tuple[str, ...] = ("nl", "en")
    language_detector: DetectorName = "py3langid"
    contact: str | None = Field(default=None, description="Mail address or URL in the User-Agent.")
    allow_private_hosts: tuple[str, ...] = Field(
        default=(), description="Private or loopback hosts (host or host:port) that sources may reach."
    )
    concurrency: int = Field(default=20, ge=1, le=200, description="Most sources collected at once.")
    brands: tuple[BrandSettings, ...] = ()
    sources: tuple[SourceSettings, ...] = ()
    media: MediaSettings = MediaSettings()
    order_numbers: tuple[str, ...] = ()


class MailSettings(BaseModel):
    """The server that takes our mail (SMTP)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)
    host: str = Field(min_length=1, description="Name of the server.")
    port: int | None = Field(default=None, ge=1, le=65_535, description="587, 465 or 25, by `tls`, when left out.")
    tls: Literal["starttls", "tls", "none"] = Field(default="starttls", description="How the line is encrypted.")
    user: str | None = Field(default=None, description="Name to sign in with at the server.")
    password: str | None = Field(default=None, repr=False, description="Password for it.")
    sender: str = Field(alias="from", min_length=3, description="Address our mail comes from, with or without a name.")

    @model_validator(mode="after")
    def _sound(self) -> MailSettings:
        _name, address = parseaddr(self.sender)
        if "@" not in address or any(sign in self.sender for sign in "\r\n"):
            msg = f"{self.sender!r} is no mail address; write it like 'Acme webcare <webcare@acme.example>'"
            raise ValueError(msg)
        if self.tls == "none" and self.password is not None and self.host not in {"localhost", "127.0.0.1", "::1"}:
            msg = "a password must not go over a line without encryption; use tls: starttls or tls"
            raise ValueError(msg)
        return self

    @property
    def at_port(self) -> int:
        """The port, given or usual."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.tls]


class ObjectStoreSettings(BaseModel):
    """An S3-compatible store that scheduled exports may be put into."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="Short name; schedules refer to it.")
    name: str | None = Field(default=None, description="Name people see; the id when left out.")
    bucket: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$", description="Bucket, which must be there.")
    endpoint: str | None = Field(
        default=None, pattern=r"^https?://[^\s/]+$", description="Such as https://minio.acme.internal; none: Amazon's."
    )
    region: str = Field(default="us-east-1", min_length=1, description="Region of the bucket.")
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._/-]{0,200}$", description="Begins the names of files there.")
    access_key: str = Field(min_length=1, repr=False, description="Access key id.")
    secret_key: str = Field(min_length=1, repr=False, description="Its secret.")

    def key(self, name: str) -> str:
        """The name of a file there."""
        return "/".join(part for part in (*self.prefix.split("/"), name) if part)
