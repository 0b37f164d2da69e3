"""What a platform pushes: how it greets and signs, and what one delivery tells of a source. Pure.

A delivery is a reason to look, not a truth of its own: what it tells of is read from the platform in the usual way, so
that deliveries may come late, twice and in any order. Polling alone stays complete.
"""

from __future__ import annotations

import hashlib
import hmac
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

import orjson

from connectors.errors import FormatChanged
from connectors.items import Deleted, Json

if TYPE_CHECKING:
    from connectors.contract import Page, Query


@dataclass(frozen=True, slots=True)
class Delivery:
    """One accepted delivery: its raw body, and when it came in (aware UTC)."""

    body: bytes = field(repr=False)
    received_at: datetime

    def read(self) -> dict[str, Json]:
        """Its body as an object.

        Raises:
            FormatChanged: it is none.
        """
        return read_body(self.body)


@dataclass(frozen=True, slots=True)
class Told:
    """What a delivery tells of one source.

    Attributes:
        due: something is new: the source is to be read now.
        ask: single things to be read now, as lines of work that exist for this delivery only: planned and parsed like
            any other, claiming nothing as covered. For what no list shows, or what one call finds more cheaply.
        deleted: what the platform says was removed.
        spent: what the delivery itself cost, by name of meter.
        page: messages that the delivery itself holds, of a source that nobody can be asked about; of platforms, never.
    """

    due: bool = False
    ask: tuple[Query, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    spent: Mapping[str, float] | None = None
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Greeting:
    """The answer to a platform that asks whether this address is ours."""

    body: bytes
    media_type: str


class Signing(ABC):
    """How one platform greets an address and signs what it pushes there.

    Class attributes:
        window: a delivery that says it is older is not accepted: longer than the platform tries again, and shorter
            than what was seen is remembered, so that a recorded one can never be used again.
        needs_verify_token: the platform sends a word that the person typed there, to show that it is meant.

    Args:
        secrets: what deliveries are signed with; several while one is being replaced.
        verify_token: what the person typed at the platform too; platforms that do not have it ignore it.
    """

    window: ClassVar[timedelta] = timedelta(days=7)
    needs_verify_token: ClassVar[bool] = False

    def __init__(self, secrets: Sequence[str], verify_token: str | None = None) -> None:
        self._secrets = tuple(secret.encode() for secret in secrets)
        self._verify_token = verify_token

    @abstractmethod
    def greet(self, params: Mapping[str, str]) -> Greeting | None:
        """Answer a GET with these query parameters; None when it is no greeting of theirs."""

    @abstractmethod
    def signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the raw body was signed with one of our secrets. Header names are in lower case."""

    def told_at(self, headers: Mapping[str, str], body: bytes) -> datetime | None:  # noqa: ARG002 -- a default
        """When the platform says it sent this (aware UTC); None where it does not say."""
        return None

    def hex_macs(self, message: bytes) -> list[str]:
        """HMAC-SHA256 of a message with each of our secrets, in hex."""
        return [hmac.new(secret, message, hashlib.sha256).hexdigest() for secret in self._secrets]

    def macs(self, message: bytes) -> list[bytes]:
        """The same as bytes."""
        return [hmac.new(secret, message, hashlib.sha256).digest() for secret in self._secrets]


def same(given: str, wanted: str) -> bool:
    """Compare in constant time, whatever characters a stranger sends."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def any_same(given: str, wanted: Sequence[str]) -> bool:
    """Compare with each of some values, without telling by the time taken with which it agreed."""
    return sum(same(given, each) for each in wanted) > 0


def read_body(body: bytes) -> dict[str, Json]:
    """A delivery's body as an object.

    Raises:
        FormatChanged: it is none.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        msg = f"the delivery is no JSON: {error}"
        raise FormatChanged(msg) from error
    if not isinstance(value, dict):
        msg = "the delivery is no object"
        raise FormatChanged(msg)
    return value
