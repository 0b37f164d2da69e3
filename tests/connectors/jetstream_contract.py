"""Holds frames of the network's stream to its lexicon, and the posts in them to theirs.

The lexicon describes version 2 of the wire (`network.bsky.jetstream.subscribeEvents`). We listen to version 1, which
has no contract of its own: the same event, with its number and its instant as `time_us` around it in place of `seq` and
`time` in it (docs/decisions.md). So a frame is rewritten to version 2 and held to that, and its envelope to what
version 1 has.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from connectors.bluesky.syntax import write_datetime
from tests.connectors.contracts import at_hand
from tests.connectors.lexicons import lexicon, misses, record_misses

LEXICON = "network.bsky.jetstream.subscribeEvents"
KINDS = ("commit", "identity", "account")
"""Version 1 never tells of a `sync`, and its notices are not sent."""
PARAMS = {"wantedCollections": "collections", "wantedDids": "dids", "cursor": "cursor"}
"""What version 1 calls the parameters of version 2."""


def checked() -> bool:
    """Whether the lexicon is on this machine."""
    return at_hand("jetstream/lexicons")


def frame_misses(frame: dict[str, Any]) -> list[str]:
    """What in a frame the stream would not send."""
    kind = frame.get("kind")
    if kind not in KINDS:
        return [f"there is no {kind}"]
    found = [f"a frame has no {name}" for name in set(frame) ^ {"did", "time_us", "kind", kind}]
    if found:
        return found
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=frame["time_us"])
    around = {"seq": 1, "did": frame["did"], "time": write_datetime(at)}
    told = {**around, **frame[kind]} if kind == "commit" else {**around, kind: frame[kind]}
    found = misses(lexicon(LEXICON)[kind], LEXICON, told)
    return found + _commit_misses(frame["commit"]) if kind == "commit" else found


def _commit_misses(commit: dict[str, Any]) -> list[str]:
    """What the lexicon says in words only: a removal has neither record nor cid, and everything else has both."""
    has, gone = {"record", "cid"} & set(commit), commit.get("operation") == "delete"
    if has != (set() if gone else {"record", "cid"}):
        return [f"{commit.get('operation')} with {sorted(has)}"]
    return [] if gone else record_misses(commit["record"])


def params_misses(query: str) -> list[str]:
    """What in the question the stream does not know."""
    asked = parse_qsl(query)
    known = lexicon(LEXICON)["main"]["parameters"]["properties"]
    return [f"it takes no {name}" for name, _ in asked if PARAMS.get(name) not in known]
