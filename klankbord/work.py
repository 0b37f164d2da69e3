"""The worker's process: collecting, and the periodic duties of the whole house."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from datetime import timedelta

from inbox import clockwork
from inbox.alerts import deliveries as alert_orders
from inbox.alerts import watching
from inbox.desk import Desk
from inbox.export_jobs import background as exports
from inbox.measuring import retelling, snapshots
from inbox.persons.gathering import gather
from inbox.replying.settle import Settling
from inbox.reports import making, scheduling
from inbox.themes import background as themes
from inbox.tone import refitting, sampling, second_tier
from inbox.trends import counting as tops
from inbox.workspace.recompute import recompute
from klankbord import compose, outside, pushed
from klankbord.again import Shift, deepening, keys_are_needed, refolding
from klankbord.config import Config
from klankbord.exporting import Exporter
from pipeline import heap
from pipeline.alerting import Alerting
from pipeline.collect import Collector
from pipeline.deliver import Deliverer
from pipeline.duties import Duty
from pipeline.http.client import PoliteClient
from pipeline.mailing import Mailer
from pipeline.pictures.fetching import Pictures
from pipeline.rechecking import Rechecker
from pipeline.reenriching import Reenrichment
from pipeline.told import Deliveries
from pipeline.worker import Worker, WorkerSettings, install_signals
from store.accounts import forget_ended
from store.duties import tell_changes
from store.engine import Store
from store.intake import forget_seen
from store.retention import enforce
from store.upkeep import forget_near_keys, forget_unmatched, optimize
from understanding.vectors import why_not

ENDED_KEPT = timedelta(days=30)
"""How long sessions and one-time links that ended stay in the database."""
UNMATCHED_KEPT = timedelta(days=30)
"""How long items that no brand query matched stay for the query lab."""

DELIVERIES_KEPT = timedelta(days=30)
"""How long deliveries are remembered, so that none is taken twice; longer than any `Signing.window`."""
NEAR_KEYS_KEPT = timedelta(days=62)
"""Twice the stretch in which copies fold: what is collected late still finds what it repeats."""


async def run_worker(config: Config) -> None:
    """Collect and tidy up until SIGTERM or SIGINT.

    Raises:
        StoreError: the database cannot be reached at start-up.
    """
    settings = config.collect_settings()
    with compose.opened(config) as store:
        async with (
            outside.collecting(store, settings, vault=compose.vault(store, config)) as collector,
            PoliteClient(outside.limits(settings), clock=compose.utc_now) as client,
        ):
            alerting = alerting_of(store, config, client)
            deliverer = Deliverer(collector, config.sources, Settling(Desk(store, config.inbox_settings())))
            rechecker = Rechecker(collector, config.sources)
            deliveries = Deliveries(collector, config.sources, pushed.sources_of(config))
            pictures = Pictures(collector, config.sources, free=compose.disk_left(config))
            exporter = Exporter(store, compose.utc_now)
            worker = Worker(
                collector,
                [source for source in config.sources if source.enabled],
                duties=[
                    *duties(store, config),
                    answering(deliverer),
                    rechecking(rechecker),
                    *told(deliveries, wanted=bool(pushed.sources_of(config))),
                    *fetching(pictures),
                    Duty("making exports", timedelta(seconds=1), exporter.tick),
                    telling(alerting),
                    *reading_again(store, config, collector),
                    *scoring_deeper(store, config),
                ],
                settings=WorkerSettings(concurrency=config.concurrency),
                clock=compose.utc_now,
            )
            install_signals(worker)
            heap.set_aside()
            await worker.run()
            await exporter.stop()
            await deliverer.drain(worker.settings.grace)
            await rechecker.drain(worker.settings.grace)
            await deliveries.drain(worker.settings.grace)
            await pictures.drain(worker.settings.grace)
            await alerting.drain(worker.settings.grace)


def answering(deliverer: Deliverer) -> Duty:
    """Sending what waits in the outbox. A tick only starts it, so that no platform delays another."""
    return Duty("sending answers", timedelta(seconds=1), deliverer.tick)


def rechecking(rechecker: Rechecker) -> Duty:
    """Asking platforms about kept items again. A tick only starts it."""
    return Duty("asking about kept items", timedelta(seconds=5), rechecker.tick)


def told(deliveries: Deliveries, *, wanted: bool) -> Sequence[Duty]:
    """Reading what was pushed, where anything may. A tick only starts it."""
    if not wanted:
        return ()
    return (Duty("reading what was pushed", timedelta(seconds=1), deliveries.tick),)


def fetching(pictures: Pictures) -> Sequence[Duty]:
    """Fetching pictures, and keeping them within their bounds. A tick only starts it."""
    return (
        Duty("fetching pictures", timedelta(seconds=1), pictures.tick),
        Duty("dropping old pictures", timedelta(minutes=10), pictures.tidy),
    )


def alerting_of(store: Store, config: Config, client: PoliteClient) -> Alerting:
    """What tells receivers of alerts, but for those who are told by mail."""
    desk = compose.desk(store, config)
    return Alerting(store, client, lambda row: alert_orders.order(desk, row), compose.utc_now)


def telling(alerting: Alerting) -> Duty:
    """Telling receivers of alerts. A tick only starts it."""
    return Duty("telling alerts", timedelta(seconds=2), alerting.tick)


def reading_again(store: Store, config: Config, collector: Collector) -> Sequence[Duty]:
    """Reading kept mentions again after the version of what reads them changed."""
    if not config.re_enrich:
        return ()
    owner = f"{socket.gethostname()}:{os.getpid()}"
    now = compose.utc_now
    shift = Shift(store, config, lambda: Reenrichment(collector.enricher().meaning), owner=owner, clock=now)
    folds = Shift(store, config, lambda: refolding(config, collector.enricher().meaning.code), owner=owner, clock=now)
    return (
        Duty("reading kept messages again", timedelta(seconds=5), shift.run),
        Duty("folding kept copies anew", timedelta(seconds=5), folds.run),
    )


def scoring_deeper(store: Store, config: Config) -> Sequence[Duty]:
    """Scoring tone with the second tier, where it is installed."""
    if not config.second_tier or why_not():
        return ()
    owner = f"{socket.gethostname()}:{os.getpid()}"
    shift = Shift(
        store, config, lambda: deepening(store, config, compose.utc_now()), owner=owner, clock=compose.utc_now
    )
    settings = config.inbox_settings()
    return (
        Duty("scoring tone with the second tier", timedelta(seconds=5), shift.run),
        Duty(
            "teaching the second tier",
            timedelta(minutes=20),
            lambda: second_tier.tick(store, settings, compose.utc_now()),
        ),
    )


def duties(store: Store, config: Config, clock: compose.Clock = compose.utc_now) -> Sequence[Duty]:
    """What the worker does beside collecting, and how often."""
    settings = config.inbox_settings()
    return (
        Duty(
            "routing, snoozes and lapsed claims", timedelta(seconds=2), lambda: clockwork.tick(store, settings, clock())
        ),
        Duty(
            "due times after a change of teams",
            timedelta(seconds=10),
            lambda: recompute(store, settings, clock()),
        ),
        Duty(
            "looking for accounts of one person",
            timedelta(seconds=30),
            lambda: gather(store, settings, clock()),
        ),
        Duty(
            "forgetting unmatched items",
            timedelta(hours=1),
            lambda: forget_unmatched(store, before=clock() - UNMATCHED_KEPT),
        ),
        Duty(
            "forgetting what old copies were found by",
            timedelta(hours=1),
            lambda: (
                None if keys_are_needed(store, clock()) else forget_near_keys(store, before=clock() - NEAR_KEYS_KEPT)
            ),
        ),
        Duty(
            "forgetting old deliveries",
            timedelta(hours=1),
            lambda: forget_seen(store, before=clock() - DELIVERIES_KEPT),
        ),
        Duty(
            "forgetting ended sessions",
            timedelta(hours=1),
            lambda: forget_ended(store, before=clock() - ENDED_KEPT),
        ),
        Duty("erasing what may not be kept longer", timedelta(minutes=1), lambda: enforce(store, now=clock())),
        Duty("telling mentions of changed duties", timedelta(seconds=10), lambda: tell_all(store)),
        Duty("filling in facts of earlier steps", timedelta(seconds=10), lambda: retelling.fill(store, settings)),
        Duty("noting how the backlog stands", timedelta(minutes=1), lambda: snapshots.snapshot(store, clock())),
        Duty("noting missed deadlines", timedelta(minutes=1), lambda: snapshots.note_missed(store, settings, clock())),
        Duty("reports that are due", timedelta(minutes=5), lambda: scheduling.tick(store, settings, clock())),
        Duty("learning from corrected tones", timedelta(minutes=20), lambda: refitting.tick(store, settings, clock())),
        Duty("drawing the sample to label", timedelta(hours=1), lambda: sampling.tick(store, settings, clock())),
        Duty("asking for scheduled exports", timedelta(seconds=30), lambda: exports.tick(store, settings, clock())),
        Duty("removing old exports", timedelta(minutes=10), lambda: exports.tidy(store, settings, clock())),
        *sending(store, config, clock),
        Duty("linking to themes", timedelta(seconds=5), lambda: themes.link(store, settings, clock())),
        Duty("counting phrases", timedelta(minutes=10), lambda: themes.count(store, settings, clock())),
        Duty("counting who and what stands out", timedelta(minutes=10), lambda: tops.count(store, settings, clock())),
        Duty("learning from links to themes", timedelta(minutes=10), lambda: themes.learn(store, clock())),
        Duty("looking for spikes", watching.EVERY, lambda: watching.tick(store, settings, clock())),
        Duty("optimising the store", timedelta(hours=24), lambda: optimize(store), at_start=False),
    )


def tell_all(store: Store) -> None:
    """Tell all kept mentions of changed duties, in transactions that agents do not notice."""
    while tell_changes(store):
        pass


def sending(store: Store, config: Config, clock: compose.Clock) -> Sequence[Duty]:
    """Sending mail, where the configuration says how."""
    if config.mail is None:
        return ()
    desk = Desk(store, config.inbox_settings(), clock)
    mailer = Mailer(store, config.mail, clock, attaching=lambda report_id: making.attached(desk, report_id))
    return (Duty("sending mail", timedelta(seconds=5), mailer.run),)
