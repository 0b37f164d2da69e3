"""Of noise: what each rule hit, and what was set aside."""

from __future__ import annotations

from store.indexes.shape import Index

NOISE: tuple[Index, ...] = (
    Index(
        "ix_noise_rule_updated",
        "noise_rule",
        ("updated_at",),
        ("store.noise.stamp_of_rules",),
        "routing asks for every conversation whether one of ten thousand rules changed",
    ),
    Index(
        "ix_noise_rule_value",
        "noise_rule",
        ("value", "kind"),
        ("store.noise.same_rule",),
        "whether there is a rule about this already; a low-cardinality column never leads",
    ),
    Index(
        "ix_noise_hit_rule",
        "noise_hit",
        ("rule_id", "at", "mention_id", "event_id"),
        ("store.noise.hit_counts", "store.noise.instants_of", "store.noise.n_set_aside"),
        "how often each rule hit, read from the index alone",
    ),
    Index(
        "ix_noise_hit_at",
        "noise_hit",
        ("at", "mention_id"),
        ("store.noise.set_aside",),
        "what was set aside, newest first",
    ),
    Index(
        "ix_noise_hit_conversation",
        "noise_hit",
        ("conversation_id",),
        ("store.noise.standing_in",),
        "whether a conversation was set aside, when somebody writes in it again",
    ),
)
