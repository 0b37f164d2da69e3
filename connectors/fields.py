"""Reading fields out of a platform's JSON: each says what is missing or wrong in words a person understands.

A `FieldError` concerns one item: the connector puts that item aside (`Rejected`) and reads on.
"""

from __future__ import annotations

from connectors.items import Json


class FieldError(ValueError):
    """One field of one item is missing or of another type than documented."""


def as_object(value: Json, what: str = "the item") -> dict[str, Json]:
    """Return a JSON object.

    Raises:
        FieldError: it is something else.
    """
    if not isinstance(value, dict):
        msg = f"{what} is not an object but {type(value).__name__}"
        raise FieldError(msg)
    return value


def part(source: dict[str, Json], key: str) -> dict[str, Json]:
    """Return a nested object; an empty one when it is absent or something else."""
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def items_of(source: dict[str, Json], key: str) -> list[Json]:
    """Return a nested list; an empty one when it is absent or something else."""
    value = source.get(key)
    return value if isinstance(value, list) else []


def text_of(source: dict[str, Json], key: str) -> str | None:
    """Return a non-blank string, or None."""
    value = source.get(key)
    return value if isinstance(value, str) and value.strip() else None


def number_of(source: dict[str, Json], key: str) -> int | None:
    """Return a whole number, also one written as text; None when there is none."""
    value = source.get(key)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def flag_of(source: dict[str, Json], key: str) -> bool:
    """Tell whether a flag is set; anything but `true` counts as not set."""
    return source.get(key) is True


def need_text(source: dict[str, Json], key: str) -> str:
    """Return a string that may be empty but must be there.

    Raises:
        FieldError: missing, or not a string.
    """
    value = source.get(key)
    if not isinstance(value, str):
        msg = f"the field {key!r} is missing or not a text"
        raise FieldError(msg)
    return value


def need_number(source: dict[str, Json], key: str) -> int:
    """Return a whole number that must be there.

    Raises:
        FieldError: missing, or not a number.
    """
    value = number_of(source, key)
    if value is None:
        msg = f"the field {key!r} is missing or not a number"
        raise FieldError(msg)
    return value


def need_id(source: dict[str, Json], key: str = "id") -> str:
    """Return an identifier, given as text or as a whole number, as text.

    Raises:
        FieldError: missing or empty.
    """
    value = source.get(key)
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    msg = f"the field {key!r} is missing, so the item has no identity"
    raise FieldError(msg)
