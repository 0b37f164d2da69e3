"""From a push to the inbox: real listening process, real store, real collector, platforms on loopback."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from store.quarantine import list_quarantine
from store.schema import intake
from tests.connectors.facebook_page import PAGE
from tests.connectors.instagram_account import ACCOUNT
from tests.connectors.meta_contract import hold_call, hold_fields
from tests.replying.house import ANSWER
from tests.webhooks.place import Place, comment_told, mention_told
from tests.webhooks.street import push, told_of


async def test_a_mention_on_somebodys_media_comes_in_by_the_webhook_and_by_nothing_else(instagram: Place) -> None:
    medium, comment = instagram.platform.mention("@acme kapot na een week")
    await instagram.house.collect()
    assert comment not in instagram.texts()
    await instagram.push(mention_told(instagram, medium, comment))
    row = instagram.rows()[comment]
    assert (row.text, row.direction, row.thread_external_id) == ("@acme kapot na een week", "inbound", medium)
    assert row.url == f"https://www.instagram.com/p/M{medium}/c/{comment}/"
    assert instagram.outcomes() == ["read"]
    with instagram.house.store.read() as conn:
        assert conn.execute(select(intake.c.body)).scalar_one() is None


async def test_a_mention_in_a_caption_comes_in_too(instagram: Place) -> None:
    photo = instagram.platform.photo("Nieuwe fiets van @acme")
    instagram.platform.elsewhere[photo["id"]] = photo
    await instagram.push(mention_told(instagram, photo["id"], None))
    assert instagram.texts() == {photo["id"]: "Nieuwe fiets van @acme"}
    assert instagram.rows()[photo["id"]].capabilities["can_reply"] is True


async def test_a_mention_is_answered_where_it_stands(instagram: Place) -> None:
    house, platform = instagram.house, instagram.platform
    medium, comment = platform.mention("@acme kapot na een week")
    await instagram.push(mention_told(instagram, medium, comment))
    number = instagram.rows()[comment].conversation_id
    house.send(house.agent(), number, ANSWER)
    await house.until_quiet()
    (sent,) = platform.under_mentions
    assert (sent["media_id"], sent["comment_id"], sent["message"]) == (medium, comment, ANSWER)
    (written,) = [each for each in platform.asked if each.method == "POST"]
    hold_call(written, "IGUser", "mentions")
    (own,) = house.own()
    assert (own.conversation_id, own.parent_external_id) == (number, comment)


async def test_an_answer_to_a_mention_whose_outcome_nobody_knows_is_not_written_twice(instagram: Place) -> None:
    house, platform = instagram.house, instagram.platform
    medium, comment = platform.mention("@acme kapot")
    await instagram.push(mention_told(instagram, medium, comment))
    number, token = instagram.rows()[comment].conversation_id, house.agent()
    platform.fates = ["unheard"]
    house.send(token, number, ANSWER)
    await house.until_quiet(most=60)
    assert len(platform.under_mentions) == 1
    assert house.of(token, number).state == "unknown"  # nothing shows what stands there: a person looks


async def test_the_owner_of_the_media_who_names_us_is_not_us(instagram: Place) -> None:
    medium, comment = instagram.platform.mention("@acme mooi", by="acme_fan")
    instagram.platform.elsewhere[comment]["media"]["username"] = "acme_fan"
    await instagram.push(mention_told(instagram, medium, comment))
    assert instagram.rows()[comment].direction == "inbound"


async def test_a_mention_that_is_gone_again_leaves_nothing_behind(instagram: Place) -> None:
    await instagram.push(mention_told(instagram, "1", "2"))
    assert instagram.texts() == {}
    assert instagram.outcomes() == ["read"]
    assert list_quarantine(instagram.house.store) == []


@pytest.mark.parametrize("envelope", ["changes", "flat"])
async def test_a_comment_on_our_media_is_there_at_once(instagram: Place, envelope: str) -> None:
    medium = instagram.platform.medium("Actie")
    comment = instagram.platform.comment(medium, "Wanneer?")
    value = {"id": comment, "text": "Wanneer?", "media": {"id": medium, "media_product_type": "FEED"}}
    told = told_of("instagram", ACCOUNT, instagram.house.clock(), ("comments", value))
    if envelope == "flat":
        told["entry"] = [{"id": ACCOUNT, "time": told["entry"][0]["time"], "field": "comments", "value": value}]
    calls = len(instagram.platform.asked)
    await instagram.push(told)
    assert instagram.texts() == {comment: "Wanneer?"}
    assert len(instagram.platform.asked) == calls + 1
    instagram.house.clock.step(minutes=1)
    await instagram.house.collect()
    assert instagram.texts() == {comment: "Wanneer?", medium: "Actie"}  # polling adds nothing twice
    assert instagram.rows()[comment].thread_external_id == medium


async def test_a_message_makes_the_account_due_now(instagram: Place) -> None:
    instagram.polled()
    told = told_of("instagram", ACCOUNT, instagram.house.clock())
    told["entry"][0] = {**told["entry"][0], "messaging": [{"sender": {"id": "9"}, "message": {"mid": "m_1"}}]}
    del told["entry"][0]["changes"]
    assert instagram.due_at() > instagram.house.clock()
    await instagram.push(told)
    assert instagram.due_at() == instagram.house.clock()


async def test_every_call_for_what_was_told_is_in_the_platforms_own_lists(instagram: Place) -> None:
    medium, comment = instagram.platform.mention("@acme hoi")
    photo = instagram.platform.photo("@acme")
    instagram.platform.elsewhere[photo["id"]] = photo
    for told in (mention_told(instagram, medium, comment), mention_told(instagram, photo["id"], None)):
        await instagram.push(told)
    for asked, kind in zip(instagram.platform.asked, ("IGComment", "IGMedia"), strict=True):
        hold_call(asked, "IGUser", "")
        name, _, inner = asked.params["fields"].partition("{")
        hold_fields("IGUser", name.partition(".")[0])
        hold_fields(kind, inner.removesuffix("}"))


async def test_a_comment_under_an_advertisement_comes_in_although_no_list_shows_its_post(facebook: Place) -> None:
    post = facebook.platform.post("Advertentie")
    comment = facebook.platform.comment(post, "Klopt deze prijs?")
    del facebook.platform.nodes[post]  # a dark post is not among the published ones
    await facebook.push(comment_told(facebook, post, comment))
    key = comment.rpartition("_")[2]
    assert facebook.texts() == {key: "Klopt deze prijs?"}
    assert facebook.rows()[key].thread_external_id == post


async def test_the_call_for_a_comment_that_was_told_of_is_in_the_platforms_own_lists(facebook: Place) -> None:
    post = facebook.platform.post("Tarief")
    await facebook.push(comment_told(facebook, post, facebook.platform.comment(post, "Hoeveel?")))
    (asked,) = facebook.platform.asked
    hold_call(asked, "Comment", "")
    hold_fields("Comment", asked.params["fields"])


async def test_a_removed_comment_is_erased_at_once(facebook: Place) -> None:
    post = facebook.platform.post("Tarief")
    comment = facebook.platform.comment(post, "Te duur")
    facebook.house.clock.step(minutes=1)
    await facebook.house.collect()
    del facebook.platform.nodes[comment]
    facebook.house.clock.step(minutes=1)
    await facebook.push(comment_told(facebook, post, comment, "remove"))
    row = facebook.rows()[comment.rpartition("_")[2]]
    assert (row.text, row.deleted_at is not None) == ("", True)


async def test_what_is_told_in_any_order_and_twice_ends_the_same(facebook: Place) -> None:
    post = facebook.platform.post("Tarief")
    comments = [facebook.platform.comment(post, f"Vraag {number}") for number in range(4)]
    told = [comment_told(facebook, post, comment) for comment in comments]
    told.append(comment_told(facebook, post, comments[1], "edited", message="Vraag 1"))
    told.append(comment_told(facebook, post, comments[0], "remove"))
    del facebook.platform.nodes[comments[0]]
    again = [{**each, "entry": [{**each["entry"][0], "uid": "another envelope"}]} for each in told]
    order = [*told, *again]
    random.Random(7).shuffle(order)
    for each in order:
        assert push(facebook.url, each).status_code == 200
    await facebook.read()
    assert sorted(facebook.texts().values()) == ["Vraag 1", "Vraag 2", "Vraag 3"]


async def test_a_removal_that_is_told_before_the_comment_lets_nothing_come_back(facebook: Place) -> None:
    post = facebook.platform.post("Tarief")
    comment = facebook.platform.comment(post, "Sorry")
    del facebook.platform.nodes[comment]
    await facebook.push(comment_told(facebook, post, comment, "remove"))
    await facebook.push(comment_told(facebook, post, comment))
    assert facebook.texts() == {}


async def test_likes_are_no_reason_to_look(facebook: Place) -> None:
    facebook.polled()
    due = facebook.due_at()
    told = told_of("page", PAGE, facebook.house.clock(), ("feed", {"item": "reaction", "verb": "add", "post_id": "1"}))
    await facebook.push(told)
    assert (facebook.due_at(), facebook.outcomes(), facebook.platform.asked) == (due, ["read"], [])


async def test_a_review_and_a_visitors_post_make_the_page_due(facebook: Place) -> None:
    for field, value in (("ratings", {"item": "rating"}), ("feed", {"item": "post", "verb": "add", "post_id": "1"})):
        facebook.house.clock.step(minutes=1)
        facebook.polled()
        await facebook.push(told_of("page", PAGE, facebook.house.clock(), (field, value)))
        assert facebook.due_at() == facebook.house.clock()
