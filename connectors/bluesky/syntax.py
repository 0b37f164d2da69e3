"""Names and instants of the AT Protocol: at-URIs, DIDs, handles, TIDs and datetimes.

Source: https://atproto.com/specs (at-uri-scheme, did, handle, tid, lexicon); the protocol's own interop vectors are run
against this module.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.instants import parse_iso

POST, LIKE, THREADGATE = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.threadgate"
_DID = re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]\Z")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
HANDLE = rf"(?:{_LABEL}\.)+[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?"
"""A handle inside a longer pattern."""
_HANDLE = re.compile(rf"{HANDLE}\Z")
_NSID = re.compile(
    rf"{_LABEL.replace('[a-zA-Z0-9]', '[a-zA-Z]', 1)}(?:\.{_LABEL})+\.[a-zA-Z][a-zA-Z0-9]{{0,62}}\Z",
)
_RECORD_KEY = re.compile(r"[a-zA-Z0-9_~.:-]{1,512}\Z")
_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}\Z")
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_DATETIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(?:\.(?P<part>\d{1,20}))?(?P<zone>Z|[+-]\d\d:\d\d)\Z", re.ASCII
)


def is_did(text: str) -> bool:
    """Tell whether a text is a DID: an account's identity, which never changes."""
    return len(text) <= 2048 and _DID.match(text) is not None


def is_handle(text: str) -> bool:
    """Tell whether a text is a handle: a domain name by which an account is known for now."""
    return len(text) <= 253 and _HANDLE.match(text) is not None


def is_record_key(text: str) -> bool:
    """Tell whether a text may name a record within a collection."""
    return text not in {".", ".."} and _RECORD_KEY.match(text) is not None


def is_nsid(text: str) -> bool:
    """Tell whether a text names a collection or a method."""
    return len(text) <= 317 and _NSID.match(text) is not None


def is_tid(text: str) -> bool:
    """Tell whether a text is a TID: a record key made of an instant."""
    return _TID.match(text) is not None


@dataclass(frozen=True, slots=True)
class AtUri:
    """An address of a repository, a collection in it, or one record.

    Attributes:
        authority: DID or handle.
        collection: NSID; "" for the repository itself.
        rkey: record key; "" for the collection itself.
    """

    authority: str
    collection: str = ""
    rkey: str = ""

    @classmethod
    def parse(cls, text: str) -> AtUri:
        """Read an at-URI.

        Raises:
            ValueError: it is none.
        """
        authority, *path = text.removeprefix("at://").split("/")
        named = is_did(authority) or is_handle(authority)
        right = named and len(path) <= 2 and all((is_nsid, is_record_key)[at](part) for at, part in enumerate(path))
        if not text.startswith("at://") or not right or len(text) > 8192:
            msg = f"{text[:200]!r} is no at-URI"
            raise ValueError(msg)
        return cls(authority, *path)

    def __str__(self) -> str:
        return "at://" + "/".join(part for part in (self.authority, self.collection, self.rkey) if part)


def parse_datetime(text: object) -> datetime:
    """Read a datetime into aware UTC; digits beyond microseconds are cut.

    Records in the wild carry other spellings too, so what is no datetime of the protocol but still ISO 8601 is read as
    such.

    Raises:
        ValueError: it is no instant, or lies outside the calendar.
    """
    found = _DATETIME.match(text) if isinstance(text, str) else None
    if found is None:
        return parse_iso(text)
    part = (found["part"] or "0")[:6].ljust(6, "0")
    zone = "+00:00" if found["zone"] == "Z" else found["zone"]
    return parse_iso(f"{found['day']}T{found['time']}.{part}{zone}")


def is_datetime(text: str) -> bool:
    """Tell whether a text is a datetime as the protocol allows it in records."""
    if _DATETIME.match(text) is None or text.endswith("-00:00"):
        return False
    try:
        return parse_datetime(text).year >= 1
    except ValueError:
        return False


def write_datetime(at: datetime) -> str:
    """Write an instant the way the protocol prefers: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tid_for(key: str, at: datetime) -> str:
    """Make a record key of a wish: the same for the same wish, of its instant, and different from other wishes'.

    A TID is an instant in microseconds and ten free bits. The microseconds below a millisecond and the free bits are
    taken from the wish's key: 20 bits keep apart what is wished in the same millisecond.

    Args:
        key: idempotency key of the wish.
        at: aware instant of the wish, after 1970.
    """
    free = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")
    micros = int(at.timestamp() * 1000) * 1000 + free % 1000
    number = (micros << 10) | (free // 1000 % 1024)
    return "".join(_SORTABLE[(number >> shift) & 31] for shift in range(60, -1, -5))
