"""What a delivery tells of a page.

A comment is asked for by its id, because that also finds those under advertisements, which no list shows. Everything
else is found by reading the page. `remove` is the only word of Facebook that something was taken away.
"""

from __future__ import annotations

from connectors.contract import Query
from connectors.facebook.lines import TOLD
from connectors.facebook.options import FacebookOptions
from connectors.fields import text_of
from connectors.items import Deleted
from connectors.meta.webhooks import changes_in
from connectors.webhooks import Delivery, Told

_POSTS = frozenset({"album", "event", "link", "note", "photo", "post", "share", "status", "video"})
_IN_THE_LISTS = frozenset({"mention", "rating", "ratings"})


def told(delivery: Delivery, options: FacebookOptions) -> Told | None:
    """See the contract. Likes and reactions are no reason to look."""
    mine = [change for change in changes_in(delivery, "page") if change.account == options.page]
    if not mine:
        return None
    due, ask, gone = False, dict[str, Query](), dict[str, None]()
    for change in mine:
        if change.field == "feed":
            item, removed = text_of(change.value, "item"), text_of(change.value, "verb") == "remove"
            post, comment = text_of(change.value, "post_id"), text_of(change.value, "comment_id")
            if item == "comment" and comment is not None and removed:
                gone[comment.rpartition("_")[2]] = None
            elif item == "comment" and comment is not None and post is not None:
                ask[comment] = _query(options, comment, post)
            elif item in _POSTS and post is not None and removed:
                gone[post] = None
            else:
                due |= item in {"comment", "rating", *_POSTS}
        else:
            due |= change.field in _IN_THE_LISTS or (change.field in {"messages", "messaging"} and options.messages)
    wanted = ask if options.posts or options.visitor_posts else {}
    return Told(
        due,
        tuple(each for key, each in wanted.items() if key.rpartition("_")[2] not in gone),
        tuple(map(Deleted, gone)),
    )


def _query(options: FacebookOptions, comment: str, post: str) -> Query:
    params: dict[str, str] = {"kind": TOLD, "comment": comment, "post": post}
    return Query(f"{TOLD}:{options.page}", "Comments that Facebook told of", params)
