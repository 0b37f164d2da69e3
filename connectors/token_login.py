"""A login of tokens that a renewal replaces, with what the app behind it needs for renewing. Holds no calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import SecretStr

ENDS_AT = "access_ends_at"
"""When the access token runs out, as ISO 8601 in UTC; stands in every login that a platform gave us itself."""
_REPLACED = frozenset({"access_token", "refresh_token"})


class TokenLogin(Mapping[str, str]):
    """What is known of a login, by name.

    Args:
        named: what the options name; None for what they leave out.
    """

    def __init__(self, named: Mapping[str, str | SecretStr | None]) -> None:
        plain = {name: each.get_secret_value() if isinstance(each, SecretStr) else each for name, each in named.items()}
        self._values = {name: value for name, value in plain.items() if value is not None}
        self._named = frozenset(self._values)

    def __getitem__(self, name: str) -> str:
        """One value."""
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        """The names of what is known."""
        return iter(self._values)

    def __len__(self) -> int:
        """How much is known."""
        return len(self._values)

    @property
    def ends_at(self) -> datetime | None:
        """When the access token runs out (aware UTC); None when that is not known."""
        ends = self._values.get(ENDS_AT)
        return None if ends is None else datetime.fromisoformat(ends)

    def take_kept(self, kept: Mapping[str, str]) -> None:
        """Use a kept login. What the options name stays, but for tokens that the platform has replaced since."""
        newer = _REPLACED if ENDS_AT in kept else frozenset()
        self._values |= {name: value for name, value in kept.items() if name not in self._named - newer}

    def take_new(self, given: Mapping[str, str]) -> None:
        """Use what a renewal gave."""
        self._values |= given
