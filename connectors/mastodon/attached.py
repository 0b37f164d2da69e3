"""What is attached to a status. Source: https://docs.joinmastodon.org/entities/MediaAttachment/."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.fields import items_of, number_of, part, text_of
from connectors.items import Json, Media, MediaKind

_KINDS = {"image": MediaKind.IMAGE, "gifv": MediaKind.VIDEO, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}


def attached(status: dict[str, Json]) -> Iterator[Media]:
    """Attachments with their descriptions, by the copy of the instance that was asked."""
    for each in items_of(status, "media_attachments"):
        if not isinstance(each, dict):
            continue
        # A server that could not copy a remote file tells "unknown", and only where it was.
        kind = _KINDS.get(text_of(each, "type") or "", MediaKind.FILE)
        address = text_of(each, "url") or text_of(each, "remote_url")
        if address is None:
            continue
        original = part(part(each, "meta"), "original")
        width, height = number_of(original, "width"), number_of(original, "height")
        yield Media(address, kind, text_of(each, "description"), width, height)
