"""What the inbox needs to know of the configuration. `klankbord` composes and injects it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SlaSettings(BaseModel):
    """Promised times, in business time of the team."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    first_response: str | None = Field(default=None, pattern=r"^\d+[mhd]$", description="Such as 1h.")
    resolution: str | None = Field(default=None, pattern=r"^\d+[mhd]$", description="Such as 24h.")


class TeamSettings(BaseModel):
    """A team that answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="Short name used in links and exports.")
    name: str | None = Field(default=None, description="Name people see; the id when left out.")
    hours: str = Field(default="mon-fri 09:00-17:00", description="Opening hours, local time of the workspace.")
    holidays: str | None = Field(default=None, description="Country code whose public holidays are closed, such as NL.")
    sla: SlaSettings = Field(default=SlaSettings(), description="Promised times.")


class InboxSettings(BaseModel):
    """Settings of the work."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    timezone: str = "UTC"
    teams: tuple[TeamSettings, ...] = ()
    claim_minutes: int = Field(default=10, ge=1, description="A claim lapses after so long without activity.")
