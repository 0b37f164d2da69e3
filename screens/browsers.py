"""What a browser calls itself, in words a person knows: "Chrome on Windows". Pure."""

from __future__ import annotations

# In this order: each later one also claims to be the earlier ones.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser(agent: str) -> str:
    """The name of the browser; empty when nobody knows it."""
    return next((name for mark, name in _BROWSERS if mark in agent), "")


def system(agent: str) -> str:
    """The name of what it runs on; empty when nobody knows it."""
    return next((name for mark, name in _SYSTEMS if mark in agent), "")
