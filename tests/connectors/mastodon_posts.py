"""What an instance answers, whole: every field that Mastodon's contract asks for.

`plain_status` is what servers of other makes send, who leave out what they do not know.
"""

from __future__ import annotations

from typing import Any

from connectors.items import Json

CREATED = "2026-11-22T11:00:00.000Z"


def account(acct: str, host: str, **more: Json) -> dict[str, Json]:
    """The account `acct` (with its own host behind an @ when it is at home elsewhere) as `host` shows it."""
    name, _, home = acct.partition("@")
    picture = f"https://{host}/avatars/original/missing.png"
    return {
        "id": "1",
        "username": name,
        "acct": acct,
        "uri": f"https://{home or host}/users/{name}",
        "url": f"https://{home or host}/@{name}",
        "display_name": name.title(),
        "note": "",
        "avatar": picture,
        "avatar_static": picture,
        "header": picture,
        "header_static": picture,
        "locked": False,
        "bot": False,
        "group": False,
        "indexable": True,
        "created_at": "2020-01-01T00:00:00.000Z",
        "followers_count": 3,
        "following_count": 2,
        "statuses_count": 4,
        "emojis": [],
        "fields": [],
        **more,
    }


def credentials(acct: str, host: str, **more: Json) -> dict[str, Json]:
    """Our own account, as the instance shows it to us."""
    role = {"id": "-99", "name": "", "color": "", "permissions": "65536", "highlighted": False}
    source = {
        "note": "", "fields": [], "privacy": "public", "sensitive": False, "language": None,
        "follow_requests_count": 0, "indexable": True,
    }  # fmt: skip
    return {**account(acct, host), "source": source, "role": role, **more}


def status(key: str, by: dict[str, Json], **more: Any) -> dict[str, Any]:
    """A public post by an account, which nobody reacted to."""
    uri = f"{by['uri']}/statuses/{key}"
    return {
        "id": key,
        "uri": uri,
        "url": f"{by['url']}/{key}",
        "created_at": CREATED,
        "edited_at": None,
        "content": "<p>hallo</p>",
        "account": by,
        "visibility": "public",
        "sensitive": False,
        "spoiler_text": "",
        "language": "nl",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "reblog": None,
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        **more,
    }


def plain_status(key: str, by: dict[str, Json], **more: Any) -> dict[str, Any]:
    """The same post as a server of another make may send it."""
    whole = status(key, by, **more)
    left = ("id", "uri", "created_at", "edited_at", "content", "in_reply_to_id")
    known = {name: by[name] for name in ("id", "username", "acct", "url")}
    return {**{name: whole[name] for name in left}, "account": known, **more}
