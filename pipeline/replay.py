"""Reads again what is kept: quarantined items and answers, and the raw payloads of stored mentions.

Both go through the connector's and the enricher's code of today, and through the same commit as fresh pages:
identities stay, so nothing is doubled, and a replay that is broken off may simply be run again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice

from connectors.contract import Connector, Options, Query, Task
from connectors.errors import BadRequest, ConnectorError, FormatChanged
from connectors.items import Item, Json
from pipeline import setaside
from pipeline.collect import Collector
from pipeline.enrich import Enricher
from pipeline.identity import item_namespace, record_namespace
from pipeline.pagecommit import Rows, commits, rows_of, understand
from pipeline.settings import SourceSettings
from pipeline.told import PUSHED
from store import intake
from store.quarantine import QuarantinePayload, QuarantineRow, list_quarantine, mark_released, mark_tried, take
from store.raw import RawCodec, RawRow
from store.records import PageCommit

BATCH = 100


@dataclass(slots=True)
class ReplayReport:
    """What came of a replay.

    Attributes:
        read: quarantined rows, or payloads, that could be read.
        new, changed: mentions added and altered.
        unmatched: read, but no brand query matches any more; a stored mention then stays as it is.
        failed: still unreadable.
        skipped: not tried, with the reason per source.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    unmatched: int = 0
    failed: int = 0
    skipped: dict[str, str] = field(default_factory=dict)


OnProgress = Callable[[ReplayReport], None]


async def retry_quarantine(
    collector: Collector,
    sources: Sequence[SourceSettings],
    *,
    source_id: str | None = None,
    on_progress: OnProgress = lambda _: None,
) -> ReplayReport:
    """Read what waits in quarantine again; what can be read now is stored and released.

    Args:
        collector: gives connectors, enricher and store.
        sources: of the configuration; rows of other sources are skipped.
        source_id: only of this source.
        on_progress: called after each row.
    """
    report, store = ReplayReport(), collector.ledger.store
    by_id = {source.id: source for source in sources}
    after = 0
    while rows := await collector.ledger.read(list_quarantine, store, source_id=source_id, after_id=after, limit=BATCH):
        after = rows[-1].id
        for row in rows:
            source = by_id.get(row.source_id)
            if source is None:
                report.skipped[row.source_id] = "it is not in the configuration any more"
                continue
            await _retry(collector, source, row, report)
            on_progress(report)
    return report


async def _retry(collector: Collector, source: SourceSettings, row: QuarantineRow, report: ReplayReport) -> None:
    ledger = collector.ledger
    kept = await ledger.read(take, ledger.store, row.id)
    if kept is None or row.source_id in report.skipped:
        return
    if row.query_id == PUSHED and not row.whole_answer:
        hook, body, received_at = setaside.open_pushed(kept.payload)
        now = collector.clock()
        await ledger.write(intake.put_back, ledger.store, hook, body, received_at=received_at, now=now)
        await ledger.write(mark_released, ledger.store, row.id, at=now)  # the worker reads it, or sets it aside again
        report.read += 1
        return
    connector = collector.connector(source)
    query = _query(connector, collector.enricher(), row.query_id)
    try:
        rows = await _read_again(collector, connector, source, query, kept)
    except BadRequest as error:
        report.skipped[source.id] = str(error)
        return
    except Exception as error:  # noqa: BLE001 - it was set aside because it breaks things; it may do so again
        report.failed += 1
        await ledger.write(mark_tried, ledger.store, row.id, error=f"{type(error).__name__}: {error}")
        return
    if rows.quarantined and not (rows.mentions or rows.unmatched or rows.deleted):
        report.failed += 1
        await ledger.write(mark_tried, ledger.store, row.id, error=rows.quarantined[0].error)
        return
    proof = _proof(collector, source, query.id, row.found_at)
    await _commit(collector, rows, proof, report)
    await ledger.write(mark_released, ledger.store, row.id, at=collector.clock())
    report.read += 1


async def _read_again(
    collector: Collector, connector: Connector[Options], source: SourceSettings, query: Query, kept: QuarantinePayload
) -> Rows:
    """The rows of a quarantined item or answer, with the code of today."""
    enricher, platform = collector.enricher(), connector.platform
    if not kept.row.whole_answer:
        item = await asyncio.to_thread(connector.reparse, setaside.open_item(kept.payload), None, query)
        return understand([item], enricher, source=source, platform=platform, fetched_at=kept.row.found_at)
    answer = setaside.open_answer(kept.payload)
    task = Task(source.id, query, answer.window)
    response = setaside.rebuild(answer, connector.plan(task))
    page = await collector.reading().parse_apart(connector, task, response)
    return rows_of(page, enricher, source=source, platform=platform, fetched_at=answer.received_at)


async def remap(
    collector: Collector,
    sources: Sequence[SourceSettings],
    *,
    source_id: str | None = None,
    on_progress: OnProgress = lambda _: None,
) -> ReplayReport:
    """Read the raw payloads of stored mentions again, to repair a mapping mistake without collecting again.

    Args:
        collector: gives connectors, enricher and store.
        sources: of the configuration; mentions of other sources are skipped.
        source_id: only mentions this source found first.
        on_progress: called after each batch.
    """
    report, store = ReplayReport(), collector.ledger.store
    by_id: Mapping[str, SourceSettings] = {source.id: source for source in sources}
    codec = await collector.ledger.read(RawCodec, store)
    raw = codec.iter_raw(source_id=source_id, batch=BATCH)
    while rows := await collector.ledger.read(_some, raw):
        for (found_source, _, _), group in groupby(rows, key=lambda r: (r.source_id, r.query_id, r.fetched_at)):
            source = by_id.get(found_source)
            if source is None:
                report.skipped[found_source] = "it is not in the configuration any more"
            elif found_source not in report.skipped:
                await _remap(collector, source, list(group), report)
        on_progress(report)
    return report


def _some(raw: Iterator[RawRow]) -> list[RawRow]:
    return list(islice(raw, BATCH))


async def _remap(
    collector: Collector,
    source: SourceSettings,
    kept: Sequence[RawRow],
    report: ReplayReport,
) -> None:
    """Remap payloads that one query brought at one instant."""
    query_id, at = kept[0].query_id, kept[0].fetched_at
    connector = collector.connector(source)
    query = _query(connector, collector.enricher(), query_id)
    items: list[Item] = []
    for row in kept:
        try:
            items.append(_same_item(connector, row, query))
        except BadRequest as error:
            report.skipped[source.id] = str(error)
            return
        except ConnectorError:
            report.failed += 1
        else:
            report.read += 1
    rows = await asyncio.to_thread(
        understand, items, collector.enricher(), source=source, platform=connector.platform, fetched_at=at
    )
    report.failed += len(rows.quarantined)
    report.unmatched += len(rows.unmatched)
    # the mention stays where it is when no query matches it now: people may have worked on it
    await _commit(collector, Rows(mentions=rows.mentions), _proof(collector, source, query_id, at), report)


def _same_item(connector: Connector[Options], row: RawRow, query: Query) -> Item:
    """The item of a kept payload.

    Raises:
        FormatChanged: the connector now gives it another identity, which would double it.
    """
    payload: Json = row.payload
    item = connector.reparse(payload, item_namespace(connector.platform, row.namespace), query)
    now = (item.external_id, record_namespace(connector.platform, item.namespace))
    if now != (row.external_id, row.namespace):
        msg = f"mention {row.external_id!r} would become {now[0]!r} in {now[1]!r}; it was left as it is"
        raise FormatChanged(msg)
    return item


async def _commit(collector: Collector, rows: Rows, proof: PageCommit, report: ReplayReport) -> None:
    for part in commits(rows, proof):
        result = await collector.ledger.commit(part)
        report.new += result.new
        report.changed += result.changed
        report.unmatched += result.unmatched


def _query(connector: Connector[Options], enricher: Enricher, query_id: str) -> Query:
    """The query of that id; a bare one when the configuration has it no longer."""
    found = {query.id: query for query in connector.queries(enricher.terms())}
    return found.get(query_id, Query(query_id, query_id))


def _proof(collector: Collector, source: SourceSettings, query_id: str, at: datetime) -> PageCommit:
    return PageCommit(
        source_id=source.id,
        query_id=query_id,
        fetched_at=at,
        archive_after_s=int(source.archive_after.total_seconds()),
        timezone=collector.settings.timezone,
    )
