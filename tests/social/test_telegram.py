"""Against a Bot API server on loopback, through the real collector, client and store."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pipeline.setaside import open_item
from store.engine import Store
from store.schema import mention, quarantine
from tests.conftest import Clock
from tests.pipeline.bench import CrashError, CrashingLedger
from tests.replying.house import ANSWER
from tests.social.api_server import Answer, served
from tests.social.home import Home
from tests.social.telegram_server import BOT, CHANNEL, GROUP, PIET, PRIVATE, TALK, TOKEN, TelegramServer, refusal

pytestmark = pytest.mark.slow

OPTIONS = {"token": TOKEN, "wait": 0}


@pytest.fixture
def server(clock: Clock) -> TelegramServer:
    return TelegramServer(clock)


@pytest.fixture
def home(store: Store, clock: Clock, server: TelegramServer) -> Iterator[Home]:
    with served(server) as url:
        made = Home(store, clock, "telegram", {**OPTIONS, "api_url": url})
        yield made
        made.close()


async def test_private_and_group_messages_come_in_once(home: Home, server: TelegramServer, clock: Clock) -> None:
    server.says(PRIVATE, "mijn klantnummer is 123")
    server.says(GROUP, "werkt de app bij jullie?")
    await home.read()
    private, group = home.mentions()
    assert (private.visibility, private.kind, private.external_id) == ("private", "message", "55512345:42")
    assert private.namespace == "telegram:bot123456789"
    assert (group.visibility, group.namespace) == ("public", "telegram")
    assert group.url == "https://t.me/acmehulp/42"
    clock.step(minutes=5)
    report = await home.read()
    assert report.queries[0].tally.new == 0


async def test_nothing_is_confirmed_before_it_is_committed(store: Store, home: Home, server: TelegramServer) -> None:
    for number in range(5):
        server.says(PRIVATE, f"bericht {number}")
    home.ledger.close()
    home.ledger = CrashingLedger(store, before=frozenset({1}))  # 0 is who we are, 1 is the page of messages
    home.restart()
    with pytest.raises(CrashError):
        await home.collector.collect(home.source)
    assert home.mentions() == []
    assert len(server.queue) == 5
    home.ledger.close()
    home.ledger = CrashingLedger(store)
    home.restart()
    await home.read()
    assert len(home.mentions()) == 5
    assert server.queue == []


async def test_a_burst_of_many_answers_is_read_whole(home: Home, server: TelegramServer) -> None:
    for number in range(250):
        server.says(PRIVATE, f"bericht {number}")
    await home.read()
    assert len(home.mentions()) == 250
    assert home.gaps("updates") == []


async def test_an_edit_keeps_the_message_and_brings_the_new_text(
    home: Home, server: TelegramServer, clock: Clock
) -> None:
    first = server.says(PRIVATE, "prijs is 10")
    await home.read()
    clock.step(minutes=5)
    server.happens("edited_message", {**first, "text": "prijs is 12", "edit_date": int(clock().timestamp())})
    await home.read()
    (one,) = home.mentions()
    assert (one.text, one.edited_at) == ("prijs is 12", clock())


async def test_a_worker_that_was_away_for_two_days_says_what_it_missed(
    home: Home, server: TelegramServer, clock: Clock
) -> None:
    server.says(PRIVATE, "eerste")
    await home.read()
    clock.step(hours=3)
    server.says(PRIVATE, "dit leest niemand meer")
    clock.step(hours=40)
    server.says(PRIVATE, "weer terug")
    clock.step(hours=5)
    await home.read()
    assert [each.text for each in home.mentions()] == ["eerste", "weer terug"]
    gaps = home.gaps("updates")
    assert {gap.reason for gap in gaps} == {"lost"}
    assert min(gap.span.start for gap in gaps) <= clock() - timedelta(hours=45)
    assert any("1 updates never came here" in gap.text for gap in gaps)


async def test_what_another_program_took_is_told_as_lost(home: Home, server: TelegramServer, clock: Clock) -> None:
    server.says(PRIVATE, "eerste")
    await home.read()
    clock.step(minutes=10)
    server.says(PRIVATE, "gestolen")
    server.queue.clear()
    clock.step(minutes=10)
    server.says(PRIVATE, "derde")
    clock.step(minutes=10)
    await home.read()
    (gap,) = home.gaps("updates")
    assert (gap.reason, gap.span.end) == ("lost", clock() - timedelta(minutes=10))
    assert "another program" in gap.text
    clock.step(minutes=5)
    await home.read()
    assert len(home.gaps("updates")) == 1


async def test_after_a_week_of_silence_lower_numbers_are_read_too(
    home: Home, server: TelegramServer, clock: Clock
) -> None:
    server.says(PRIVATE, "eerste")
    await home.read()
    for _ in range(16):
        clock.step(hours=12)
        await home.read()
    server.next_update = 4000
    server.says(PRIVATE, "met een nieuw nummer")
    await home.read()
    clock.step(minutes=5)
    await home.read()
    assert [each.text for each in home.mentions()] == ["eerste", "met een nieuw nummer"]
    assert home.gaps("updates") == []
    assert server.queue == []


async def test_comments_under_a_channel_post_hang_together(home: Home, server: TelegramServer) -> None:
    post = server.says(CHANNEL, "Nieuwe app!", **{"from": None, "sender_chat": CHANNEL})
    origin = {"type": "channel", "date": post["date"], "chat": CHANNEL, "message_id": post["message_id"]}
    forward = server.says(
        TALK,
        "Nieuwe app!",
        **{"from": {"id": 777000, "is_bot": False, "first_name": "Telegram"}, "sender_chat": CHANNEL},
        is_automatic_forward=True,
        forward_origin=origin,
    )
    comment = server.says(TALK, "crasht bij mij", reply_to_message=forward, message_thread_id=forward["message_id"])
    server.says(TALK, "bij mij ook", reply_to_message=comment, message_thread_id=forward["message_id"])
    await home.read()
    root = f"{TALK['id']}:{forward['message_id']}"
    assert home.mention(f"{CHANNEL['id']}:{post['message_id']}").direction == "outbound"
    assert home.mention(root).direction == "outbound"
    one, two = (each for each in home.mentions() if each.direction == "inbound")
    assert (one.parent_external_id, one.thread_external_id) == (root, root)
    assert two.thread_external_id == root
    assert one.conversation_id == two.conversation_id
    assert one.url == f"https://t.me/c/2222222222/{comment['message_id']}"


async def test_rights_are_asked_once_per_group_before_its_first_message_is_kept(
    home: Home, server: TelegramServer, clock: Clock
) -> None:
    server.admin_in.add(GROUP["id"])
    said = server.says(GROUP, "spam, spam")
    await home.read()
    clock.step(minutes=5)
    server.says(GROUP, "nog meer spam")
    await home.read()
    assert all(each.capabilities["can_hide"] for each in home.mentions())
    assert sum("getChatMember" in each.path for each in server.asked) == 1
    key = f"{GROUP['id']}:{said['message_id']}"
    assert await home.press("hide", key) == "sent"
    assert server.removed == [(GROUP["id"], said["message_id"])]


async def test_a_group_in_which_the_bot_lost_its_rights_offers_no_removal(
    home: Home, server: TelegramServer, clock: Clock
) -> None:
    server.admin_in.add(GROUP["id"])
    server.says(GROUP, "een")
    await home.read()
    member = {"status": "member", "user": BOT}
    change = {"chat": GROUP, "from": PIET, "date": int(clock().timestamp()), "old_chat_member": member}
    server.happens("my_chat_member", {**change, "new_chat_member": member})
    two = server.says(GROUP, "twee")
    await home.read()
    assert not home.mention(f"{GROUP['id']}:{two['message_id']}").capabilities.get("can_hide")


async def test_an_answer_goes_out_as_a_reply_and_is_kept_as_ours(home: Home, server: TelegramServer) -> None:
    said = server.says(PRIVATE)
    await home.read()
    key = f"55512345:{said['message_id']}"
    token, number = await home.answer(key)
    (sent,) = server.sent
    assert sent["asked"]["reply_parameters"]["message_id"] == said["message_id"]
    assert sent["text"] == ANSWER
    assert home.of(token, number).state == "sent"
    (own,) = home.own()
    assert (own.text, own.conversation_id) == (ANSWER, number)
    assert await home.press("like", key, token) == "sent"
    assert server.reactions[0][2] == [{"type": "emoji", "emoji": "👍"}]
    assert await home.press("delete_own", own.external_id, token) == "sent"


@pytest.mark.parametrize("fate", ["lost", "unheard", "failing"])
async def test_an_answer_nobody_knows_of_is_never_repeated(home: Home, server: TelegramServer, fate: str) -> None:
    said = server.says(PRIVATE)
    await home.read()
    server.fates.append(fate)
    token, number = await home.answer(f"55512345:{said['message_id']}")
    await home.until_quiet(most=40)
    assert home.of(token, number).state == "unknown"
    assert len(server.sent) == (0 if fate == "lost" else 1)
    home.inbox.replies.sent_by_hand(token, home.of(token, number).id)
    assert home.of(token, number).state == "sent"


async def test_an_answer_nobody_knew_of_is_found_when_the_customer_answers_it(
    home: Home, server: TelegramServer, clock: Clock
) -> None:
    said = server.says(PRIVATE)
    await home.read()
    server.fates.append("unheard")
    token, number = await home.answer(f"55512345:{said['message_id']}")
    assert home.of(token, number).state == "unknown"
    ours = {name: value for name, value in server.sent[0].items() if name != "asked"}
    clock.step(minutes=3)
    server.says(PRIVATE, "dank je", reply_to_message=ours)
    await home.read()
    assert home.of(token, number).state == "sent"
    assert len(home.own()) == 1
    assert len(server.sent) == 1


async def test_a_request_to_wait_is_kept_and_nothing_is_lost(home: Home, server: TelegramServer, clock: Clock) -> None:
    server.says(PRIVATE)
    server.faults.append(refusal(429, "Too Many Requests: retry after 70", retry_after=70))
    report = await home.read()
    assert report.not_before == clock() + timedelta(seconds=70)
    clock.step(seconds=71)
    await home.read()
    assert len(home.mentions()) == 1


@pytest.mark.parametrize(
    "case",
    [
        (refusal(401, "Unauthorized"), "AuthDead", "@BotFather"),
        (refusal(404, "Not Found"), "AuthDead", "mistyped"),
        (refusal(409, "Conflict: can't use getUpdates method while webhook is active"), "Forbidden", "webhook"),
        (refusal(409, "Conflict: terminated by other getUpdates request"), "Transient", "another program"),
        (refusal(500, "Internal Server Error: restart"), "Transient", "trouble"),
        (Answer("<html>Bad gateway</html>", 502), "Transient", "trouble"),
        (Answer("<html>Log in</html>"), "FormatChanged", "web page"),
        (Answer({"ok": False, "error_code": 400, "description": "Bad Request: odd"}), "BadRequest", "odd"),
        (Answer({"ok": False}, 403), "Forbidden", "403"),
        (Answer({"ok": True}), "FormatChanged", "result"),
        (Answer({"ok": True, "result": {"not": "a list"}}), "FormatChanged", "list"),
        (Answer({"ok": True, "result": [{"message": {}}]}), "FormatChanged", "number"),
    ],
)
async def test_every_error_is_named_and_passes(
    home: Home, server: TelegramServer, clock: Clock, case: tuple[Answer, str, str]
) -> None:
    answer, error, words = case
    await home.read()
    server.says(PRIVATE)
    server.faults.append(answer)
    report = await home.read()
    trouble = report.queries[0].trouble
    assert trouble is not None
    assert trouble.error_class == error
    assert words in trouble.text
    clock.step(hours=1)
    await home.read()
    assert len(home.mentions()) == 1


async def test_the_token_is_in_no_log_no_error_and_nothing_kept(
    home: Home, server: TelegramServer, caplog: pytest.LogCaptureFixture, store: Store
) -> None:
    server.says(PRIVATE, None, photo=[{"file_id": "AgAC-1", "file_unique_id": "u", "width": 90, "height": 60}])
    server.happens("message", {"message_id": 7, "odd": True})
    with caplog.at_level(logging.DEBUG):
        await home.read()
        for fault in (Answer("<html>?</html>"), refusal(400, f"Bad Request: bot{TOKEN} is odd")):
            server.faults.append(fault)
            await home.read()
    tables = mention.metadata.sorted_tables
    with store.read() as conn:
        kept = "\n".join(repr(row) for table in tables for row in conn.execute(table.select()))
    secret = TOKEN.partition(":")[2]
    assert secret not in kept
    assert secret not in caplog.text
    assert "/bot***/getUpdates" in caplog.text


async def test_odd_messages_are_read_or_set_aside_and_block_nothing(
    home: Home, server: TelegramServer, store: Store
) -> None:
    said: list[dict[str, Any]] = [
        server.says(PRIVATE, "😀👩‍👩‍👧"),
        server.says(PRIVATE, "שלום شكرا"),
        server.says(PRIVATE, None, voice={"file_id": "v", "file_unique_id": "v", "duration": 3}),
        server.says(PRIVATE, None, location={"latitude": 52.1, "longitude": 4.3}),
        server.says(PRIVATE, "uit 1970", date=0),
        server.says(PRIVATE, "uit de toekomst", date=4_000_000_000),
        server.says(GROUP, "anoniem", **{"from": None}, sender_chat=GROUP),
        server.says(GROUP, "zonder afzender", **{"from": None}),
        server.says(GROUP, "op iets dat weg is", reply_to_message={"message_id": 1, "chat": GROUP, "date": 0}),
        server.says({**GROUP, "type": "hologram", "id": -7}, "nieuwe soort chat"),
    ]
    server.says(GROUP, None, new_chat_members=[PIET])
    server.says(PRIVATE, None, hologram={"depth": 3})
    server.says(PRIVATE, "op een diepe draad", reply_to_message=_deep(server, 20))
    await home.read()
    texts = [each.text for each in home.mentions()]
    assert len(texts) == len(said) + 1
    assert "[voice]" in texts
    assert "[location]" in texts
    assert home.mention(f"{GROUP['id']}:42").direction == "outbound"
    with store.read() as conn:
        (aside,) = conn.execute(quarantine.select()).all()
    assert "nothing that this version" in aside.error
    payload = open_item(aside.payload)
    assert isinstance(payload, dict)
    assert payload["hologram"] == {"depth": 3}


def _deep(server: TelegramServer, levels: int) -> dict[str, Any]:
    message = server.message(PRIVATE, "bodem")
    for level in range(levels):
        message = server.message(PRIVATE, f"laag {level}", reply_to_message=message)
    return message
