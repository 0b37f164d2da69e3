"""Who may see an answer: as many as see the message, or fewer where the platform can do that. Never more. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox.sentences import Sentence

VISIBILITIES = ("public", "unlisted", "private")
"""Widest first."""
SAID = {"public": Sentence("public"), "unlisted": Sentence("unlisted"), "private": Sentence("private")}
"""The same as a word in a sentence."""


def widest_of(message: str, conversation: str) -> str:
    """How visible an answer may be at most. One private message makes the whole conversation private."""
    seen = message if message in VISIBILITIES else "public"
    return "private" if conversation == "private" else seen


def visibilities_of(capabilities: Mapping[str, Any], message: str, conversation: str) -> tuple[str, ...]:
    """How visible an answer to a message may be, the widest first; empty when it cannot be as narrow as it must."""
    widest = widest_of(message, conversation)
    narrower = VISIBILITIES[VISIBILITIES.index(widest) :]
    if capabilities.get("can_narrow"):
        return narrower
    return (widest,) if widest == (message if message in VISIBILITIES else "public") else ()
