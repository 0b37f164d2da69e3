"""What the pipeline needs to know of the configuration. `klankbord` composes and injects it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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


class BrandSettings(BaseModel):
    """A brand or competitor to listen for."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="Short name used in links and exports.")
    name: str = Field(description="Name people see.")
    query: str = Field(description='What counts as a mention: AND, OR, NOT, parentheses, "phrase", wildcard*.')
    competitor: bool = Field(default=False, description="True for a brand you only compare with.")


class SourceSettings(BaseModel):
    """A source: which connector reads it, how often, and the connector's own options beside these keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)
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
    max_pages: int = Field(default=50, ge=1, description="Most pages asked for one window in one run.")
    options: dict[str, Any] = Field(default_factory=dict, description="The connector's own options.")


class CollectSettings(BaseModel):
    """Settings of collecting as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    timezone: str = "UTC"
    languages: tuple[str, ...] = ("nl", "en")
    contact: str | None = Field(default=None, description="Mail address or URL in the User-Agent.")
    allow_private_hosts: tuple[str, ...] = Field(
        default=(), description="Private or loopback hosts (host or host:port) that sources may reach."
    )
    concurrency: int = Field(default=20, ge=1, le=200, description="Most sources collected at once.")
    brands: tuple[BrandSettings, ...] = ()
    sources: tuple[SourceSettings, ...] = ()
