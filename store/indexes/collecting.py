"""Of collecting: what was read, what is missing, what waits to be read."""

from __future__ import annotations

from store.indexes.shape import WHOLE, Index

COLLECTING: tuple[Index, ...] = (
    Index(
        "ix_gap_open",
        "gap",
        ("source_id", "query_id", "start_at"),
        ("store.coverage.open_gaps", "store.source_health.source_health"),
        "gaps that are still open, among all that ever were",
        where="filled_at IS NULL",
    ),
    Index(
        "ix_run_source",
        "run",
        ("source_id", "id", "duplicate"),
        ("store.source_health.last_runs", "store.source_health.totals"),
        "the last runs of a source; its duplicates are added up from the index alone",
    ),
    Index(
        "ix_unmatched_found",
        "unmatched",
        ("found_at",),
        ("store.upkeep.forget_unmatched",),
        "only the last 30 days are kept",
    ),
    Index(
        "ix_quarantine_waiting",
        "quarantine",
        ("source_id", "id"),
        ("store.quarantine.list_quarantine", "store.source_health.quarantined_by_source"),
        "unreadable items that still wait",
        where="released_at IS NULL",
    ),
    Index(
        "ix_quarantine_answer",
        "quarantine",
        ("source_id", "payload_sha256"),
        ("store.quarantine.waiting_answers",),
        "every look into a folder asks which files broke their parser; in the table that stands behind the payloads",
        where=f"released_at IS NULL AND {WHOLE}",
    ),
    Index(
        "ix_intake_waiting",
        "intake",
        ("not_before", "id"),
        ("store.intake.waiting", "store.intake.take_some", "store.intake.full"),
        "the worker asks every second what platforms pushed; usually it holds nothing",
        where="body IS NOT NULL",
    ),
    Index(
        "ix_intake_received",
        "intake",
        ("received_at",),
        ("store.intake.forget_seen",),
        "deliveries are remembered for a month",
    ),
)
