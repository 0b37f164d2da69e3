"""Which mentions belong to one conversation. Pure.

Every mention is tied to keys: its own, its thread's root, its parent. Mentions tied to a common key, directly or
through others, are one conversation. Ties are symmetric and kept for keys that are no stored mention yet, so any
order of arrival of a tree of replies ends in the same grouping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store.commit.known import nodes_of
from store.records import MentionRecord


@dataclass(frozen=True, slots=True)
class Group:
    """New mentions of one conversation.

    Attributes:
        members: positions of the records.
        conversations: ids of stored conversations they tie together; none means a new one, several a merge.
        key: key of the conversation if it is new.
        nodes: every key they are tied to.
    """

    members: tuple[int, ...]
    conversations: tuple[int, ...]
    key: str
    nodes: frozenset[str]


def group(records: Sequence[MentionRecord], where: Mapping[str, set[int]]) -> list[Group]:
    """Group new records, given the stored conversations by key; groups in the order of their first record."""
    leader: dict[str, str] = {}

    def find(node: str) -> str:
        root = node
        while leader.setdefault(root, root) != root:
            root = leader[root]
        while leader[node] != root:
            leader[node], node = root, leader[node]
        return root

    ties = [nodes_of(record) for record in records]
    by_conversation: dict[int, str] = {}
    for nodes in ties:
        for node in nodes:
            leader[find(node)] = find(nodes[0])
            for conversation_id in where.get(node, ()):
                # Two keys of one stored conversation tie their mentions together too.
                leader[find(node)] = find(by_conversation.setdefault(conversation_id, node))
    members: dict[str, list[int]] = {}
    for position, nodes in enumerate(ties):
        members.setdefault(find(nodes[0]), []).append(position)
    return [_group(positions, records, ties, where) for positions in members.values()]


def _group(
    positions: Sequence[int],
    records: Sequence[MentionRecord],
    ties: Sequence[Sequence[str]],
    where: Mapping[str, set[int]],
) -> Group:
    nodes = frozenset(node for position in positions for node in ties[position])
    roots = [records[position].thread_key or "" for position in positions]
    own = {ties[position][0] for position in positions}
    key = min(filter(None, roots), default="") or min(nodes - own, default="") or ties[positions[0]][0]
    return Group(
        members=tuple(positions),
        conversations=tuple(sorted({each for node in nodes for each in where.get(node, ())})),
        key=key,
        nodes=nodes,
    )
