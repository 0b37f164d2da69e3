"""Of exports: jobs that wait, and those of somebody."""

from __future__ import annotations

from store.indexes.shape import Index

EXPORTING: tuple[Index, ...] = (
    Index(
        "ix_export_job_open",
        "export_job",
        ("not_before", "id"),
        ("store.export_jobs.unfinished",),
        "the few jobs that wait or run, among all that were ever made",
        where="state IN ('queued', 'running', 'sending')",
    ),
    Index(
        "ix_export_job_kept",
        "export_job",
        ("ended_at",),
        ("store.export_jobs.kept",),
        "the few whose file is kept, the oldest first",
        where="file IS NOT NULL",
    ),
    Index(
        "ix_export_job_untold",
        "export_job",
        ("id",),
        ("store.export_jobs.untold",),
        "failures of schedules that their owners were not told of",
        where="state = 'failed' AND schedule_id IS NOT NULL AND told_at IS NULL",
    ),
    Index(
        "ix_export_job_period",
        "export_job",
        ("schedule_id", "period"),
        ("store.export_jobs.runs_of",),
        "the last runs of a schedule, and that no period is exported twice",
        unique=True,
    ),
)
