"""Bodies as X writes them, for fakes and servers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.items import Json

US, OUR_NAME = "1111111111", "acme"
_EPOCH_MS = 1288834974657


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def snowflake(at: datetime, number: int = 0) -> str:
    """An id as X gives it out at an instant."""
    return str(((int(at.timestamp() * 1000) - _EPOCH_MS) << 22) + number % (1 << 22))


def user(name: str, **more: Any) -> dict[str, Json]:
    key = (
        US if name == OUR_NAME else str(2_000_000_000 + sum(ord(sign) * 31**at for at, sign in enumerate(name)) % 10**8)
    )
    return {"id": key, "name": name.title(), "username": name, "protected": False, "verified_type": "none", **more}


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mention(text: str, name: str = OUR_NAME) -> dict[str, Json]:
    start = text.casefold().index(f"@{name}")
    return {"start": start, "end": start + len(name) + 1, "username": name, "id": str(user(name)["id"])}


def post(key: str, text: str, at: datetime, author: str = "jo_example", **more: Any) -> dict[str, Json]:
    """A post; one with @acme in it carries the entity that X makes of that."""
    said: dict[str, Json] = {
        "id": key,
        "text": escaped(text),
        "created_at": stamp(at),
        "author_id": user(author)["id"],
        "conversation_id": key,
        "lang": "nl",
        "edit_history_tweet_ids": [key],
        "public_metrics": {
            "retweet_count": 0,
            "reply_count": 1,
            "like_count": 2,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": 88,
        },
        "reply_settings": "everyone",
        **more,
    }
    if f"@{OUR_NAME}" in text.casefold() and "entities" not in more:
        said["entities"] = {"mentions": [mention(text)]}
    return said


def reply_to(key: str, author: str, root: str | None = None) -> dict[str, Json]:
    """The fields that make a post an answer."""
    return {
        "conversation_id": root or key,
        "in_reply_to_user_id": user(author)["id"],
        "referenced_tweets": [{"type": "replied_to", "id": key}],
    }


def page(posts: list[Json], users: list[Json], token: str | None = None) -> dict[str, Json]:
    """An answer as search and timelines give it; what is empty is left out."""
    ids = [str(each["id"]) for each in posts if isinstance(each, dict) and each.get("id")]
    meta: dict[str, Json] = {"result_count": len(posts)}
    if ids:
        meta |= {"newest_id": ids[0], "oldest_id": ids[-1]}
    if token is not None:
        meta["next_token"] = token
    if not posts:
        return {"meta": meta}
    return {"data": posts, "meta": meta} | ({"includes": {"users": users}} if users else {})


def renamed(body: Json) -> Json:
    """The same body in the vocabulary of 2026."""
    twins = {
        "edit_history_tweet_ids": "edit_history_post_ids",
        "referenced_tweets": "referenced_posts",
        "note_tweet": "note_post",
        "retweet_count": "repost_count",
        "tweets": "posts",
    }
    if isinstance(body, dict):
        return {twins.get(key, key): renamed(value) for key, value in body.items()}
    return [renamed(each) for each in body] if isinstance(body, list) else body


def problem(kind: str, title: str, detail: str = "", **more: Any) -> dict[str, Json]:
    return {"title": title, "detail": detail or title, "type": f"https://api.twitter.com/2/problems/{kind}", **more}
