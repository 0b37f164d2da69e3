"""The queries of brands that count now, as far as this release can read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.enrich import read_brand_query
from store import brands
from store.engine import Store
from understanding.query import QueryError


@dataclass(frozen=True, slots=True)
class Queries:
    """Texts by brand id, and what is wrong with newer ones that were passed over, in sentences.

    A version is checked when it is saved, but a later release may read it otherwise; collecting goes on all the same,
    with the newest version that can be read.
    """

    texts: dict[str, str]
    passed_over: tuple[str, ...]


def that_count(store: Store, now: datetime) -> Queries:
    """The newest readable text of every brand; a brand without any is left out, and has its configured one."""
    texts: dict[str, str] = {}
    passed_over: list[str] = []
    for version in reversed(brands.query_versions(store)):
        if version.brand_id in texts or version.valid_from > now:
            continue
        try:
            read_brand_query(version.brand_id, version.text)
        except QueryError as error:
            passed_over.append(f"{error}; an earlier version counts until it is mended in the query lab")
        else:
            texts[version.brand_id] = version.text
    return Queries(texts, tuple(passed_over))
