"""How people reach the dashboard: straight, or through a reverse proxy that ends TLS under a public address.

The public address decides three things that a server behind a proxy cannot see for itself: that cookies are `Secure`,
which Host a websocket may name (against DNS rebinding), and which Origin it may come from. Which proxies may say who
the visitor is (`X-Forwarded-For`, `X-Forwarded-Proto`) is a list of addresses; from all others those headers are words
of a stranger and are not read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from streamlit import config as streamlit_config

# Uvicorn reads it when the server starts, and by itself trusts loopback.
TRUSTED_VARIABLE = "FORWARDED_ALLOW_IPS"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_public = {"https": False}


def is_https(request: HTTPConnection) -> bool:
    """Whether cookies of this answer travel over TLS only."""
    return _public["https"] or request.url.scheme in {"https", "wss"}


def use_public_address(url: str | None) -> None:
    """Accept websockets under this address and on this machine only. Without one, as Streamlit is set up.

    What somebody set by flag, environment or a file of their own stands.
    """
    parts = urlsplit(url or "")
    _public["https"] = parts.scheme == "https"
    if not parts.hostname:
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    for key, value in {
        "server.allowedHosts": [parts.hostname, *_LOOPBACK],
        "server.corsAllowedOrigins": [f"{parts.scheme}://{parts.netloc}"],
        "browser.serverAddress": parts.hostname,
        "browser.serverPort": port,
    }.items():
        if not streamlit_config.is_manually_set(key):
            streamlit_config.set_option(key, value, "public_url of Klankbord's configuration")


def trust_proxies(addresses: Sequence[str]) -> None:
    """Believe these addresses or networks, and nobody else, in who the visitor is. Call before the server starts."""
    os.environ[TRUSTED_VARIABLE] = ",".join(addresses)
