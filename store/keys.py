"""How identities are spelt inside the store."""

from __future__ import annotations


def conversation_key(namespace: str, external_id: str) -> str:
    """Key of the conversation whose root is this item. Namespaces hold no line feed, so keys cannot collide."""
    return f"{namespace}\n{external_id}"
