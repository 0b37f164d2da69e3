"""Links: which a text holds, and one spelling for each, so that the same page is recognised again."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

_URL = re.compile(r"https?://[^\s<>\"'\u00ab\u00bb\u201c\u201d]+", re.IGNORECASE)
_TRAILING_PUNCTUATION = ".,;:!?…*_~"
_TRACKING = (
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "utm_name", "fbclid", "gclid",
    "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "igshid", "igsh", "li_fat_id", "mc_cid", "mc_eid",
    "yclid", "_hsenc", "_hsmi", "at_medium", "at_campaign", "ns_campaign", "ns_mchannel", "ref_src", "ref_url",
)  # fmt: skip


def links(text: str) -> list[str]:
    """The http(s) links in a plain text, in order, without punctuation that belongs to the sentence."""
    found = []
    for match in _URL.finditer(text):
        url = match[0].rstrip(_TRAILING_PUNCTUATION)
        while url.endswith(")") and url.count(")") > url.count("("):
            url = url[:-1].rstrip(_TRAILING_PUNCTUATION)
        found.append(url)
    return found


def without_links(text: str) -> str:
    """The text with every http(s) link replaced by a space, for steps that read words only."""
    return _URL.sub(" ", text)


# What canonicalizing leaves as it is: most addresses, and it is dear.
_CANONICAL = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/[A-Za-z0-9_~./-]*")


# What is plainly an address of the web: most are, and taking one apart is dear.
_PLAIN = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[!-~]*)?")


def canonical(url: str) -> str | None:
    """One spelling of a link: host lower-case, parameters sorted, fragment and tracking parameters gone.

    Returns:
        None when it is not an http(s) URL with a host.
    """
    if _CANONICAL.fullmatch(url) and "/." not in url:
        return url
    try:
        parts = urlsplit(url.strip())
        if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
            return None
        return str(canonicalize_url(url_query_cleaner(url.strip(), _TRACKING, remove=True, unique=False)))
    except ValueError:
        return None


def web_url(url: str | None) -> str | None:
    """The URL itself when it is http(s) with a host and no credentials in it, else None."""
    if url is None or _PLAIN.fullmatch(url):
        return url
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    fits = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    return url.strip() if fits else None
