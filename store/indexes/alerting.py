"""Of alerts: what fired, and its deliveries."""

from __future__ import annotations

from store.indexes.shape import Index

ALERTING: tuple[Index, ...] = (
    Index(
        "ix_alert_fired",
        "alert",
        ("fired_at", "rule_id"),
        ("store.alerts.latest", "store.alerts.since"),
        "what fired, newest first; every page of the inbox asks whether anything did in the last day",
    ),
    Index(
        "ix_alert_delivery_alert",
        "alert_delivery",
        ("alert_id", "id"),
        ("store.alert_deliveries.of_alerts",),
        "who was told of some alerts",
    ),
    Index(
        "ix_alert_delivery_receiver",
        "alert_delivery",
        ("receiver_id", "created_at", "id"),
        ("store.alert_deliveries.latest_of",),
        "what became of what a receiver was told last",
    ),
    Index(
        "ix_alert_delivery_state",
        "alert_delivery",
        ("state", "not_before", "id"),
        ("store.alert_deliveries.take", "store.alert_deliveries.anything_to_do"),
        "the worker asks every few seconds what is due; a handful among all that was ever sent",
    ),
)
