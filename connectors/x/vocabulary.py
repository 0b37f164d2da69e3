"""The two vocabularies of X: `tweet_*`, which is on the wire, and `post_*`, which replaces it (OpenAPI 2.160 on)."""

from __future__ import annotations

from connectors.fields import items_of, number_of, part, text_of
from connectors.items import Json

_TWINS = {"reposted": "retweeted"}


def versions_of(post: dict[str, Json]) -> list[str]:
    """The ids of all versions of a post, the first one first."""
    found = items_of(post, "edit_history_tweet_ids") or items_of(post, "edit_history_post_ids")
    return [each for each in found if isinstance(each, str) and each.isdigit()]


def references_of(post: dict[str, Json]) -> dict[str, str]:
    """What a post refers to: id by `replied_to`, `quoted` or `retweeted`."""
    found: dict[str, str] = {}
    for each in items_of(post, "referenced_tweets") or items_of(post, "referenced_posts"):
        if isinstance(each, dict):
            kind, key = text_of(each, "type"), text_of(each, "id")
            if kind is not None and key is not None:
                found[_TWINS.get(kind, kind)] = key
    return found


def note_of(post: dict[str, Json]) -> dict[str, Json]:
    """The whole text of a long post, with its entities; empty for a short one."""
    return part(post, "note_tweet") or part(post, "note_post")


def reposts_of(metrics: dict[str, Json]) -> int | None:
    """How often a post was passed on as it is."""
    old = number_of(metrics, "retweet_count")
    return number_of(metrics, "repost_count") if old is None else old


def included_posts(includes: dict[str, Json]) -> list[Json]:
    """Posts that came along with an answer."""
    return items_of(includes, "tweets") or items_of(includes, "posts")
