"""A thread as the network shows it, a tree of posts, read into a list: what is above, oldest first, then what is below.

Read without recursion: a thread may be deeper than a program's stack. Removed and blocked posts in it are left out.
"""

from __future__ import annotations

from connectors.fields import items_of, part
from connectors.items import Json


def posts_of(body: dict[str, Json]) -> list[Json]:
    """The posts of an answer to `getPostThread`: those above the one asked for, itself, and all below it."""
    node = part(body, "thread")
    above: list[Json] = []
    up = part(node, "parent")
    while up:
        above.append(up.get("post"))
        up = part(up, "parent")
    found = list(reversed(above))
    waiting: list[Json] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            found.append(each.get("post"))
            waiting += reversed(items_of(each, "replies"))
    return [post for post in found if isinstance(post, dict)]
