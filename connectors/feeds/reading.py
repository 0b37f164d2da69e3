"""From the bytes of an answer to a feed, or to a clear reason why they are none."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.errors import FormatChanged
from connectors.feeds.addresses import absolute_url
from connectors.feeds.document import Document
from connectors.feeds.jsonfeed import looks_like_json, read_json
from connectors.feeds.xmlfeed import read_xml

#: As much of a page as is looked at to say what it is.
_LOOK_AT = 200_000
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_FEED_LINK = re.compile(r"<link\b([^<>]{1,2000})>", re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:rss\+xml|atom\+xml|feed\+json)", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*["']?([^"'\s>]{1,2000})""", re.IGNORECASE)
_CHALLENGE = re.compile(
    r"just a moment\.\.\.|cf-chl-|cdn-cgi/challenge-platform|attention required! \| cloudflare", re.IGNORECASE
)
_CONSENT = re.compile(r"consent\.(?:google|youtube)\.com", re.IGNORECASE)
_LOGIN = re.compile(r"""<input\b[^<>]{0,500}type\s*=\s*["']?password""", re.IGNORECASE)


def read_feed(body: bytes, headers: Mapping[str, str], url: str) -> Document:
    """Read RSS, RDF, Atom or JSON Feed.

    Args:
        body: the decoded answer.
        headers: of the answer, lower-case names.
        url: where it came from.

    Raises:
        FormatChanged: it is something else, said in a sentence for people.
    """
    if not body.strip(b"\x00\xef\xbb\xbf \t\r\n"):
        msg = "the feed's address gave an empty answer"
        raise FormatChanged(msg)
    if looks_like_json(body):
        return read_json(body, url)
    document = read_xml(body, headers, url)
    if document is None:
        raise FormatChanged(why_no_feed(body, url))
    return document


def is_browser_check(body: bytes) -> bool:
    """Tell whether a page is a proxy's check for browsers, such as Cloudflare's."""
    return _CHALLENGE.search(body[:_LOOK_AT].decode("utf-8", "replace")) is not None


def why_no_feed(body: bytes, url: str) -> str:
    """Say what stands at the address in place of a feed, and what to do about it."""
    page = body[:_LOOK_AT].decode("utf-8", "replace")
    named = _TITLE.search(page)
    title = f" ({' '.join(named[1].split())[:80]!r})" if named and named[1].strip() else ""
    if _CHALLENGE.search(page):
        return f"a browser check{title} stands where the feed was; ask its administrator to let this server in"
    if _CONSENT.search(page):
        return f"a page that asks for consent{title} stands where the feed was; this feed is not open to programs"
    if _LOGIN.search(page):
        return f"a login page{title} stands where the feed was; set username and password, or use an open feed"
    if not re.search(r"<(?:!doctype\s+html|html|head|body)\b", page, re.IGNORECASE):
        return "neither RSS, Atom, RDF nor JSON Feed stands at this address; check it in a browser"
    for link in _FEED_LINK.finditer(page):
        href = _HREF.search(link[1])
        address = absolute_url(href[1], url) if href and _FEED_TYPE.search(link[1]) else None
        if address:
            return (
                f"a web page{title} stands here instead of a feed; the page names {address.split('?')[0]} as its feed"
            )
    return f"a web page{title} stands where the feed was; check the address in a browser"
