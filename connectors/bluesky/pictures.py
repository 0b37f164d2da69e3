"""What is attached to a post: from its view, which names addresses, or from its bare record, which names blobs."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.fields import items_of, part, text_of
from connectors.items import Json, Media, MediaKind

CDN = "https://cdn.bsky.app/img/feed_fullsize/plain"
"""Where the network's own app fetches pictures: by the author's DID and the blob's CID."""
_MOST = 10


def pictures_of(view: dict[str, Json], record: dict[str, Json], did: str) -> tuple[Media, ...]:
    """Attachments of a post, at most ten; quoted posts' own are left to those posts.

    The network tells proportions, no pixels, so sizes stay unknown.
    """
    shown = part(view, "embed")
    found = list(_shown(part(shown, "media") or shown)) if shown else []
    if not found:
        kept = part(record, "embed")
        found = list(_kept(part(kept, "media") or kept, did))
    return tuple(found[:_MOST])


def _shown(embed: dict[str, Json]) -> Iterator[Media]:
    for each in (*items_of(embed, "images"), *items_of(embed, "items")):
        if isinstance(each, dict) and (url := text_of(each, "fullsize")):
            yield Media(url, alt=text_of(each, "alt"))
    if playlist := text_of(embed, "playlist"):
        yield Media(playlist, MediaKind.VIDEO, alt=text_of(embed, "alt"))
    if still := text_of(embed, "thumbnail"):
        yield Media(still, alt=text_of(embed, "alt"))


def _kept(embed: dict[str, Json], did: str) -> Iterator[Media]:
    for each in (*items_of(embed, "images"), *items_of(embed, "items")):
        if isinstance(each, dict) and (cid := text_of(part(part(each, "image"), "ref"), "$link")):
            yield Media(f"{CDN}/{did}/{cid}@jpeg", alt=text_of(each, "alt"))
