"""Of figures: facts by period and by conversation."""

from __future__ import annotations

from store.indexes.shape import Index

FIGURES: tuple[Index, ...] = (
    Index(
        "ix_kpi_fact_period",
        "kpi_fact",
        ("kind", "ended_at"),
        ("store.kpi_facts.of_period",),
        "the facts of a month among those of years; what was taken back is not among them",
        where="retracted_by IS NULL",
    ),
    Index(
        "ix_kpi_fact_begun",
        "kpi_fact",
        ("started_at",),
        ("store.kpi_facts.begun_in",),
        "answer rate and survival curve: first answers to what began in a period, whenever they came; a figure by when "
        "they came must not take it, so it asks for what that one does not say",
        where="kind = 'first_response' AND retracted_by IS NULL AND started_at IS NOT NULL",
    ),
    Index(
        "ix_kpi_fact_cycle",
        "kpi_fact",
        ("conversation_id", "kind", "cycle", "wall_s", "team_id", "started_at"),
        ("store.kpi_facts.arrived", "store.open_work.standing", "store.open_work.unnoted"),
        "whether a cycle has an answer or its deadline was noted, of every conversation that came in a period or is "
        "open: one look each, where all facts of the conversation were read before",
        where="retracted_by IS NULL",
    ),
    Index(
        "ix_kpi_fact_conversation",
        "kpi_fact",
        ("conversation_id", "id"),
        ("store.kpi_facts.all_of_conversation",),
        "what a conversation ever had, taken back or not: undo, and what is made of events of before facts were kept",
    ),
    Index(
        "ix_conversation_arrived",
        "conversation",
        ("first_inbound_at",),
        ("store.kpi_facts.arrived",),
        "what was said first in a period: shares of conversations; alerts about themes count by it too",
    ),
)
