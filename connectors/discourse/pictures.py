"""Pictures in a post, out of the HTML a forum cooked of it. Quotes and previews of links hold pictures of others."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.items import Media

_NOT_SHOWN = frozenset({"emoji", "avatar", "site-icon", "thumbnail", "onebox-avatar", "ytp-thumbnail-image"})
"""Classes of pictures that nobody attached."""


def pictures_in(cooked: str, base: str) -> Iterator[Media]:
    """Pictures that the author put into a post, in order, each in the largest size that stands there.

    Args:
        cooked: HTML of the post.
        base: address of the forum, for addresses without a host.
    """
    if "<img" not in cooked:
        return
    tree = LexborHTMLParser(cooked)
    for foreign in tree.css("aside"):
        foreign.decompose()
    for image in tree.css("img[src]"):
        if _NOT_SHOWN & set((image.attributes.get("class") or "").split()):
            continue
        address = _whole(_largest(image) or "", base)
        if address is not None:
            width, height = (_pixels(image.attributes.get(name)) for name in ("width", "height"))
            yield Media(address, alt=_described(image.attributes.get("alt")), width=width, height=height)


def _whole(written: str, base: str) -> str | None:
    """The address with its host; None for what is none of the web."""
    try:
        address = urljoin(f"{base}/", written)
        return address if urlsplit(address).scheme in {"http", "https"} else None
    except ValueError:  # a broken address takes no post away
        return None


def _largest(image: LexborNode) -> str | None:
    """The original of a picture that is shown smaller (a lightbox), else the picture."""
    around = image.parent
    if around is not None and "lightbox" in (around.attributes.get("class") or "").split():
        return around.attributes.get("href") or image.attributes.get("src")
    return image.attributes.get("src")


def _described(alt: str | None) -> str | None:
    """What the author wrote; Discourse puts the name of the file where they wrote nothing, and that is one word."""
    return alt if alt and " " in alt.strip() else None


def _pixels(written: str | None) -> int | None:
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 6 else None
