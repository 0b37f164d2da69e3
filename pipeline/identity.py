"""How a connector's identities become the store's, and back: one rule for items, deletions and remap."""

from __future__ import annotations


def record_namespace(platform: str, namespace: str) -> str:
    """`MentionRecord.namespace` of an item: the platform, or platform and scope."""
    return f"{platform}:{namespace}" if namespace else platform


def item_namespace(platform: str, kept: str) -> str:
    """`Item.namespace` out of a kept namespace; the inverse of `record_namespace`."""
    return kept.removeprefix(platform).removeprefix(":")
