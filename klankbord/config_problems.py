"""What a well-formed configuration can still have wrong, found with its line: options, queries, hours, webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import ValidationError

from inbox.business_time import parse_hours
from inbox.holidays import holidays_of
from klankbord.config import Config
from klankbord.mistakes import Problem, did_you_mean, explained, spelt
from pipeline.settings import SourceSettings


def problems_of(config: Config, lines: Mapping[tuple[Any, ...], int]) -> Iterator[Problem]:
    """Everything that only whoever uses it can tell; `lines` are 1-based by place."""
    yield from _source_problems(config, lines)
    yield from _brand_problems(config, lines)
    yield from _team_problems(config, lines)
    yield from _hook_problems(config, lines)


def known_keys(place: tuple[Any, ...]) -> Iterator[str]:
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
    yield from (field.alias or name for name, field in getattr(model, "model_fields", {}).items())


def _source_problems(config: Config, lines: Mapping[tuple[Any, ...], int]) -> Iterator[Problem]:
    """Each source's own options, checked by its connector."""
    from connectors.registry import ConnectorNotUsable, load

    for index, source in enumerate(config.sources):
        at = ("sources", index)
        try:
            options_type = load(source.connector).options_type
            options_type.model_validate(source.options)
        except ConnectorNotUsable as error:
            yield Problem(lines.get((*at, "connector"), lines.get(at)), spelt((*at, "connector")), str(error))
        except ValidationError as error:
            known = [*options_type.model_fields, *SourceSettings.model_fields]
            for found in error.errors():
                if found["type"] == "extra_forbidden" and len(found["loc"]) == 1:
                    key = str(found["loc"][0])
                    message = f"the {source.connector} connector knows no such key{did_you_mean(key, known)}"
                    yield Problem(lines.get((*at, key), lines.get(at)), spelt((*at, key)), message)
                else:
                    yield explained(found, lines, known_keys, at)


def _brand_problems(config: Config, lines: Mapping[tuple[Any, ...], int]) -> Iterator[Problem]:
    from pipeline.enrich import read_brand_query
    from understanding.language import UnknownLanguageError, check_languages
    from understanding.query import QueryError

    for index, brand in enumerate(config.brands):
        try:
            read_brand_query(brand.id, brand.query)
        except QueryError as error:
            at = ("brands", index, "query")
            hint = f"; did you mean {error.suggestion}" if error.suggestion else ""
            yield Problem(lines.get(at), spelt(at), f"{error}, at character {error.position + 1}{hint}")
    try:
        check_languages(config.language_detector, config.languages)
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
                yield Problem(lines.get((*at, key), lines.get(at)), spelt((*at, key)), str(error))


def _hook_problems(config: Config, lines: Mapping[tuple[Any, ...], int]) -> Iterator[Problem]:
    """Each webhook must name sources of one platform's signing, which push at all."""
    from connectors.registry import ConnectorNotUsable, load

    connectors = {source.id: source.connector for source in config.sources}
    for index, hook in enumerate(config.webhooks.hooks if config.webhooks is not None else ()):
        at = ("webhooks", "hooks", index)
        signings = set()
        for name in hook.sources:
            if name not in connectors:
                message = f"there is no source {name!r}{did_you_mean(name, connectors)}"
                yield Problem(lines.get((*at, "sources"), lines.get(at)), spelt((*at, "sources")), message)
                continue
            try:
                signing = load(connectors[name]).signing
            except ConnectorNotUsable:
                continue  # said at the source
            signings.add(signing)
            if signing is None:
                message = f"{connectors[name]} takes nothing that is pushed; the source {name!r} is read by asking only"
                yield Problem(lines.get((*at, "sources"), lines.get(at)), spelt((*at, "sources")), message)
            elif signing.needs_verify_token and hook.verify_token is None:
                message = f"{connectors[name]} greets with a verify token: make one up, and type it there too"
                yield Problem(lines.get(at), spelt((*at, "verify_token")), message)
        if len(signings) > 1:
            message = "these sources are of platforms that sign differently; give each platform a webhook of its own"
            yield Problem(lines.get((*at, "sources"), lines.get(at)), spelt((*at, "sources")), message)
