"""Reading `config.yaml`: mistakes are explained with their line, all of them at once.

Secrets come from the environment: `${NAME}` is replaced by the variable, `${NAME:-default}` by the default when it
is not set. Everything the file may hold is in `Config`; unknown keys are refused with a suggestion.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from klankbord import mistakes
from klankbord.config import Config
from klankbord.config_problems import known_keys, problems_of
from klankbord.mistakes import Problem, explained, spelt
from pipeline.settings import SourceSettings

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


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
        written = yaml.safe_load(text) or {}
    except FileNotFoundError as error:
        message = "there is no such file; `klankbord init` writes one"
        raise ConfigError(path, [Problem(None, "", message)]) from error
    except (yaml.MarkedYAMLError, UnicodeDecodeError) as error:
        raise ConfigError(path, [mistakes.no_yaml(error)]) from None  # its trace quotes the line
    lines = dict(_lines(tree))
    problems = [Problem(line, "", f"the key {key!r} stands here twice") for line, key in _repeated(tree)]
    told: set[str] = set()
    values = _resolved(written, os.environ if environment is None else environment, lines, problems, told=told)
    secret = frozenset(mistakes.secret_values(values, _models_of))
    hidden = secret | told
    if problems:
        raise ConfigError(path, [one.without(hidden) for one in problems])
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        found = [explained(each, lines, known_keys) for each in error.errors()]
        raise ConfigError(path, [one.without(hidden) for one in found]) from None
    problems = list(problems_of(config, lines))
    if problems:
        raise ConfigError(path, [one.without(hidden) for one in problems])
    folder = path.resolve().parent
    sources = tuple(_with_folder(source, folder) for source in config.sources)
    given = config.exports
    exports = given.model_copy(
        update={name: folder / path for name, path in (("folder", given.folder), ("below", given.below)) if path}
    )
    config = config.model_copy(
        update={"database": _from_folder(config.database, folder), "sources": sources, "exports": exports}
    )
    config._folder, config._secrets = folder, secret  # noqa: SLF001 - its own
    return config


def _resolved(
    value: Any,
    environment: Mapping[str, str],
    lines: Mapping[tuple[Any, ...], int],
    problems: list[Problem],
    at: tuple[Any, ...] = (),
    *,
    told: set[str],
) -> Any:
    """The tree with `${NAME}` replaced; names that are not set become problems, what the others hold is `told`."""
    if isinstance(value, dict):
        return {
            key: _resolved(inner, environment, lines, problems, (*at, key), told=told) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [
            _resolved(inner, environment, lines, problems, (*at, nth), told=told) for nth, inner in enumerate(value)
        ]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        found: str | None = environment.get(match[1], match[2])
        if found is None:
            message = f"the environment variable {match[1]} is not set; set it, or write ${{{match[1]}:-default}}"
            problems.append(Problem(lines.get(at), spelt(at), message))
            return ""
        told.add(found)
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


def _models_of(connector: Any) -> type[BaseModel] | None:
    """What declares a source: the keys of every one, or with a connector's name those of its options."""
    from connectors.registry import ConnectorNotUsable, load

    if connector is None:
        return Config
    try:
        return load(str(connector)).options_type
    except ConnectorNotUsable:
        return None


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
