"""Sites: the registered domain that an address belongs to, by the public suffix list that comes with its package.

`news.bbc.co.uk` and `www.bbc.co.uk` are one site, `bbc.co.uk`; what people keep under a shared suffix
(`anna.blogspot.com`) is a site of its own. Nothing is ever looked up on the network.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from understanding.links import links

_MOST_LINKS = 50
_LONGEST_HOST = 253
_HOST = re.compile(r"[a-z0-9._-]+")
_suffixes = PublicSuffixList()


def site_of(address: str) -> str | None:
    """The site of a URL or of a bare host name, in lower case, as it is registered (IDNA).

    Returns:
        None when there is no host in it, or when it is nothing but a suffix (`co.uk`).
    """
    text = address.strip()
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:
        return None
    return _registered(host) if host else None


def sites_in(url: str | None, text: str) -> tuple[str, ...]:
    """The sites of an address and of the links in a text, each once, the address first; at most 50 links are read."""
    addresses = [url] if url else []
    if "://" in text:
        addresses += links(text)[:_MOST_LINKS]
    return tuple(dict.fromkeys(site for one in addresses if (site := site_of(one)) is not None))


@lru_cache(maxsize=16_384)
def _registered(host: str) -> str | None:
    """The registered domain of a host; an IP address is a site itself, a name without a dot is none."""
    host = host.rstrip(".").lower()
    if not host or len(host) > _LONGEST_HOST:
        return None
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    if "." not in host or not _HOST.fullmatch(host):
        return None
    return _suffixes.privatesuffix(host)
