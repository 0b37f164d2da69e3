"""What is told of each message of somebody who asks: its words, what was made of it, and where it went."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import orjson
import zstandard
from sqlalchemy import Connection, Row, select

from inbox.privacy.telling_rows import Asker, columns, told
from store.raw import RawCodec
from store.schema import (
    handed,
    label_item,
    media,
    media_picture,
    mention,
    mention_brand,
    mention_edit,
    mention_html,
    mention_raw,
    mention_source,
    noise_hit,
    query_label,
    report,
    report_quote,
)

_CALLED = {
    "external_id": "id_there",
    "source_id": "source",
    "first_seen_at": "collected_at",
    "erase_at": "erased_at_the_latest",
    "lang": "language",
}
"""Columns that are told under a plainer name."""
VEILED = ("extra", "platform_copy")
"""What a platform tells beside their words may name others; their own words are theirs, whomever they name."""


def messages(conn: Connection, codec: RawCodec, number: int, asker: Asker) -> list[dict[str, Any]]:
    """Their messages in one conversation, oldest first."""
    here = select(mention).where(mention.c.conversation_id == number).order_by(mention.c.sort_at, mention.c.id)
    return [_message(conn, codec, row, asker) for row in conn.execute(here).all() if row.id in asker.said]


def _message(conn: Connection, codec: RawCodec, row: Row[Any], asker: Asker) -> dict[str, Any]:
    facts = {_CALLED.get(name, name): getattr(row, name) for name in columns(mention, "revision")}

    def also(table: Any, *more: str, key: str = "mention_id") -> list[dict[str, Any]]:
        query = select(table).where(table.c[key] == row.id).order_by(*table.primary_key.columns)
        return [told(table, one, key, *more) for one in conn.execute(query)]

    raw = conn.execute(select(mention_raw).where(mention_raw.c.mention_id == row.id)).first()
    html = conn.execute(select(mention_html.c.html).where(mention_html.c.mention_id == row.id)).scalar()
    return {
        **facts,
        "sentiment_set_by_a_person": row.sentiment_corrected_by is not None,
        "labelled_in_samples": [one["label"] for one in also(label_item) if "label" in one],
        "in_samples": also(label_item),
        "brands": sorted(one["brand_id"] for one in also(mention_brand)),
        "found_by": also(mention_source),
        "with_mark_up": html,
        "raw_copy_of": None if raw is None else raw.fetched_at,
        "platform_copy": None if raw is None else _copy(codec, raw, asker),
        "pictures": _pictures(conn, row.id),
        "earlier_texts": [
            {**told(mention_edit, edit, "replaced_at"), "text": edit.text, "until": edit.replaced_at}
            for edit in conn.execute(
                select(mention_edit).where(mention_edit.c.mention_id == row.id).order_by(mention_edit.c.revision)
            )
        ],
        "quoted_in_reports": _quotes(conn, row.id),
        "judged_for_queries": also(query_label, key="item_id"),
        "set_aside_by_noise_rules": also(noise_hit),
        "left_in_exports": also(handed),
    }


def _copy(codec: RawCodec, row: Row[Any], asker: Asker) -> Any:
    """Their part of the platform's own answer."""
    try:
        return asker.naming.part_of(codec.read(bytes(row.payload), row.zdict_id))
    except (LookupError, zstandard.ZstdError, orjson.JSONDecodeError):
        return None


def _quotes(conn: Connection, mention_id: int) -> list[dict[str, Any]]:
    joined = report_quote.join(report, report.c.id == report_quote.c.report_id, isouter=True)
    query = select(report_quote.c.text, report.c.made_at).select_from(joined)
    rows = conn.execute(query.where(report_quote.c.mention_id == mention_id).order_by(report_quote.c.report_id))
    return [{"text": row.text, "made_at": row.made_at} for row in rows]


def _pictures(conn: Connection, mention_id: int) -> list[dict[str, Any]]:
    """What is attached; pictures that are kept as JPEG in base64."""
    query = select(media_picture.c.place, media_picture.c.large).where(media_picture.c.mention_id == mention_id)
    large = {row.place: bytes(row.large) for row in conn.execute(query)}
    attached = conn.execute(select(media).where(media.c.mention_id == mention_id).order_by(media.c.place))
    return [_picture(row, large.get(row.place)) for row in attached]


def _picture(row: Row[Any], jpeg: bytes | None) -> dict[str, Any]:
    return {
        **told(media, row, "alt"),
        "kind": row.kind,
        "description": row.alt,
        "not_kept": "" if jpeg is not None else row.reason or row.state,
        "jpeg": None if jpeg is None else b64encode(jpeg).decode(),
    }


def keys_of(told_messages: Sequence[dict[str, Any]]) -> list[str]:
    """What our answers to these name as what they answer."""
    return [one["id_there"] for one in told_messages]
