"""Of reports: none twice for one schedule, and quotes that go with what they quote."""

from __future__ import annotations

from store.indexes.shape import Index

REPORTS: tuple[Index, ...] = (
    Index(
        "ix_report_of_schedule",
        "report",
        ("schedule_id", "first"),
        ("store.reports.made_for",),
        "that a schedule makes a report once, and whether it did",
        where="schedule_id IS NOT NULL",
        unique=True,
    ),
    Index(
        "ix_report_quote_report",
        "report_quote",
        ("report_id",),
        ("store.reports.quotes_of",),
        "the quotes of one report among those of years; the primary key is for what goes with a mention",
    ),
)
