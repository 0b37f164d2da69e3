"""`config.yaml`: one file, one model, mistakes explained with their line.

Secrets come from the environment: `${NAME}` is replaced by the variable, `${NAME:-default}` by the default when it
is not set. Everything the file may hold is in `Config`; unknown keys are refused with a suggestion.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from inbox.business_time import parse_hours
from inbox.holidays import holidays_of
from inbox.settings import InboxSettings, TeamSettings
from pipeline.settings import BrandSettings, CollectSettings, SourceSettings

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class Listener(BaseModel):
    """Where a server listens."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 opens it to the network.")
    port: int = Field(ge=0, le=65_535, description="TCP port.")


class Config(BaseModel):
    """All of `config.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    database: str = Field(
        default="sqlite:///data/klankbord.db", description="Where everything is kept: SQLite file or PostgreSQL URL."
    )
    timezone: str = Field(default="Europe/Amsterdam", description="Local time of days, hours and business time.")
    languages: tuple[str, ...] = Field(default=("nl", "en"), description="Languages to expect (ISO 639-1).")
    contact: str | None = Field(default=None, description="Mail address or URL in the User-Agent of requests.")
    public_url: str | None = Field(default=None, description="Where people reach the dashboard from outside.")
    dashboard: Listener = Field(default=Listener(port=8501), description="Where the dashboard listens.")
    web: Listener = Field(default=Listener(port=8502), description="Where health and metrics listen.")
    allow_private_hosts: tuple[str, ...] = Field(
        default=(), description="Private or loopback hosts (host or host:port) that sources may reach."
    )
    concurrency: int = Field(default=20, ge=1, le=200, description="Most sources collected at once.")
    claim_minutes: int = Field(default=10, ge=1, description="A claim lapses after so long without activity.")
    example: bool = Field(
        default=False, description="True serves the invented example brand and fills the inbox with it."
    )
    brands: tuple[BrandSettings, ...] = Field(default=(), description="Brands and competitors to listen for.")
    sources: tuple[SourceSettings, ...] = Field(default=(), description="Where to listen.")
    teams: tuple[TeamSettings, ...] = Field(default=(), description="Who answers, when, and within what time.")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            msg = f"{value!r} is no time zone{_did_you_mean(value, available_timezones())}"
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
            contact=self.contact,
            allow_private_hosts=self.allow_private_hosts,
            concurrency=self.concurrency,
            brands=self.brands,
            sources=self.sources,
        )

    def inbox_settings(self) -> InboxSettings:
        """The part the inbox needs."""
        return InboxSettings(timezone=self.timezone, teams=self.teams, claim_minutes=self.claim_minutes)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in the file: where (1-based line; None when it is nowhere in particular) and what to do."""

    line: int | None
    where: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.where + ': ' if self.where else ''}{self.message}"


class ConfigError(Exception):
    """The configuration cannot be used; `problems` says why, one by one."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{path} cannot be used:\n{lines}")


def load_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read and check a configuration file, including each source's own options.

    Args:
        path: the file; relative SQLite paths in it are taken from its folder.
        environment: variables for `${NAME}`; the process's own when left out.

    Raises:
        ConfigError: the file is missing, is no YAML, or holds mistakes; all of them are listed.
    """
    try:
        text = path.read_text("utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except FileNotFoundError as error:
        message = "there is no such file; `klankbord init` writes one"
        raise ConfigError(path, [Problem(None, "", message)]) from error
    except (yaml.MarkedYAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        message = f"this is not YAML: {getattr(error, 'problem', None) or error}"
        raise ConfigError(path, [Problem(mark.line + 1 if mark else None, "", message)]) from error
    lines = dict(_lines(tree))
    problems = [Problem(line, "", f"the key {key!r} stands here twice") for line, key in _repeated(tree)]
    values = _resolved(yaml.safe_load(text) or {}, os.environ if environment is None else environment, lines, problems)
    if problems:
        raise ConfigError(path, problems)
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(path, [_explained(found, lines) for found in error.errors()]) from error
    problems = [*_source_problems(config, lines), *_brand_problems(config, lines), *_team_problems(config, lines)]
    if problems:
        raise ConfigError(path, problems)
    folder = path.resolve().parent
    sources = tuple(_with_folder(source, folder) for source in config.sources)
    return config.model_copy(update={"database": _from_folder(config.database, folder), "sources": sources})


def _gathered(source: Any) -> Any:
    if not isinstance(source, dict):
        return source
    known = set(SourceSettings.model_fields) - {"options"}
    options = {key: value for key, value in source.items() if key not in known}
    return {**{key: value for key, value in source.items() if key in known}, "options": options}


def _resolved(
    value: Any,
    environment: Mapping[str, str],
    lines: Mapping[tuple[Any, ...], int],
    problems: list[Problem],
    at: tuple[Any, ...] = (),
) -> Any:
    """The tree with `${NAME}` replaced; names that are not set become problems."""
    if isinstance(value, dict):
        return {key: _resolved(inner, environment, lines, problems, (*at, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(inner, environment, lines, problems, (*at, index)) for index, inner in enumerate(value)]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        found: str | None = environment.get(match[1], match[2])
        if found is None:
            message = f"the environment variable {match[1]} is not set; set it, or write ${{{match[1]}:-default}}"
            problems.append(Problem(lines.get(at), _spelt(at), message))
            return ""
        return found

    return _VARIABLE.sub(replace, value)


def _lines(node: yaml.Node | None, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], int]]:
    """1-based line of each place in the tree."""
    if node is None:
        return
    yield at, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*at, key.value))
            yield (*at, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*at, index))


def _repeated(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """Keys that stand twice in one mapping: YAML would silently keep the last."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, str(key.value)
            seen.add(key.value)
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


def _explained(error: Any, lines: Mapping[tuple[Any, ...], int], at: tuple[Any, ...] = ()) -> Problem:
    """A pydantic error in our words, with the line it stands on."""
    place = (*at, *(part for part in error["loc"]))
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = f"this key is not known{_did_you_mean(str(place[-1]), _known_keys(place[:-1]))}"
    elif error["type"] == "missing":
        message = "this key is needed"
    elif error["type"] == "string_pattern_mismatch":
        message = f"{error['input']!r} does not fit; it must look like {error['ctx']['pattern']}"
    else:
        message = f"{message} (found {error['input']!r})" if _short(error["input"]) else message
    near = place
    while near and near not in lines:
        near = near[:-1]
    return Problem(lines.get(near), _spelt(place), message)


def _short(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and len(repr(value)) <= 60


def _known_keys(place: tuple[Any, ...]) -> Iterator[str]:
    """Keys allowed at a place of the configuration."""
    model: Any = Config
    for part in place:
        if isinstance(part, int):
            continue
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return
        model = field.annotation
        while get_origin(model) is not None:  # tuple[Model, ...] and Model | None hold what they are made of
            model = next(arg for arg in get_args(model) if arg is not Ellipsis and arg is not type(None))
    yield from getattr(model, "model_fields", {})


def _source_problems(config: Config, lines: Mapping[tuple[Any, ...], int]) -> Iterator[Problem]:
    """Each source's own options, checked by its connector."""
    from connectors.registry import ConnectorNotUsable, load

    for index, source in enumerate(config.sources):
        at = ("sources", index)
        try:
            options_type = load(source.connector).options_type
            options_type.model_validate(source.options)
        except ConnectorNotUsable as error:
            yield Problem(lines.get((*at, "connector"), lines.get(at)), _spelt((*at, "connector")), str(error))
        except ValidationError as error:
            known = [*options_type.model_fields, *SourceSettings.model_fields]
            for found in error.errors():
                if found["type"] == "extra_forbidden" and len(found["loc"]) == 1:
                    key = str(found["loc"][0])
                    message = f"the {source.connector} connector knows no such key{_did_you_mean(key, known)}"
                    yield Problem(lines.get((*at, key), lines.get(at)), _spelt((*at, key)), message)
                else:
                    yield _explained(found, lines, at)


def _brand_problems(config: Config, lines: Mapping[tuple[Any, ...], int]) -> Iterator[Problem]:
    from pipeline.enrich import read_brand_query
    from understanding.language import LangdetectDetector, UnknownLanguageError
    from understanding.query import QueryError

    for index, brand in enumerate(config.brands):
        try:
            read_brand_query(brand.id, brand.query)
        except QueryError as error:
            at = ("brands", index, "query")
            hint = f"; did you mean {error.suggestion}" if error.suggestion else ""
            yield Problem(lines.get(at), _spelt(at), f"{error}, at character {error.position + 1}{hint}")
    try:
        LangdetectDetector(config.languages)
    except UnknownLanguageError as error:
        yield Problem(lines.get(("languages",)), "languages", str(error))


def _team_problems(config: Config, lines: Mapping[tuple[Any, ...], int]) -> Iterator[Problem]:
    for index, team in enumerate(config.teams):
        at = ("teams", index)
        for key, read in (
            ("hours", lambda team=team: parse_hours(team.hours)),
            ("holidays", lambda team=team: holidays_of(team.holidays, ())),
        ):
            try:
                read()
            except ValueError as error:
                yield Problem(lines.get((*at, key), lines.get(at)), _spelt((*at, key)), str(error))


def _spelt(place: Sequence[Any]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def _did_you_mean(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _with_folder(source: SourceSettings, folder: Path) -> SourceSettings:
    """A source whose relative drop folder is taken from the configuration's folder too."""
    named = source.options.get("folder")
    if not isinstance(named, str) or Path(named).is_absolute():
        return source
    return source.model_copy(update={"options": {**source.options, "folder": str((folder / named).resolve())}})


def _from_folder(database: str, folder: Path) -> str:
    """A relative SQLite path, taken from the configuration's folder rather than from wherever the command runs."""
    prefix = "sqlite:///"
    if not database.startswith(prefix) or database == prefix + ":memory:":
        return database
    path = Path(database.removeprefix(prefix))
    return database if path.is_absolute() else f"{prefix}{(folder / path).resolve()}"
