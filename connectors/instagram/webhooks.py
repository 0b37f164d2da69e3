"""What a delivery tells of an account.

A comment is asked for by its id, because that also finds those under advertisements. A mention of our name on somebody
else's media is told here only: there is no list of them. Instagram never tells of a removal.
"""

from __future__ import annotations

from connectors.contract import Query
from connectors.fields import part, text_of
from connectors.instagram.lines import TOLD
from connectors.instagram.options import InstagramOptions
from connectors.instagram.reading import MENTION
from connectors.items import Json
from connectors.meta.webhooks import changes_in
from connectors.webhooks import Delivery, Told

_COMMENTS = frozenset({"comments", "live_comments"})
_MESSAGES = frozenset({"messages", "messaging"})


def told(delivery: Delivery, options: InstagramOptions) -> Told | None:
    """See the contract."""
    own = {options.account, options.page}
    mine = [change for change in changes_in(delivery, "instagram") if change.account in own]
    if not mine:
        return None
    due, ask = False, dict[str, Query]()
    for change in mine:
        value = change.value
        if change.field in _COMMENTS and options.comments:
            comment, media = text_of(value, "id") or text_of(value, "comment_id"), text_of(part(value, "media"), "id")
            if comment is None or media is None:
                due = True
            else:
                ask[comment] = _comment(options, comment, media)
        elif change.field == "mentions" and options.mentions:
            ask |= _mention(options, value)
        else:
            due |= change.field in _MESSAGES and options.messages
    return Told(due, tuple(ask.values()))


def _comment(options: InstagramOptions, comment: str, media: str) -> Query:
    params = {"kind": TOLD, "comment": comment, "media": media}
    return Query(f"{TOLD}:{options.account}", "Comments that Instagram told of", params)


def _mention(options: InstagramOptions, value: dict[str, Json]) -> dict[str, Query]:
    media, comment = text_of(value, "media_id"), text_of(value, "comment_id")
    if media is None:
        return {}
    params = {"kind": MENTION, "media": media, **({} if comment is None else {"comment": comment})}
    query = Query(f"{MENTION}:{options.account}", "Mentions on other people's media", params)
    return {f"mention {comment or media}": query}
