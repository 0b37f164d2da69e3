"""What keeps untrusted text inert: response headers, and the only three ways text of others reaches a page.

Two walls. The first is that text of others is only ever shown through `verbatim` (escaped HTML) or a component's
`textContent`, and in labels only through `md_escape`. The second is the Content-Security-Policy, which forbids
every picture, script, font and connection that is not our own, so that a mistake in the first wall leaks nothing.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Streamlit's page carries one inline script (the marker of its prerender state); allowed by its hash only.
_PRERENDER_HASH = "'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='"
# `blob:` is how Streamlit loads the JavaScript of components-v2.
APP_POLICY = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'self' blob: {_PRERENDER_HASH}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "object-src 'none'",
        "base-uri 'self'",
    )
)
FORM_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # To other sites nothing; to ourselves enough that the browser names its origin with a form (see gate.same_origin).
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=\"'@/])")


class SecurityHeaders:
    """ASGI middleware that adds the headers of this module to every answer; an answer's own policy stands."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add headers to the start of the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", APP_POLICY)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def verbatim(text: str) -> str:
    """Text of others as HTML that shows exactly these characters and does nothing. For `st.html` only.

    NUL and lone surrogates become the replacement character, because neither survives the way to a browser.
    """
    sound = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return html.escape(sound, quote=True)


def md_escape(text: str) -> str:
    """Text of others for a label or toast, which Streamlit reads as Markdown: every mark escaped, on one line.

    A backslash before punctuation keeps the character and drops its meaning. Bare addresses (`https://…`, `www.…`)
    would still become links, so their dots and colons are escaped too.
    """
    return _MARKDOWN.sub(r"\\\1", " ".join(text.replace("\x00", "\ufffd").split()))


def safe_url(url: str | None) -> str | None:
    """The URL if it may be opened from the page: http or https with a host and no credentials; else None."""
    if not url or any(ord(sign) < 33 for sign in url):
        return None
    try:
        parts = urlsplit(url)
        has_credentials = parts.username is not None or parts.password is not None
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or has_credentials:
        return None
    return url
