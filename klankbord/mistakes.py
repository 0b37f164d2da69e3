"""Mistakes in `config.yaml`, in words and with their line, and never with a secret in them.

What is hidden: whatever stands at a key that is declared as a secret or is called like one, whatever came out of an
environment variable, and credentials in addresses. It is looked for in the finished sentence, because a value can come
into it by many ways: as what was found, in the words of a connector's own check, as part of a longer value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import yaml
from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from pipeline.http.redact import is_secret_name, redact_text

Place = tuple[Any, ...]
Declared = Callable[[Any], type[BaseModel] | None]
"""Gives the model of the whole file for None, and that of a connector's options for its name."""
_QUOTED = re.compile(r"(['\"]).{2,}\1", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in the file: where (1-based line; None when it is nowhere in particular) and what to do."""

    line: int | None
    where: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.where + ': ' if self.where else ''}{self.message}"

    def without(self, secrets: frozenset[str]) -> Problem:
        """The same, with nothing of these and no credentials in it."""
        return replace(self, message=redact_text(self.message, secrets))


def explained(
    error: Any, lines: Mapping[Place, int], known_keys: Callable[[Place], Iterator[str]], at: Place = ()
) -> Problem:
    """A pydantic error in our words, with the line it stands on."""
    place = (*at, *(part for part in error["loc"]))
    message = str(error["msg"]).removeprefix("Value error, ")
    named = any(is_secret_name(part) for part in place if isinstance(part, str))
    if error["type"] == "extra_forbidden":
        message = f"this key is not known{did_you_mean(str(place[-1]), known_keys(place[:-1]))}"
    elif error["type"] == "missing":
        message = "this key is needed"
    elif error["type"] == "string_pattern_mismatch":
        found = "this" if named else repr(error["input"])
        message = f"{found} does not fit; it must look like {error['ctx']['pattern']}"
    elif _short(error["input"]) and not named:
        message = f"{message} (found {error['input']!r})"
    near = place
    while near and near not in lines:
        near = near[:-1]
    return Problem(lines.get(near), spelt(place), message)


def no_yaml(error: yaml.MarkedYAMLError | UnicodeDecodeError) -> Problem:
    """Why the file cannot be read at all; what stands in quotes is out of the file, and may be a password."""
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, UnicodeDecodeError):
        said = f"{error.reason} at byte {error.start}"
    else:
        said = _QUOTED.sub("a word", str(error.problem or error.context or "it cannot be read"))
    hint = "; put a value with signs in it between quotes" if re.search("alias|anchor|token|tag|escape", said) else ""
    return Problem(mark.line + 1 if mark else None, "", f"this is not YAML: {said}{hint}")


def secret_values(values: Any, declared: Declared) -> Iterator[str]:
    """Everything in the file that must not be printed, by how it is declared and by what it is called."""
    whole = declared(None)
    yield from _secrets(values, () if whole is None else (whole,), declared)


def _secrets(value: Any, models: Sequence[type[BaseModel]], declared: Declared) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _secrets(each, models, declared)
    if not isinstance(value, dict):
        return
    options = declared(value["connector"]) if value.get("connector") is not None else None
    known = (*models, options) if options is not None else models
    for key, inner in value.items():
        fields = [field for model in known for name, field in model.model_fields.items() if key in {name, field.alias}]
        if is_secret_name(str(key)) or any(_is_secret(field) for field in fields):
            yield from _scalars(inner)
        else:
            below = [model for field in fields for model in _models(field.annotation)]
            yield from _secrets(inner, below, declared)


def _is_secret(field: FieldInfo) -> bool:
    return not field.repr or any(part in {SecretStr, SecretBytes} for part in _flat(field.annotation))


def _models(annotation: Any) -> list[type[BaseModel]]:
    return [part for part in _flat(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]


def _flat(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _flat(inner)


def _scalars(value: Any) -> Iterator[str]:
    """Every value below, as it would be printed."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _scalars(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _scalars(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _short(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and len(repr(value)) <= 60


def spelt(place: Sequence[Any]) -> str:
    """A place as people write it: `sources[0].url`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def did_you_mean(word: str, known: Any) -> str:
    """`; did you mean 'timezone'?`, or nothing where nothing is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
