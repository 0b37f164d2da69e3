"""Which source a login is for: a new one, or one of the configuration whose login is renewed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from connectors.connecting import Choose, Connected
from connectors.contract import Connector, Options
from connectors.registry import ConnectorNotUsable, known, load
from klankbord.config import Config
from klankbord.connecting.person import Person, printable
from klankbord.console import CommandError
from pipeline.settings import SourceSettings

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_NEW = "new"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a login goes. `standing` is the source of the configuration; None for a new one."""

    source_id: str
    connector: str
    standing: SourceSettings | None


def place_for(config: Config, platform: str, wanted: str | None, person: Person) -> Place:
    """The place of a login.

    Args:
        config: as it stands.
        platform: name of a connector.
        wanted: id of the source; None: a new one, or one of this connector's that the person chooses.
        person: asked where it is not clear.

    Raises:
        CommandError: the source is one of another connector, or it is not clear which one is meant.
    """
    standing = {source.id: source for source in config.sources}
    if wanted is None:
        wanted = _wanted([each for each in config.sources if each.connector == platform], platform, person)
    if wanted is None:
        numbers = (platform, *(f"{platform}-{number}" for number in range(2, 1000)))
        wanted = next(each for each in numbers if each not in standing)
    if _ID.fullmatch(wanted) is None:
        msg = f"{wanted!r} cannot be the id of a source: small letters, figures, - and _ only"
        raise CommandError(msg)
    found = standing.get(wanted)
    if found is not None and found.connector != platform:
        msg = f"the source {wanted} is one of {found.connector}, not of {platform}; give another id with --source"
        raise CommandError(msg)
    return Place(wanted, platform, found)


def _wanted(there: list[SourceSettings], platform: str, person: Person) -> str | None:
    if not there:
        return None
    if not person.terminal:
        ids = ", ".join(each.id for each in there)
        msg = (
            f"there is a source of {platform} already: {ids}. Say which login is renewed, or name a new source: "
            f"klankbord connect {platform} --source {there[0].id}"
        )
        raise CommandError(msg)
    options = [(each.id, f"Renew the login of the source {each.id}") for each in there]
    (chosen,) = person.choose(
        Choose(f"There is a source of {platform} already.", (*options, (f"\0{_NEW}", "Connect another account")))
    )
    return None if chosen == f"\0{_NEW}" else chosen


def connectable(platform: str) -> type[Connector[Options]]:
    """The connector of that name, which has a guided login.

    Raises:
        ConnectorNotUsable: there is none of that name.
        CommandError: its accounts are not connected this way.
    """
    found: type[Connector[Options]] = load(platform)
    steps = found.connect()
    if steps is None:
        msg = (
            f"{platform} has no account to connect; its sources are written into the configuration: "
            f"docs/connectors/{platform}.md. Guided: {', '.join(guided())}"
        )
        raise CommandError(msg)
    steps.close()
    return found


def guided() -> list[str]:
    """Names of connectors that have a guided login."""
    return [each.name for each in known() if _guides(each.name)]


def _guides(name: str) -> bool:
    try:
        steps = load(name).connect()
    except ConnectorNotUsable:
        return False
    if steps is None:
        return False
    steps.close()
    return True


def source_with(place: Place, connector: type[Connector[Options]], connected: Connected) -> SourceSettings:
    """The source as it will be: the new one, or the standing one, if the login is for the same account.

    Raises:
        CommandError: the login is for another account than the source reads, or the options do not fit.
    """
    try:
        new = connector.options_type.model_validate(dict(connected.options))
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, each["loc"])) or each["type"] for each in error.errors())
        msg = f"the {place.connector} connector gave options that it does not take itself: {fields}"
        raise CommandError(msg) from None
    if place.standing is None:
        options = {name: each for name, each in connected.options.items() if each is not None}
        return SourceSettings(id=place.source_id, connector=place.connector, options=options)
    old = connector.options_type.model_validate(place.standing.options)
    for name, was, would in _apart(_told(old), _told(new)):
        msg = (
            f"this login is for another account: the source {place.source_id} has {name}: {printable(str(was))}, the "
            f"login {printable(str(would))}. Nothing was changed. Correct {name} in the configuration if you mean "
            "this account, or connect it as a source of its own with another --source"
        )
        raise CommandError(msg)
    return place.standing


def _told(options: Options) -> dict[str, Any]:
    return options.model_dump(mode="json", exclude_unset=True)


def _apart(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Names and addresses that differ; what is on or off, and how much, is the owner's choice."""
    found: list[tuple[str, Any, Any]] = []
    for name, would in new.items():
        was = old.get(name)
        if isinstance(was, str) and isinstance(would, str) and _bare(was) != _bare(would):
            found.append((name, was, would))
        if isinstance(was, list) and isinstance(would, list):
            for part in would:
                there = [each for each in was if isinstance(each, dict)]
                if isinstance(part, dict) and there and all(_apart(each, part) for each in there):
                    found.extend(_apart(there[0], part)[:1])
    return found


def _bare(text: str) -> str:
    return text.strip().lstrip("@").rstrip("/").casefold()


def missing(place: Place, connected: Connected) -> dict[str, Any]:
    """Options that came with a login and that the standing source does not have."""
    has = {} if place.standing is None else place.standing.options
    return {name: each for name, each in connected.options.items() if name not in has and each not in (None, False, [])}


def in_the_way(options: Options, connected: Connected) -> list[str]:
    """Secrets that a source names itself and that came with the login too: they go before the kept ones."""
    return sorted(set(_secret_names(options)) & set(connected.login))


def _secret_names(value: Any) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if isinstance(inner, SecretStr):
                yield name
            else:
                yield from _secret_names(inner)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _secret_names(each)
