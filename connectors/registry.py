"""Finds connectors: built-in and third-party ones alike are entry points of the group `klankbord.connectors`.

Listing names imports nothing. A connector is imported when a source names it, so that a broken or slow plug-in costs
only the sources that use it.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from connectors.contract import Connector, Options

GROUP = "klankbord.connectors"


class ConnectorNotUsable(Exception):  # noqa: N818 -- read as a sentence by people
    """A connector that a source names cannot be used; the message says which package to look at."""


@dataclass(frozen=True, slots=True)
class Known:
    """A connector that is installed.

    Attributes:
        name: the word used in `config.yaml`.
        package: name and version of the distribution it comes from.
    """

    name: str
    package: str


def known() -> tuple[Known, ...]:
    """List the installed connectors by name, without importing any of them."""
    return tuple(Known(point.name, _package(point)) for point in _points())


def load(name: str) -> type[Connector[Any]]:
    """Import one connector.

    Raises:
        ConnectorNotUsable: there is none of that name, two packages offer it, it fails to import, or it is none.
    """
    points = _points()
    found = [point for point in points if point.name == name]
    if not found:
        raise ConnectorNotUsable(_unknown(name, [point.name for point in points]))
    if len(found) > 1:
        packages = " and ".join(_package(point) for point in found)
        msg = f"two packages offer a connector named {name!r}: {packages}; uninstall one of them"
        raise ConnectorNotUsable(msg)
    point = found[0]
    try:
        made = point.load()
    except Exception as error:  # a plug-in may fail in any way while it is imported; the person needs its name
        msg = f"the connector {name!r} of {_package(point)} cannot be imported ({type(error).__name__}: {error})"
        raise ConnectorNotUsable(msg) from error
    _check(made, point)
    return made  # type: ignore[no-any-return]  # checked one line above


def _points() -> tuple[EntryPoint, ...]:
    """Entry points by name; a distribution that is found twice on the path counts once."""
    return _points_on(tuple(sys.path))


@cache
def _points_on(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:  # noqa: ARG001 - what is found depends on it
    """Looked up once per path: reading the metadata of every installed package takes a tenth of a second."""
    unique: dict[tuple[str, str], EntryPoint] = {}
    found: Iterable[EntryPoint] = entry_points(group=GROUP)
    for point in found:
        unique.setdefault((point.name, point.value), point)
    return tuple(sorted(unique.values(), key=lambda point: point.name))


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else f"module {point.module}"


def _unknown(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "install the package that brings it, or correct the name."
    have = ", ".join(names) or "none; is klankbord itself installed (pip install -e .)?"
    return f"there is no connector named {name!r}; {hint} Installed: {have}"


def _check(made: object, point: EntryPoint) -> None:
    who = f"the connector {point.name!r} of {_package(point)}"
    if not (isinstance(made, type) and issubclass(made, Connector)):
        msg = f"{who} is no subclass of connectors.contract.Connector: {point.value}"
        raise ConnectorNotUsable(msg)
    if getattr(made, "name", None) != point.name:
        msg = f"{who} calls itself {getattr(made, 'name', None)!r}: its entry point must carry the same name"
        raise ConnectorNotUsable(msg)
    options = getattr(made, "options_type", None)
    if not getattr(made, "platform", "") or not (isinstance(options, type) and issubclass(options, Options)):
        msg = f"{who} lacks `platform`, or its `options_type` is no subclass of connectors.contract.Options"
        raise ConnectorNotUsable(msg)
    missing = sorted(getattr(made, "__abstractmethods__", ()))
    if missing:
        msg = f"{who} does not implement {', '.join(missing)}"
        raise ConnectorNotUsable(msg)
