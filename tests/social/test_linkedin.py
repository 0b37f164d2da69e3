"""Against LinkedIn's API on loopback, through the real collector, client and store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from store.engine import Store
from store.schema import quarantine
from tests.conftest import Clock
from tests.replying.house import ANSWER
from tests.social.api_server import Answer, served
from tests.social.home import Home
from tests.social.linkedin_server import ACTIVITY, JO, PAGE, POST, LinkedInServer, refusal

pytestmark = pytest.mark.slow

LOGIN = {"token": "t-1", "refresh_token": "r-1", "client_id": "app", "client_secret": "geheim-5"}


@pytest.fixture
def server(clock: Clock) -> LinkedInServer:
    return LinkedInServer(clock)


@pytest.fixture
def home(store: Store, clock: Clock, server: LinkedInServer) -> Iterator[Home]:
    with served(server) as url:
        options = {"organization": "1234", "api_url": url, "sign_in_url": url, "calls_per_day": 5000, **LOGIN}
        made = Home(store, clock, "linkedin", options)
        yield made
        made.close()


async def test_comments_hang_under_our_post_and_answers_under_comments(
    home: Home, server: LinkedInServer, clock: Clock
) -> None:
    first = server.says("Wanneer leveren jullie in Gent?")
    second = server.says("Dat wil ik ook weten", to=first)
    clock.step(minutes=5)
    await home.read()
    post, one, two = home.mention(POST), home.mention(server.urn(first)), home.mention(server.urn(second))
    assert (post.direction, post.text) == ("outbound", "Nieuw (groter) kantoor")
    assert (one.parent_external_id, one.thread_external_id) == (POST, POST)
    assert (two.parent_external_id, two.thread_external_id) == (server.urn(first), POST)
    assert one.conversation_id == two.conversation_id
    assert one.url.startswith(f"https://www.linkedin.com/feed/update/{ACTIVITY}?commentUrn=urn%3Ali%3Acomment")
    clock.step(minutes=5)
    report = await home.read()
    assert sum(each.tally.new for each in report.queries) == 0


async def test_the_signs_of_a_query_travel_raw_and_its_values_coded(
    home: Home, server: LinkedInServer, clock: Clock
) -> None:
    server.says("hoi")
    clock.step(minutes=5)
    await home.read()
    news = next(each.raw for each in server.asked if "Notifications" in each.path)
    assert "actions=List(SHARE_MENTION,COMMENT,COMMENT_EDIT,COMMENT_DELETE)" in news
    assert "timeRange=(start:" in news
    assert "organizationalEntity=urn%3Ali%3Aorganization%3A1234" in news
    under = next(each.raw for each in server.asked if each.path.endswith("/comments"))
    assert under.startswith("/rest/socialActions/urn%3Ali%3Ashare%3A70000001/comments?start=0")


@pytest.mark.slow
async def test_a_hundred_and_fifty_comments_are_read_page_by_page(
    home: Home, server: LinkedInServer, clock: Clock
) -> None:
    numbers = [server.says(f"reactie {number}") for number in range(150)]
    for number in range(120):
        server.says(f"antwoord {number}", to=numbers[0])
    for _ in range(6):  # one run asks for so many pages only
        clock.step(minutes=5)
        await home.read()
    assert len(home.mentions()) == 271
    assert home.gaps("posts") == []
    assert home.gaps("activity") == []


async def test_edits_and_removals_are_told_by_the_news(home: Home, server: LinkedInServer, clock: Clock) -> None:
    changed, gone = server.says("prijs is 10"), server.says("scheldwoord")
    clock.step(minutes=5)
    await home.read()
    clock.step(minutes=5)
    server.edits(changed, "prijs is 12")
    server.removes(gone)
    clock.step(minutes=5)
    await home.read()
    assert home.mention(server.urn(changed)).text == "prijs is 12"
    removed = home.mention(server.urn(gone))
    assert removed.deleted_at is not None
    assert removed.text == ""


async def test_who_names_the_page_is_heard(home: Home, server: LinkedInServer, clock: Clock) -> None:
    server.tells("SHARE_MENTION", "0")
    shown = {"entity": "urn:li:share:9", "owner": JO, "text": "@[Acme](urn:li:organization:1234) {hashtag|\\#|top}\\!"}
    server.told[-1] |= {"sourcePost": "urn:li:share:9", "generatedActivity": "urn:li:share:9"}
    server.told[-1]["decoratedSourcePost"] = shown
    clock.step(minutes=5)
    await home.read()
    found = home.mention("urn:li:share:9")
    assert found.text == "@Acme #top\\!"
    assert found.url == "https://www.linkedin.com/feed/update/urn:li:share:9"


async def test_a_login_that_ran_out_is_renewed_and_nothing_is_lost(
    home: Home, server: LinkedInServer, clock: Clock
) -> None:
    number = server.says("hoi")
    server.token = "other"
    clock.step(minutes=5)
    report = await home.read()
    assert server.token == "t-2"
    assert all(each.trouble is None for each in report.queries)
    assert home.mention(server.urn(number))


async def test_a_day_without_calls_left_ends_at_midnight(home: Home, server: LinkedInServer, clock: Clock) -> None:
    server.says("hoi")
    clock.step(minutes=5)
    server.faults.append(Answer({"status": 429, "code": "TOO_MANY_REQUESTS", "message": "limit"}, 429))
    report = await home.read()
    assert report.not_before == datetime(2026, 3, 11, tzinfo=UTC)
    clock.step(hours=15)
    await home.read()
    assert len(home.mentions()) == 2


async def test_an_answer_goes_under_the_comment_and_is_ours(home: Home, server: LinkedInServer, clock: Clock) -> None:
    first = server.says("Wanneer?")
    second = server.says("ja, wanneer?", to=first)
    clock.step(minutes=5)
    await home.read()
    token, number = await home.answer(server.urn(second))
    (there,) = server.ours()
    assert (there["message"]["text"], there["parentComment"]) == (ANSWER, server.urn(first))
    assert home.of(token, number).state == "sent"
    clock.step(minutes=5)
    await home.read()
    assert [each.external_id for each in home.own()] == [POST, there["commentUrn"]]
    assert len(home.answers(number)) == 1
    assert await home.press("like", server.urn(second), token) == "sent"
    assert server.likes == [{"actor": PAGE, "root": server.urn(second), "reactionType": "LIKE"}]
    assert await home.press("delete_own", there["commentUrn"], token) == "sent"
    assert server.ours() == []


async def test_an_answer_whose_answer_has_no_body_is_known_by_its_number(
    home: Home, server: LinkedInServer, clock: Clock
) -> None:
    server.bare = True
    first = server.says("Wanneer?")
    clock.step(minutes=5)
    await home.read()
    token, number = await home.answer(server.urn(first))
    assert home.of(token, number).state == "sent"
    (there,) = server.ours()
    assert home.mention(there["commentUrn"]).text == ANSWER


@pytest.mark.parametrize("fate", ["lost", "unheard", "failing"])
async def test_an_answer_nobody_knows_of_is_looked_for_and_stands_there_once(
    home: Home, server: LinkedInServer, clock: Clock, fate: str
) -> None:
    first = server.says("Wanneer?")
    clock.step(minutes=5)
    await home.read()
    server.fates.append(fate)
    token, number = await home.answer(server.urn(first))
    await home.until_quiet()
    assert home.of(token, number).state == "sent"
    assert len(server.ours()) == 1


async def test_a_recheck_sees_a_removal_and_a_thread_brings_the_post(
    home: Home, server: LinkedInServer, clock: Clock
) -> None:
    first = server.says("Wanneer?")
    clock.step(minutes=5)
    await home.read()
    del server.comments[first]
    token = home.agent()
    home.inbox.replies.recheck(token, home.mention(server.urn(first)).id)
    home.hurry()
    await home.work()
    assert home.mention(server.urn(first)).deleted_at is not None


@pytest.mark.parametrize(
    "case",
    [
        (refusal(401, "REVOKED_ACCESS_TOKEN", serviceErrorCode=65601), "AuthDead", "withdrawn"),
        (refusal(403, "ACCESS_DENIED", "Not enough permissions to access: posts"), "Forbidden", "administrator"),
        (refusal(426, "NONEXISTENT_VERSION", "gone"), "BadRequest", "api_version"),
        (refusal(400, "ILLEGAL_ARGUMENT", "odd"), "BadRequest", "odd"),
        (refusal(500, "INTERNAL", "?"), "Transient", "trouble"),
        (Answer("<html>Bad gateway</html>", 502), "Transient", "trouble"),
        (Answer("<html>Log in</html>"), "FormatChanged", "web page"),
        (Answer({"elements": 5}), "FormatChanged", "elements"),
        (Answer({"hello": "world"}), "FormatChanged", "elements"),
        (Answer([1, 2]), "FormatChanged", "something else"),
    ],
)
async def test_every_error_is_named_and_passes(
    home: Home, server: LinkedInServer, clock: Clock, case: tuple[Answer, str, str]
) -> None:
    answer, error, words = case
    number = server.says("hoi")
    clock.step(minutes=5)
    server.faults.append(answer)
    report = await home.read()
    (trouble,) = [each.trouble for each in report.queries if each.trouble is not None]
    assert trouble.error_class == error
    assert words in trouble.text
    assert "geheim-5" not in trouble.text
    clock.step(hours=2)
    await home.read()
    assert home.mention(server.urn(number))


async def test_a_login_that_nobody_can_renew_asks_for_a_person(
    home: Home, server: LinkedInServer, clock: Clock
) -> None:
    server.says("hoi")
    clock.step(minutes=5)
    home.source = home.source.model_copy(update={"options": {**home.source.options, "refresh_token": "r-wrong"}})
    server.token = "other"
    report = await home.read()
    trouble = report.queries[0].trouble
    assert trouble is not None
    assert trouble.error_class == "AuthDead"
    assert "connect the account again" in trouble.text
    assert "r-wrong" not in trouble.text


async def test_odd_comments_are_read_or_set_aside_and_block_nothing(
    home: Home, server: LinkedInServer, clock: Clock, store: Store
) -> None:
    good = [
        server.says("😀👩‍👩‍👧"),
        server.says("שלום شكرا"),
        server.says("zonder naam", None),
        server.says(None, content=[{"type": "IMAGE", "url": "https://media.example/1.jpg"}]),
        server.says("op iets dat weg is", parentComment=server.urn("1")),
    ]
    server.says("uit de toekomst", created={"time": 4_000_000_000_000})
    server.says("uit 1970", created={"time": 0})
    server.says("zonder tijd", created=None, lastModified=None)
    odd = server.says(None)
    server.tells("COMMENT_SET_ON_FIRE", good[0])
    server.told.append({"action": "COMMENT", "lastModifiedAt": server.ms()})
    clock.step(minutes=5)
    await home.read()
    kept = {each.external_id for each in home.mentions()}
    assert {server.urn(number) for number in good} <= kept
    assert server.urn(odd) not in kept
    assert len(kept) == 9
    with store.read() as conn:
        assert len(conn.execute(quarantine.select()).all()) >= 2


async def test_a_post_with_closed_comments_holds_up_nothing(home: Home, server: LinkedInServer, clock: Clock) -> None:
    number = server.says("hoi")
    server.blocked.add(POST)
    clock.step(minutes=5)
    report = await home.read()
    assert all(each.trouble is None for each in report.queries)
    assert home.mention(server.urn(number))


async def test_young_posts_are_read_again_every_half_hour(home: Home, server: LinkedInServer, clock: Clock) -> None:
    server.says("hoi")
    clock.step(minutes=5)
    await home.read()

    def walks() -> int:
        return sum(each.path.endswith("/comments") for each in server.asked)

    before = walks()
    clock.step(timedelta(minutes=10))
    await home.read()
    assert walks() == before
    clock.step(timedelta(minutes=25))
    await home.read()
    assert walks() > before
