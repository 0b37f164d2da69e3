"""Receivers are told over real servers: once, signed, tried again when that is safe, and never with what is secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connectors.requests import HttpRequest, HttpResponse
from inbox.alerts import deliveries
from inbox.alerts.addresses import checked
from inbox.alerts.views import Kind
from inbox.errors import BadInput, NotFound
from pipeline.alerting import LEASE, Alerting, Outcome, answered
from pipeline.chatting import How, ended
from pipeline.http.client import PoliteClient
from pipeline.http.settings import ClientSettings
from pipeline.mailing import Mailer
from store import alert_deliveries
from store.schema import alert_delivery, alert_receiver, event, outgoing_mail
from tests.inbox.alerts.conftest import Watch
from tests.inbox.alerts.hooks import Hook, hooked
from tests.inbox.alerts.test_watching import spike
from tests.pipeline.mail_server import Postbox, running
from tests.pipeline.test_mailing import NOW
from tests.pipeline.test_mailing import settings as mail_settings

OURS = frozenset({"127.0.0.1"})


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hooked() as found:
        yield found


@asynccontextmanager
async def alerting(watch: Watch, *, allowed: frozenset[str] = OURS) -> AsyncIterator[Alerting]:
    settings = ClientSettings(allow_private_hosts=allowed, read_s=2, total_s=3)
    async with PoliteClient(settings, clock=watch.world.clock) as client:
        yield Alerting(watch.world.store, client, lambda row: deliveries.order(watch.desk, row), watch.world.clock)


async def tell(watch: Watch, *, allowed: frozenset[str] = OURS) -> None:
    async with alerting(watch, allowed=allowed) as told:
        await told.run()


def webhook(watch: Watch, hook: Hook, path: str = "/geheim/pad") -> tuple[int, str]:
    receiver_id, key = watch.inbox.alerts.add_receiver(
        watch.token, name="Ons systeem", kind="webhook", address=f"{hook.url}{path}"
    )
    assert key is not None
    return receiver_id, key


def fire(watch: Watch, *receivers: int) -> None:
    watch.rule(receivers=receivers)
    spike(watch)
    assert watch.tick() == 1


def states(watch: Watch) -> list[tuple[str, int]]:
    return [(one.state, one.attempts) for one in watch.inbox.alerts.deliveries(watch.token)]


async def test_a_webhook_is_told_once_with_what_happened_and_why(watch: Watch, hook: Hook) -> None:
    receiver_id, key = webhook(watch, hook)
    fire(watch, receiver_id)
    await tell(watch)
    await tell(watch)
    (document,) = hook.documents
    assert (document["type"], document["n"], document["rule"]["name"]) == ("alert", 30, "Piek")
    assert document["title"] == "Piek: 30 messages in an hour"
    assert document["link"].startswith("https://webcare.example/alerts?alert=")
    (path, headers, body) = hook.got[0]
    assert path == "/geheim/pad"
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    mac = hmac.new(base64.b64decode(key.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
    assert states(watch) == [("sent", 1)]
    (one,) = watch.inbox.alerts.latest(watch.token)
    assert [told.state for told in one.deliveries] == ["sent"]


async def test_what_was_not_taken_is_tried_again_under_the_same_id(watch: Watch, hook: Hook) -> None:
    receiver_id, _key = webhook(watch, hook)
    hook.script = [500]
    fire(watch, receiver_id)
    await tell(watch)
    assert states(watch) == [("queued", 1)]
    await tell(watch)
    assert len(hook.got) == 1  # not before its pause is over
    watch.world.clock.step(minutes=2)
    await tell(watch)
    assert states(watch) == [("sent", 2)]
    assert len({headers["webhook-id"] for _path, headers, _body in hook.got}) == 1


async def test_a_receiver_that_asks_for_patience_gets_it(watch: Watch, hook: Hook) -> None:
    receiver_id, _key = webhook(watch, hook)
    hook.script = [(429, {"retry-after": "1800"})]
    fire(watch, receiver_id)
    await tell(watch)
    (one,) = watch.inbox.alerts.deliveries(watch.token)
    assert one.next_at is not None
    assert one.next_at >= watch.world.clock() + timedelta(minutes=29)
    watch.world.clock.step(minutes=20)
    await tell(watch)
    assert len(hook.got) == 1
    watch.world.clock.step(minutes=12)
    await tell(watch)
    assert states(watch) == [("sent", 2)]


async def test_without_an_answer_nobody_knows_so_only_a_person_tells_it_again(watch: Watch, hook: Hook) -> None:
    receiver_id, _key = webhook(watch, hook)
    hook.script = ["drop"]
    fire(watch, receiver_id)
    await tell(watch)
    assert states(watch) == [("unknown", 1)]
    watch.world.clock.step(days=3)
    await tell(watch)
    assert len(hook.got) == 1
    (one,) = watch.inbox.alerts.deliveries(watch.token)
    watch.inbox.alerts.send_again(watch.token, one.id)
    await tell(watch)
    assert states(watch) == [("sent", 1)]
    with pytest.raises(BadInput):
        watch.inbox.alerts.send_again(watch.token, one.id)


@pytest.mark.parametrize("status", [404, (302, {"location": "/elders"})])
async def test_a_receiver_that_refuses_shows_it_and_is_left_alone(watch: Watch, hook: Hook, status: Any) -> None:
    receiver_id, _key = webhook(watch, hook)
    hook.script = [status]
    fire(watch, receiver_id)
    await tell(watch)
    assert states(watch) == [("failed", 1)]
    (receiver,) = watch.inbox.alerts.receivers(watch.token)
    assert receiver.last is not None
    assert receiver.last.stuck
    assert receiver.last.error_text
    assert "geheim" not in receiver.last.error_text


async def test_what_never_left_is_tried_again_until_it_has_been_enough(watch: Watch) -> None:
    with hooked() as gone:
        receiver_id, _key = webhook(watch, gone)
    fire(watch, receiver_id)
    async with alerting(watch) as told:
        for _ in range(12):
            await told.run()
            watch.world.clock.step(days=1)
    assert states(watch) == [("failed", 10)]


async def test_a_webhook_may_not_lead_inside_unless_the_configuration_says_so(watch: Watch, hook: Hook) -> None:
    receiver_id, _key = webhook(watch, hook)
    fire(watch, receiver_id)
    await tell(watch, allowed=frozenset())
    assert hook.got == []
    assert states(watch) == [("failed", 1)]


async def test_a_chat_is_told_through_apprise(watch: Watch, hook: Hook) -> None:
    receiver_id = chat(watch, hook, "mmost")
    fire(watch, receiver_id)
    await tell(watch)
    assert states(watch) == [("sent", 1)]
    assert len(hook.got) == 1
    said = hook.got[0][2].decode()
    assert "30 messages in an hour" in said
    assert "https://webcare.example/alerts?alert=" in said


@pytest.mark.slow
@pytest.mark.parametrize(("what", "state"), [(500, "queued"), (403, "failed"), ("drop", "unknown"), ("away", "queued")])
async def test_what_a_chat_answers_decides_whether_it_is_told_again(watch: Watch, what: Any, state: str) -> None:
    with hooked() as hook:
        receiver_id = chat(watch, hook, "ntfy")
        hook.script = [what]
        fire(watch, receiver_id)
        if what != "away":
            await tell(watch)
    if what == "away":
        await tell(watch)
    assert states(watch) == [(state, 1)]


async def test_a_chat_may_not_lead_inside_either(watch: Watch, hook: Hook) -> None:
    receiver_id = chat(watch, hook, "mmost")
    fire(watch, receiver_id)
    await tell(watch, allowed=frozenset())
    assert hook.got == []
    assert states(watch) == [("failed", 1)]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.SENT),
        (204, Outcome.SENT),
        (400, Outcome.REFUSED),
        (401, Outcome.REFUSED),
        (408, Outcome.LATER),
        (410, Outcome.REFUSED),
        (429, Outcome.LATER),
        (503, Outcome.LATER),
    ],
)
def test_a_status_says_whether_it_was_taken(status: int, outcome: Outcome) -> None:
    response = HttpResponse(HttpRequest("https://hooks.example/x"), status, {}, b"", "", NOW)
    assert answered(response).outcome is outcome


@pytest.mark.parametrize(
    ("lines", "how"),
    [
        (["Failed to send Slack notification: Forbidden, error=403."], How.REFUSED),
        (["Failed to send: Too many, error=429.", "more"], How.LATER),
        (["Failed to send ntfy notification to topic 'x': , error=502."], How.LATER),
        (["Socket Exception: Max retries exceeded (Caused by NewConnectionError(...))"], How.LATER),
        (["Socket Exception: ('Connection aborted.', RemoteDisconnected(...))"], How.UNKNOWN),
        (["Socket Exception: Read timed out."], How.UNKNOWN),
        ([], How.UNKNOWN),
    ],
)
def test_what_a_chat_logged_says_whether_it_may_have_arrived(lines: list[str], how: How) -> None:
    assert ended(lines)[0] is how


def chat(watch: Watch, hook: Hook, scheme: str) -> int:
    host = hook.url.removeprefix("http://")
    address = f"{scheme}://{host}/{'a' * 26}"
    return watch.inbox.alerts.add_receiver(watch.token, name="Kanaal", kind="chat", address=address)[0]


def test_mail_goes_by_the_queue_of_mail_and_is_shown_with_the_rest(watch: Watch) -> None:
    receiver_id, key = watch.inbox.alerts.add_receiver(
        watch.token, name="De baas", kind="mail", address="baas@acme.example"
    )
    assert key is None
    fire(watch, receiver_id)
    assert states(watch) == [("queued", 0)]
    box = Postbox()
    with running(box) as port:
        Mailer(watch.world.store, mail_settings(port), watch.world.clock, timeout_s=5).run()
    (mail,) = box.got
    assert mail["To"] == "baas@acme.example"
    assert mail["Subject"] == "Piek: 30 messages in an hour"
    assert "too little history" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert states(watch) == [("sent", 1)]


def test_a_mail_that_quotes_somebody_goes_when_they_are_erased(watch: Watch) -> None:
    receiver_id, _key = watch.inbox.alerts.add_receiver(
        watch.token, name="De baas", kind="mail", address="baas@acme.example"
    )
    fire(watch, receiver_id)
    (one,) = watch.inbox.alerts.latest(watch.token)
    assert one.first is not None
    with watch.world.store.read() as conn:
        row = conn.execute(select(outgoing_mail)).one()
    assert row.conversation_id == one.first.conversation_id
    assert "Wat een storing" in row.text


async def test_a_test_tells_a_receiver_that_it_can_be_told(watch: Watch, hook: Hook) -> None:
    receiver_id, _key = webhook(watch, hook)
    watch.inbox.alerts.test(watch.token, receiver_id)
    await tell(watch)
    assert [one["type"] for one in hook.documents] == ["test"]
    (one,) = watch.inbox.alerts.deliveries(watch.token)
    assert (one.state, one.alert_id) == ("sent", None)


async def test_a_receiver_out_of_use_is_told_no_more(watch: Watch, hook: Hook) -> None:
    receiver_id, _key = webhook(watch, hook)
    fire(watch, receiver_id)
    watch.inbox.alerts.end_receiver(watch.token, receiver_id)
    await tell(watch)
    assert hook.got == []
    assert states(watch) == [("failed", 1)]
    with pytest.raises(NotFound):
        watch.inbox.alerts.test(watch.token, receiver_id)
    with watch.world.store.read() as conn:
        assert conn.execute(select(alert_receiver.c.sealed)).scalars().all() == [None]


async def test_one_receiver_in_trouble_stops_no_other(watch: Watch, hook: Hook) -> None:
    with hooked() as other:
        first, _key = webhook(watch, other)
        hook.script = []
        second, _key = watch.inbox.alerts.add_receiver(
            watch.token, name="Ander", kind="webhook", address=f"{hook.url}/b"
        )
        other.script = ["drop"]
        fire(watch, first, second)
        await tell(watch)
    assert sorted(states(watch)) == [("sent", 1), ("unknown", 1)]


async def test_what_a_worker_that_died_had_in_its_hands_is_not_told_again_by_itself(watch: Watch, hook: Hook) -> None:
    receiver_id, _key = webhook(watch, hook)
    fire(watch, receiver_id)
    now = watch.world.clock()
    with watch.world.store.write() as conn:
        (row,) = alert_deliveries.take(conn, now=now, lease=LEASE, limit=1)
        assert alert_deliveries.handing_over(conn, row.id, now=now, lease=LEASE)
        assert not alert_deliveries.handing_over(conn, row.id, now=now, lease=LEASE)
    await tell(watch)
    assert states(watch) == [("sending", 1)]
    watch.world.clock.step(minutes=4)
    await tell(watch)
    assert states(watch) == [("unknown", 1)]
    assert hook.got == []


async def test_no_address_and_no_key_is_ever_shown_logged_or_recorded(
    watch: Watch, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver_id, key = webhook(watch, hook, "/zeergeheim")
    hook.script = [404, "drop"]
    fire(watch, receiver_id, chat(watch, hook, "mmost"))
    await tell(watch)
    alerts = watch.inbox.alerts
    shown = repr((alerts.receivers(watch.token), alerts.deliveries(watch.token), alerts.latest(watch.token)))
    with watch.world.store.read() as conn:
        kept = repr([conn.execute(select(one)).all() for one in (alert_delivery, alert_receiver, event)])
    logged = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("pipeline", "inbox"))
    )
    for secret in ("zeergeheim", key, "a" * 26):
        assert secret not in shown
        assert secret not in kept
        assert secret not in logged


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("webhook", ""),
        ("webhook", "ftp://host.example/x"),
        ("webhook", "https://user:pass@host.example/x"),
        ("webhook", "https://"),
        ("webhook", "https://host.example/\x00"),
        ("webhook", "https://host.example/" + "x" * 100_000),
        ("webhook", "🔥🔥🔥"),
        ("webhook", "\u202ehttps://host.example"),
        ("mail", "geen adres"),
        ("mail", "a@b.example\r\nBcc: x@y.example"),
        ("chat", "json://127.0.0.1/x"),
        ("chat", "mailto://a:b@gmail.com"),
        ("chat", "syslog://"),
        ("chat", "dbus://"),
        ("chat", "file:///etc/passwd"),
        ("chat", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#een/#twee"),
        ("chat", "z̷̧̢͎͓̟a̴̡̛͖l̶̢g̷o"),
    ],
)
def test_an_address_that_cannot_be_told_is_refused_in_words(kind: str, address: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked(Kind(kind), address)
    assert len(str(refused.value)) < 500


def test_a_receiver_is_shown_without_its_secret(watch: Watch) -> None:
    slack = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    watch.inbox.alerts.add_receiver(watch.token, name="Slack", kind="chat", address=slack)
    watch.inbox.alerts.add_receiver(watch.token, name="Hook", kind="webhook", address="https://h.example:8443/s?t=1")
    watch.inbox.alerts.add_receiver(watch.token, name="Mail", kind="mail", address="Jo@Shop.example")
    shown = {one.name: one.shown for one in watch.inbox.alerts.receivers(watch.token)}
    assert shown == {"Slack": "Slack", "Hook": "https://h.example:8443", "Mail": "Jo@shop.example"}
    for name, kind in (("slack", "chat"), ("", "chat"), ("Fax", "fax")):
        with pytest.raises(BadInput):
            watch.inbox.alerts.add_receiver(watch.token, name=name, kind=kind, address=slack)
