"""Starting the example: choosing its port, filling it once, and serving it from then on.

The first start lives through ninety days in about a minute: the real collector reads the example's server and drop
folders at each past moment, the inbox routes, and the agents work, all under a clock that is moved along. The database
is filled beside its place and renamed when done, so a broken-off start simply begins again.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import uvicorn

from inbox import clockwork
from inbox.alerts import watching
from inbox.measuring import snapshots
from inbox.themes import background as themes
from inbox.trends import counting as tops
from klankbord import compose, outside
from klankbord.config import Config
from klankbord.console import CommandError, notes, progress
from klankbord.example.agents import Team
from klankbord.example.answers import Answers
from klankbord.example.drop import drop_files
from klankbord.example.server import make_app
from klankbord.example.world import DAYS_BACK, Channel, World, make_world
from pipeline.collect import Collector

PORT_VARIABLE = "KLANKBORD_EXAMPLE_PORT"
_FIRST_PORT = 8503
_FOLDER = Path("data") / "example"
_SOURCES = {
    Channel.NEWS: "nieuws",
    Channel.FORUM: "forum",
    Channel.POST: "chirp",
    Channel.REVIEW: "reviews",
    Channel.MAIL: "mail",
}
_STEP = timedelta(hours=6)
_FORUM_STEP, _FINE_FORUM_STEP = timedelta(days=1), timedelta(minutes=45)
"""A look at the forum reads active topics again, which costs more than a look elsewhere."""
_FINE_STEP = timedelta(minutes=15)
_FINE_DAYS = 7
"""The last days are lived in finer steps, so that the delays that source health shows are those of real polling."""
_PER_STEP = 40
_DROP_EVERY_S = 30.0
_SEED = 4


class _Clock:
    """A clock that the filling moves along."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> None:
        self.now = now


def choose_port(config_file: Path) -> None:
    """Put a port for the example's server into the environment, the same one on every start.

    The port is part of the example's addresses and so of its mentions' identity: it is chosen once, a free one from
    8503 on, and kept beside the example's data.
    """
    if PORT_VARIABLE in os.environ or not config_file.exists() or PORT_VARIABLE not in config_file.read_text("utf-8"):
        return
    state = _State(config_file.parent / _FOLDER)
    if state.port is None:
        state.port = next(port for port in range(_FIRST_PORT, _FIRST_PORT + 100) if _is_free(port))
        state.save()
    os.environ[PORT_VARIABLE] = str(state.port)


def fill(config: Config) -> None:
    """Fill the example's database with ninety days, unless that was done before.

    Raises:
        CommandError: the database is not SQLite, or the port is taken.
    """
    database = _sqlite_file(config)
    folder = database.parent / "example"
    if database.exists():
        return
    state = _State(folder)
    port = _port()
    if not _is_free(port):
        msg = (
            f"port {port} for the example's own sources is taken; stop the other program, or remove {folder}/state.json"
        )
        raise CommandError(msg)
    anchor = datetime.now(UTC).replace(microsecond=0)
    for old in ("posts", "reviews", "mail"):
        shutil.rmtree(folder / old, ignore_errors=True)
    (folder / "answers.jsonl").unlink(missing_ok=True)
    aside = database.with_suffix(".filling")
    for leftover in database.parent.glob(f"{aside.name}*"):
        leftover.unlink()
    notes.print("Filling the inbox with ninety days of the example brand; this is done once.")
    world = make_world(anchor)
    asyncio.run(_live_through(config.model_copy(update={"database": f"sqlite:///{aside}"}), world, folder, port))
    state.anchor = state.dropped_until = anchor
    state.save()
    aside.rename(database)


def serve(config: Config) -> None:
    """Serve the example's feeds and forum as they stand now, and drop its files as time passes, until stopped."""
    folder = _sqlite_file(config).parent / "example"
    state = _State(folder)
    world = make_world(state.anchor or compose.utc_now())
    base_url = f"http://127.0.0.1:{_port()}/"
    ended = threading.Event()

    def keep_dropping() -> None:
        while not ended.wait(_DROP_EVERY_S):
            now = compose.utc_now()
            drop_files(world, folder, state.dropped_until or now, now, base_url)
            state.dropped_until = now
            state.save()

    dropper = threading.Thread(target=keep_dropping, daemon=True)
    dropper.start()
    try:
        app = make_app(world, compose.utc_now, Answers(folder / "answers.jsonl"))
        uvicorn.run(app, host="127.0.0.1", port=_port(), log_level="warning", access_log=False)
    finally:
        ended.set()
        dropper.join(timeout=5)


async def _live_through(config: Config, world: World, folder: Path, port: int) -> None:
    """Let the ninety days pass: collect what is new, route it, and let the agents work."""
    clock = _Clock(world.anchor - timedelta(days=DAYS_BACK, hours=12))
    base_url = f"http://127.0.0.1:{port}/"
    with (
        compose.opened(config, clock=clock, durable=False) as store,
        _served(world, clock, port),
        progress("days", DAYS_BACK) as done,
    ):
        async with outside.collecting(store, config.collect_settings(), clock=clock) as collector:
            team = Team(compose.desk(store, config, clock), clock.set, random.Random(_SEED))  # noqa: S311 - a story
            team.settle_in(clock.now)
            themes.learn(store, clock.now)
            last = clock.now
            for now, channels in _steps(world):
                clock.set(now)
                drop_files(world, folder, last, now, base_url)
                last = now
                await _collect(collector, config, channels, clock)
                _work(config, team, now, world.anchor)
                done(max(0, DAYS_BACK - (world.anchor - now).days))
            clock.set(world.anchor)
            drop_files(world, folder, last, world.anchor, base_url)
            await _collect(collector, config, set(Channel), clock)
            clockwork.tick(store, config.inbox_settings(), world.anchor, limit=10_000)
            team.recognise(world.anchor)
            while themes.count(store, config.inbox_settings(), world.anchor):
                pass
            while tops.count(store, config.inbox_settings(), world.anchor):
                pass
            themes.learn(store, world.anchor)
            team.report(world.anchor)


async def _collect(collector: Collector, config: Config, channels: set[Channel], clock: _Clock) -> None:
    wanted = {_SOURCES[channel] for channel in channels}
    for source in config.sources:
        if source.id in wanted:
            report = await collector.collect(source, now=clock.now)
            if report.failed:
                msg = f"the example's source {source.id} cannot be read: {report.health.text}"
                raise CommandError(msg)


def _work(config: Config, team: Team, now: datetime, anchor: datetime) -> None:
    """Route what came in, and let the team work when it is in; on the last day it lags behind, as teams do."""
    clockwork.tick(team.store, config.inbox_settings(), now, limit=10_000)
    snapshots.snapshot(team.store, now)
    if now < anchor - timedelta(days=_FINE_DAYS) or now.minute < _FINE_STEP.seconds // 60:
        watching.tick(team.store, config.inbox_settings(), now)
    local = now.astimezone(ZoneInfo(config.timezone))
    if local.weekday() >= 5 or not 8 <= local.hour < 20:
        return
    if now < anchor - timedelta(days=_FINE_DAYS):
        team.work(now, _STEP, _PER_STEP)
    elif now < anchor - timedelta(hours=48):
        team.work(now, _FINE_STEP, 3)
    elif local.minute < 15:
        team.work(now, _FINE_STEP, 1)
    team.follow_up(now + _FINE_STEP)


def _steps(world: World) -> Iterator[tuple[datetime, set[Channel]]]:
    """Moments up to the anchor with something new to read or the team in, and the channels that have news."""
    start, fine = world.anchor - timedelta(days=DAYS_BACK), world.anchor - timedelta(days=_FINE_DAYS)
    news: dict[datetime, set[Channel]] = {}
    for at, channel in world.moments():
        coarse, finer = (_FORUM_STEP, _FINE_FORUM_STEP) if channel is Channel.FORUM else (_STEP, _FINE_STEP)
        step = finer if at >= fine else coarse
        seen = start + step * -((start - at) // step)
        if seen < world.anchor:
            news.setdefault(max(start, seen), set()).add(channel)
    hours = (start + number * _STEP for number in range(int((world.anchor - start) / _STEP)))
    moments = news.keys() | set(hours)
    for now in sorted(moments):
        yield now, news.get(now, set())


@contextmanager
def _served(world: World, clock: Callable[[], datetime], port: int) -> Iterator[None]:
    """The example's server in a thread, on the clock of the filling."""
    settings = uvicorn.Config(make_app(world, clock), host="127.0.0.1", port=port, log_level="error", access_log=False)
    server = uvicorn.Server(settings)
    # Named as TCP, because only then asyncio sends small answers at once instead of holding them back for 40 ms.
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen()  # from here on a caller waits for the server rather than being refused
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join(timeout=10)


class _State:
    """What the example remembers between starts, in a small file beside its data."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "state.json"
        kept = orjson.loads(self._file.read_bytes()) if self._file.exists() else {}
        self.port: int | None = kept.get("port")
        self.anchor = _instant(kept.get("anchor"))
        self.dropped_until = _instant(kept.get("dropped_until"))

    def save(self) -> None:
        """Write it aside and rename, so that a crash leaves the old one."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        aside = self._file.with_suffix(".part")
        kept = {"port": self.port, "anchor": self.anchor, "dropped_until": self.dropped_until}
        aside.write_bytes(orjson.dumps(kept))
        aside.rename(self._file)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _port() -> int:
    return int(os.environ.get(PORT_VARIABLE, _FIRST_PORT))


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _sqlite_file(config: Config) -> Path:
    prefix = "sqlite:///"
    if not config.database.startswith(prefix):
        msg = "the example brand lives in SQLite; set `example: false` to use another database"
        raise CommandError(msg)
    return Path(config.database.removeprefix(prefix))
