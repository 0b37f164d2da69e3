"""Of the query lab."""

from __future__ import annotations

from store.indexes.shape import Index

LAB: tuple[Index, ...] = (
    Index(
        "ix_query_label_brand",
        "query_label",
        ("brand_id", "relevant", "item_id"),
        ("store.lab.said_to_be",),
        "what people said does not belong to a brand, whatever text found it; the primary key leads with the text",
    ),
)
