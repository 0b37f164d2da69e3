"""What in a text is a link, a mention or a hashtag: only what is marked so can be clicked. Counted in UTF-8 bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from connectors.bluesky.syntax import HANDLE, is_handle
from connectors.items import Json

_LINK = re.compile(r"(?<![\w/])https?://[^\s<>\"“”«»]+", re.IGNORECASE)
_MENTION = re.compile(rf"(?<![\w@/.])@({HANDLE})(?![\w@])")
_TAG = re.compile(r"(?<![^\s(])[#＃](?=\S)([^\s#＃\u200b]+)")  # noqa: RUF001 -- the wide sign is one of them
_SENTENCE = ".,;:!?…'\")]}»”"
_TAG_GRAPHEMES, _TAG_BYTES = 64, 640


class Sort(StrEnum):
    """What a piece of text is."""

    LINK = "app.bsky.richtext.facet#link"
    MENTION = "app.bsky.richtext.facet#mention"
    TAG = "app.bsky.richtext.facet#tag"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text that can be clicked: from and up to a code point, and the link, handle or tag it stands for."""

    start: int
    end: int
    sort: Sort
    value: str


def pieces(text: str) -> list[Piece]:
    """Everything in a text that could be clicked, in order; inside a link nothing else is."""
    found: list[Piece] = []
    for each in sorted((*_links(text), *_mentions(text), *_tags(text)), key=lambda one: (one.start, -one.end)):
        if not found or each.start >= found[-1].end:
            found.append(each)
    return found


def handles(text: str) -> list[str]:
    """The handles that a text mentions, lower case, each once."""
    return list(dict.fromkeys(each.value for each in pieces(text) if each.sort is Sort.MENTION))


def facets(text: str, dids: Mapping[str, str]) -> list[Json]:
    """The facets of a text.

    Args:
        text: as it is sent.
        dids: DID by lower-case handle; a handle without one stays plain text.
    """
    made: list[Json] = []
    for each in pieces(text):
        start = len(text[: each.start].encode())
        index: Json = {"byteStart": start, "byteEnd": start + len(text[each.start : each.end].encode())}
        feature: dict[str, Json] = {"$type": each.sort.value}
        if each.sort is Sort.MENTION:
            if each.value not in dids:
                continue
            feature["did"] = dids[each.value]
        else:
            feature["uri" if each.sort is Sort.LINK else "tag"] = each.value
        made.append({"index": index, "features": [feature]})
    return made


def _links(text: str) -> Iterator[Piece]:
    for found in _LINK.finditer(text):
        url = found[0].rstrip(".,;:!?…'")
        while url.endswith(")") and url.count(")") > url.count("("):
            url = url[:-1].rstrip(".,;:!?…'")
        if len(url) > len("https://"):
            yield Piece(found.start(), found.start() + len(url), Sort.LINK, url)


def _mentions(text: str) -> Iterator[Piece]:
    for found in _MENTION.finditer(text):
        if is_handle(found[1]):
            yield Piece(found.start(), found.end(), Sort.MENTION, found[1].lower())


def _tags(text: str) -> Iterator[Piece]:
    for found in _TAG.finditer(text):
        tag = found[1].rstrip(_SENTENCE)
        # A number alone is none. Letters are counted by code points, which are never fewer than graphemes.
        if tag and not tag.isdigit() and len(tag) <= _TAG_GRAPHEMES and len(tag.encode()) <= _TAG_BYTES:
            yield Piece(found.start(), found.start() + 1 + len(tag), Sort.TAG, tag)
