"""What `config.yaml` may hold: one model. `klankbord.config_file` reads it."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    field_validator,
    model_validator,
)

from inbox.settings import LANGUAGES, ExportSettings, InboxSettings, KeptExports, SignInSettings, TeamSettings
from klankbord.mistakes import did_you_mean
from pipeline.settings import (
    BrandSettings,
    CollectSettings,
    MailSettings,
    MediaSettings,
    ObjectStoreSettings,
    SourceSettings,
)
from understanding.language import DetectorName
from understanding.pii import number_form
from web.api.settings import ApiSettings


def _number_form(form: str) -> str:
    number_form(form)
    return form


class Listener(BaseModel):
    """Where a server listens."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 opens it to the network.")
    port: int = Field(ge=0, le=65_535, description="TCP port.")


class DashboardListener(Listener):
    """Where the dashboard listens, and how many processes share its work."""

    processes: int = Field(
        default=1, ge=1, le=32, description="Processes that draw pages; one more for every ten busy agents."
    )


class WebListener(Listener):
    """Where health, metrics and the API listen."""

    port: int = Field(default=8502, ge=0, le=65_535, description="TCP port.")
    processes: int = Field(
        default=1, ge=1, le=32, description="Processes that answer the API; one for each core that may be busy with it."
    )
    api: ApiSettings = Field(default=ApiSettings(), description="The API for other programs.")


class HookSettings(BaseModel):
    """One address that a platform pushes to: `/hooks/<id>`. One for each app at a platform."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$", description="Ends its address: /hooks/<id>.")
    sources: tuple[str, ...] = Field(min_length=1, description="Ids of the sources that it may tell of.")
    secret: SecretStr = Field(min_length=8, description="What the platform signs with: the secret of your app there.")
    former_secret: SecretStr | None = Field(
        default=None, min_length=8, description="The one before, accepted too while you replace it."
    )
    verify_token: SecretStr | None = Field(
        default=None, min_length=8, description="What you type at Meta as verify token; of your own making."
    )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What deliveries may be signed with."""
        given = (self.secret, self.former_secret)
        return tuple(each.get_secret_value() for each in given if each is not None)


class WebhookSettings(BaseModel):
    """Where platforms push, and what they may push there."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    host: str = Field(default="127.0.0.1", description="Address to listen on, for a reverse proxy there.")
    port: int = Field(default=8503, ge=0, le=65_535, description="TCP port.")
    hooks: tuple[HookSettings, ...] = Field(min_length=1, description="The addresses.")


class ExportsSettings(KeptExports):
    """Exports that the worker makes: where they are kept, and where schedules may put copies."""

    folder: Path | None = Field(
        default=None, description="Where finished exports are kept; `exports` beside the database when left out."
    )
    stores: tuple[ObjectStoreSettings, ...] = Field(
        default=(), description="S3-compatible stores that schedules may put copies into."
    )


class Config(BaseModel):
    """All of `config.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    database: str = Field(
        default="sqlite:///data/klankbord.db", description="Where everything is kept: SQLite file or PostgreSQL URL."
    )
    timezone: str = Field(default="Europe/Amsterdam", description="Local time of days, hours and business time.")
    languages: tuple[str, ...] = Field(default=("nl", "en"), description="Languages to expect (ISO 639-1).")
    order_numbers: tuple[Annotated[str, AfterValidator(_number_form)], ...] = Field(
        default=(), description="How your own order or customer numbers look: # a digit, @ a letter."
    )
    language_detector: DetectorName = Field(
        default="py3langid", description="What names the language of a text: `py3langid` or `langdetect`."
    )
    contact: str | None = Field(default=None, description="Mail address or URL in the User-Agent of requests.")
    public_url: str | None = Field(default=None, description="Where people reach the dashboard from outside.")
    trusted_proxies: tuple[str, ...] = Field(
        default=("127.0.0.1", "::1"),
        description="Reverse proxies (address or network) that may say who the visitor is.",
    )
    dashboard: DashboardListener = Field(
        default=DashboardListener(port=8501), description="Where the dashboard listens."
    )
    web: WebListener = Field(default=WebListener(), description="Where health, metrics and the API listen.")
    webhooks: WebhookSettings | None = Field(
        default=None, description="Where platforms may push what is new; without it they are only asked."
    )
    allow_private_hosts: tuple[str, ...] = Field(
        default=(), description="Private or loopback hosts (host or host:port) that sources may reach."
    )
    concurrency: int = Field(default=20, ge=1, le=200, description="Most sources collected at once.")
    claim_minutes: int = Field(default=10, ge=1, description="A claim lapses after so long without activity.")
    accuracy_sample: int = Field(
        default=100,
        ge=20,
        le=2_000,
        description="Messages a month offered for labelling, to know how good the tone is.",
    )
    smallest_group: int = Field(
        default=5, ge=1, description="Figures of people are told of groups of at least so many."
    )
    second_tier: bool = Field(
        default=True,
        description="Whether the worker scores tone more thoroughly in the background, where the extra is installed.",
    )
    re_enrich: bool = Field(
        default=True,
        description="Whether the worker reads kept messages again after language or tone are told by a newer version.",
    )
    example: bool = Field(
        default=False, description="True serves the invented example brand and fills the inbox with it."
    )
    brands: tuple[BrandSettings, ...] = Field(default=(), description="Brands and competitors to listen for.")
    sources: tuple[SourceSettings, ...] = Field(default=(), description="Where to listen.")
    teams: tuple[TeamSettings, ...] = Field(default=(), description="Who answers, when, and within what time.")
    sign_in: SignInSettings = Field(default=SignInSettings(), description="How people sign in.")
    mail: MailSettings | None = Field(default=None, description="How mail goes out.")
    media: MediaSettings = Field(default=MediaSettings(), description="Pictures that customers post.")
    exports: ExportsSettings = Field(default=ExportsSettings(), description="Exports that are kept and scheduled.")
    _folder: Path = PrivateAttr(default=Path())
    _secrets: frozenset[str] = PrivateAttr(default=frozenset())

    @property
    def folder(self) -> Path:
        """Where the file stands; the current folder for a configuration that came from no file."""
        return self._folder

    @property
    def secrets(self) -> frozenset[str]:
        """What the file holds that must not be printed."""
        return self._secrets

    @field_validator("public_url")
    @classmethod
    def _whole_address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        if value is not None and (parts.scheme not in {"http", "https"} or not parts.hostname):
            msg = f"{value!r} is no address; write it as https://inbox.acme.example"
            raise ValueError(msg)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                ip_network(value, strict=False)
            except ValueError as error:
                msg = f"{value!r} is no IP address or network; write 10.0.0.5 or 10.0.0.0/24"
                raise ValueError(msg) from error
        return values

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            msg = f"{value!r} is no time zone{did_you_mean(value, available_timezones())}"
            raise ValueError(msg)
        return value

    @model_validator(mode="before")
    @classmethod
    def _options_beside_the_keys(cls, values: Any) -> Any:
        """A source's own options stand beside its keys in the file; move them under `options`."""
        if not isinstance(values, dict) or not isinstance(values.get("sources"), list):
            return values
        return {**values, "sources": [_gathered(source) for source in values["sources"]]}

    @model_validator(mode="after")
    def _ids_once(self) -> Config:
        for what, ids in (
            ("brand", [brand.id for brand in self.brands]),
            ("source", [source.id for source in self.sources]),
            ("team", [team.id for team in self.teams]),
            ("store for exports", [store.id for store in self.exports.stores]),
            ("webhook", [hook.id for hook in self.webhooks.hooks] if self.webhooks is not None else []),
        ):
            twice = sorted({found for found in ids if ids.count(found) > 1})
            if twice:
                msg = f"two {what}s are called {twice[0]!r}; every {what} needs an id of its own"
                raise ValueError(msg)
        return self

    def collect_settings(self) -> CollectSettings:
        """The part the pipeline needs."""
        return CollectSettings(
            timezone=self.timezone,
            languages=self.languages,
            language_detector=self.language_detector,
            contact=self.contact,
            allow_private_hosts=self.allow_private_hosts,
            concurrency=self.concurrency,
            brands=self.brands,
            sources=self.sources,
            media=self.media,
            order_numbers=self.order_numbers,
        )

    def inbox_settings(self) -> InboxSettings:
        """The part the inbox needs."""
        return InboxSettings(
            timezone=self.timezone,
            teams=self.teams,
            claim_minutes=self.claim_minutes,
            accuracy_sample=self.accuracy_sample,
            smallest_group=self.smallest_group,
            base_url=self.base_url(),
            sign_in=self.sign_in,
            can_mail=self.mail is not None,
            language=next((code for code in self.languages if code in LANGUAGES), "en"),
            order_numbers=self.order_numbers,
            exports=self.export_settings(),
        )

    def export_settings(self) -> ExportSettings:
        """Exports, as the inbox needs to know of them."""
        given = self.exports
        return ExportSettings(
            **given.model_dump(include=set(KeptExports.model_fields)),
            folder=given.folder or self._beside_the_database() / "exports",
            stores={each.id: each.name or each.id for each in given.stores},
        )

    def _beside_the_database(self) -> Path:
        """The folder of an SQLite database; `data` beside the configuration for any other."""
        prefix = "sqlite:///"
        if self.database.startswith(prefix) and not self.database.endswith(":memory:"):
            return Path(self.database.removeprefix(prefix)).parent
        return self._folder / "data"

    def base_url(self) -> str:
        """Where people reach the dashboard: `public_url`, else where it listens on this machine."""
        return (self.public_url or f"http://{self.dashboard.host}:{self.dashboard.port}").rstrip("/")


def _gathered(source: Any) -> Any:
    if not isinstance(source, dict):
        return source
    known = set(SourceSettings.model_fields) - {"options"}
    options = {key: value for key, value in source.items() if key not in known}
    return {**{key: value for key, value in source.items() if key in known}, "options": options}
