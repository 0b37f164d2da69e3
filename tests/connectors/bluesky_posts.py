"""Posts, accounts and logins as the network writes them; shared by the tests of the Bluesky connector."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

US, JO = "did:plc:acme000000000000000000000", "did:plc:jo0000000000000000000000000"
CID = "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def jwt(ends_at: datetime, **claims: Any) -> str:
    """A token whose end can be read; its signature is nobody's."""
    parts = ({"alg": "none"}, {"exp": int(ends_at.timestamp()), **claims})
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts) + ".x"


def kept_login(pds: str = "https://pds.example") -> dict[str, str]:
    return {"did": US, "handle": "acme.example", "pds": pds, "access_token": "an-access", "refresh_token": "a-renewal"}


def uri_of(key: str, did: str = JO) -> str:
    return f"at://{did}/app.bsky.feed.post/{key}"


def ref(uri: str, cid: str = CID) -> dict[str, str]:
    return {"uri": uri, "cid": cid}


def record(text: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"$type": "app.bsky.feed.post", "text": text, "createdAt": stamp(at), "langs": ["nl"], **more}


def author(did: str = JO, **more: Any) -> dict[str, Any]:
    return {"did": did, "handle": "acme.example" if did == US else "jo.example", **more}


def view(key: str, text: str, at: datetime, *, did: str = JO, **more: Any) -> dict[str, Any]:
    """A post as search, threads and feeds show it; `reply` and `facets` go into its record."""
    written = {name: more.pop(name) for name in ("reply", "facets", "tags") if name in more}
    if "embed_record" in more:
        written["embed"] = more.pop("embed_record")
    return {
        "uri": uri_of(key, did),
        "cid": CID,
        "author": author(did),
        "record": record(text, at, **written),
        "replyCount": 0,
        "likeCount": 0,
        "repostCount": 0,
        "indexedAt": stamp(at),
        "viewer": {"threadMuted": False},
        "labels": [],
        **more,
    }


def notification(key: str, text: str, at: datetime, **more: Any) -> dict[str, Any]:
    shown = view(key, text, at, **more)
    kept = {name: shown[name] for name in ("uri", "cid", "author", "record", "indexedAt", "labels")}
    return {**kept, "reason": "mention", "isRead": False}
