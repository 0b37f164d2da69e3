"""The little square in front of a card: a letter and a colour per platform. Letters, because logos are trademarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """Letters (one or two), colour of the square (white on it has at least 4.5:1 contrast) and a readable name."""

    letters: str
    colour: str
    name: str


_SIGNS: Mapping[str, Sign] = {
    "feeds": Sign("n", "#64748b", "News"),
    "rss": Sign("n", "#64748b", "News"),
    "news": Sign("n", "#64748b", "News"),
    "discourse": Sign("fo", "#4f46e5", "Forum"),
    "mastodon": Sign("m", "#7c3aed", "Mastodon"),
    "hackernews": Sign("hn", "#c2410c", "Hacker News"),
    "files": Sign("f", "#0f766e", "Files"),
    "push": Sign("p", "#0f766e", "Own system"),
    "trustpilot": Sign("★", "#047857", "Trustpilot"),
    "googlereviews": Sign("★", "#1d6fd1", "Google reviews"),
    "reviews": Sign("★", "#047857", "Reviews"),
    "app_store": Sign("★", "#0369a1", "App Store"),
    "x": Sign("x", "#27272a", "X"),
    "bluesky": Sign("b", "#0369a1", "Bluesky"),
    "facebook": Sign("f", "#1668d6", "Facebook"),
    "instagram": Sign("ig", "#be185d", "Instagram"),
    "linkedin": Sign("in", "#0a66c2", "LinkedIn"),
    "threads": Sign("th", "#27272a", "Threads"),
    "tiktok": Sign("tt", "#27272a", "TikTok"),
    "telegram": Sign("tg", "#1d6fa5", "Telegram"),
    "reddit": Sign("r", "#c2410c", "Reddit"),
    "youtube": Sign("▶", "#b91c1c", "YouTube"),
    "mail": Sign("@", "#475569", "Mail"),
    "email": Sign("@", "#475569", "Mail"),
    "phone": Sign("t", "#0f766e", "Telephone"),
    "shop": Sign("s", "#854d0e", "Shop"),
    "letter": Sign("l", "#475569", "Letter"),
    "chat": Sign("c", "#7c3aed", "Chat"),
    "manual": Sign("h", "#0f766e", "By hand"),
    "forum": Sign("fo", "#4f46e5", "Forum"),
}
# A drop folder may hold anything; what a card shows then follows from what was said.
_OF_FILES: Mapping[str, Sign] = {"review": _SIGNS["reviews"], "message": _SIGNS["mail"], "article": _SIGNS["news"]}
_COLOURS = ("#475569", "#0f766e", "#7c3aed", "#9d174d", "#0369a1", "#854d0e", "#3f6212", "#9f1239")


def sign_of(platform: str, kind: str = "") -> Sign:
    """The sign of a platform; an unknown one gets its first two letters and a colour that stays the same."""
    known = _OF_FILES.get(kind) if platform == "files" and kind in _OF_FILES else _SIGNS.get(platform)
    if known is not None:
        return known
    if kind == "review":
        return Sign("★", "#047857", platform)
    name = platform.replace("_", " ").strip() or "?"
    return Sign(name[:2].lower(), _COLOURS[sum(map(ord, name)) % len(_COLOURS)], name.capitalize())
