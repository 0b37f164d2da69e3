"""What the inbox needs to know of the configuration. `klankbord` composes and injects it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from inbox.permissions import Role

LANGUAGES = ("nl", "en")
"""Languages that screens and mails speak."""


class SlaSettings(BaseModel):
    """Promised times, in business time of the team."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    first_response: str | None = Field(default=None, pattern=r"^\d+[mhd]$", description="Such as 1h.")
    resolution: str | None = Field(default=None, pattern=r"^\d+[mhd]$", description="Such as 24h.")


class TeamSettings(BaseModel):
    """A team that answers."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="Short name used in links and exports.")
    name: str | None = Field(default=None, description="Name people see; the id when left out.")
    hours: str = Field(default="mon-fri 09:00-17:00", description="Opening hours, local time of the workspace.")
    holidays: str | None = Field(default=None, description="Country code whose public holidays are closed, such as NL.")
    sla: SlaSettings = Field(default=SlaSettings(), description="Promised times.")


class OidcSettings(BaseModel):
    """An identity provider that people may sign in with (OpenID Connect)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    issuer: str = Field(
        pattern=r"^https?://[^\s]+$", description="Address of the provider, exactly as it names itself."
    )
    client_id: str = Field(min_length=1, description="What the provider calls this installation.")
    client_secret: str | None = Field(default=None, repr=False, description="Its secret; none for a public client.")
    name: str = Field(default="single sign-on", description="Name on the button.")
    scopes: tuple[str, ...] = Field(default=("openid", "profile", "email"), description="What is asked for.")
    role_claim: str | None = Field(default=None, description="Claim that tells roles; dots lead into objects.")
    roles: dict[str, Role] = Field(default_factory=dict, description="Value of that claim: role here.")
    create_users: bool = Field(default=False, description="True lets in people who were not added before.")
    link_by_email: bool = Field(
        default=False, description="True links somebody who was added before by an address the provider has verified."
    )
    allowed_domains: tuple[str, ...] = Field(default=(), description="Only addresses of these domains; empty: all.")


class SignInSettings(BaseModel):
    """How people sign in."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    second_factor: tuple[Role, ...] = Field(default=(), description="Roles that must use a second factor.")
    oidc: OidcSettings | None = Field(default=None, description="Single sign-on.")


class KeptExports(BaseModel):
    """How long and how much of exports is kept, and where schedules may put copies."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    keep_days: int = Field(default=7, ge=1, le=365, description="Days that a finished export can be fetched.")
    most_gb: float = Field(default=20, gt=0, description="GB that kept exports may take together.")
    spare_gb: float = Field(default=1, ge=0, description="GB that an export leaves free on the disk.")
    below: Path | None = Field(default=None, description="Folder below which schedules may put copies; none: nowhere.")


class ExportSettings(KeptExports):
    """The same, with the folder of finished exports, and the object stores that schedules may use: id to name."""

    folder: Path = Path("exports")
    stores: Mapping[str, str] = {}


class InboxSettings(BaseModel):
    """Settings of the work."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    timezone: str = "UTC"
    teams: tuple[TeamSettings, ...] = ()
    claim_minutes: int = Field(default=10, ge=1, description="A claim lapses after so long without activity.")
    base_url: str = Field(default="http://127.0.0.1:8501", description="Where people reach the dashboard.")
    sign_in: SignInSettings = SignInSettings()
    accuracy_sample: int = Field(default=100, ge=20, le=2_000, description="Messages a month offered for labelling.")
    smallest_group: int = Field(default=5, ge=1, description="Figures of people are told of so many at least.")
    can_mail: bool = Field(default=False, description="Whether mail of ours can go out.")
    language: str = Field(default="en", description="Language of mail to somebody whose language is not known.")
    order_numbers: tuple[str, ...] = Field(default=(), description="How the company's own numbers look.")
    exports: ExportSettings = ExportSettings()
