"""The configured address of an API."""

from __future__ import annotations

from urllib.parse import urlsplit


def checked_address(value: str) -> str:
    """The address without a slash at its end.

    Raises:
        ValueError: it is no http(s) address, or it holds a user name or a question mark.
    """
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        msg = f"{value!r} is not the address of an API, such as https://graph.facebook.com"
        raise ValueError(msg)
    return value.rstrip("/")
