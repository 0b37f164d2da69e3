"""Signatures and greetings of platforms: pure, over any bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.linkedin.webhooks import LinkedInSigning
from connectors.meta.webhooks import MetaSigning
from connectors.tiktok.webhooks import TikTokSigning
from connectors.x.webhooks import XSigning
from tests.webhooks.street import SECRET, signature


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_the_published_example_of_this_signature_fits() -> None:
    # docs.github.com, "Validating webhook deliveries": the same scheme, with values to test against
    signing = MetaSigning(["It's a Secret to Everybody"])
    mac = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signing.signed({"x-hub-signature-256": f"sha256={mac}"}, b"Hello, World!")


@given(st.binary(max_size=500))
def test_whatever_was_signed_fits_and_whatever_was_changed_does_not(body: bytes) -> None:
    signing = MetaSigning([SECRET])
    headers = lower(signature(body))
    assert signing.signed(headers, body)
    assert not signing.signed(headers, body + b" ")
    assert not MetaSigning(["another-secret"]).signed(headers, body)


@given(st.binary(max_size=50), st.text(max_size=80))
def test_no_made_up_header_fits_nor_breaks_anything(body: bytes, header: str) -> None:
    signing = MetaSigning([SECRET])
    right = signature(body)["X-Hub-Signature-256"]
    assert not signing.signed({"x-hub-signature-256": header}, body) or header == right
    assert not signing.signed({"x-hub-signature-256": f"sha256={header}"}, body) or f"sha256={header}" == right


def test_two_secrets_are_accepted_while_one_is_replaced() -> None:
    both = MetaSigning(["new-secret", "old-secret"])
    for secret in ("new-secret", "old-secret"):
        assert both.signed(lower(signature(b"{}", secret)), b"{}")
    assert not both.signed(lower(signature(b"{}", "older-secret")), b"{}")


@given(st.text(max_size=40), st.text(max_size=40))
def test_only_the_verify_token_opens(token: str, challenge: str) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
    greeting = MetaSigning([SECRET], "the-word").greet(asked)
    assert greeting is None
    assert MetaSigning([SECRET]).greet(asked) is None
    right = MetaSigning([SECRET], "the-word").greet(asked | {"hub.verify_token": "the-word"})
    assert right is not None
    assert right.body == challenge.encode()


@pytest.mark.parametrize("scale", [1, 1000])
def test_the_newest_time_in_a_body_counts_in_seconds_or_milliseconds(scale: int) -> None:
    at = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
    new = int(at.timestamp()) * scale
    body = orjson.dumps({"object": "page", "entry": [{"time": new - 50 * scale}, {"time": new}, {"time": "x"}, None]})
    assert MetaSigning([SECRET]).told_at({}, body) == at
    assert MetaSigning([SECRET]).told_at({}, orjson.dumps({"topic": "moderate", "time": new})) == at


KEYS = st.sampled_from(["object", "entry", "time", "id", "changes", "field", "value"])
LEAVES = st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.integers(-(2**60), 2**60)


@given(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5)))
def test_no_body_breaks_the_reading_of_its_time(told: object) -> None:
    try:
        body = orjson.dumps(told)
    except TypeError:
        return
    MetaSigning([SECRET]).told_at({}, body)


def test_macs_are_those_of_the_standard_library() -> None:
    assert MetaSigning(["k"]).macs(b"m") == [hmac.new(b"k", b"m", hashlib.sha256).digest()]


# --- the other platforms --------------------------------------------------------------------------------------------


def test_x_answers_its_challenge_as_its_documentation_says() -> None:
    greeting = XSigning(["consumer-secret"]).greet({"crc_token": "MDdkNjE2=="})
    assert greeting is not None
    mac = hmac.new(b"consumer-secret", b"MDdkNjE2==", hashlib.sha256).digest()
    assert orjson.loads(greeting.body) == {"response_token": "sha256=" + base64.b64encode(mac).decode()}


@given(st.text(max_size=400))
def test_no_challenge_signs_what_could_be_a_delivery(token: str) -> None:
    """Otherwise anybody could have X's challenge sign a delivery of their own making."""
    signing = XSigning(["consumer-secret"])
    for body in (token, f"{{{token}", f' {{"for_user_id":"1"{token}}}'):
        greeting = signing.greet({"crc_token": body})
        if greeting is not None:
            made_up = {"x-twitter-webhooks-signature": orjson.loads(greeting.body)["response_token"]}
            assert not signing.signed(made_up, body.encode())
    linkedin = LinkedInSigning(["client-secret"])
    greeting = linkedin.greet({"challengeCode": token})
    if greeting is not None:
        answer = orjson.loads(greeting.body)["challengeResponse"]
        assert not linkedin.signed({"x-li-signature": answer}, token.encode())
    assert linkedin.greet({"challengeCode": f"hmacsha256={token}"}) is None


@given(st.binary(max_size=300))
def test_each_platforms_own_signature_fits_and_no_other(rest: bytes) -> None:
    body = b"{" + rest
    mac = hmac.new(b"the-secret", body, hashlib.sha256)
    x = {"x-twitter-webhooks-signature": f"sha256={base64.b64encode(mac.digest()).decode()}"}
    stamped = hmac.new(b"the-secret", b"1773136800." + body, hashlib.sha256).hexdigest()
    tiktok = {"tiktok-signature": f"t=1773136800,s={stamped}"}
    linkedin = {"x-li-signature": hmac.new(b"the-secret", b"hmacsha256=" + body, hashlib.sha256).hexdigest()}
    meta = {"x-hub-signature-256": f"sha256={mac.hexdigest()}"}
    kinds = {XSigning: x, TikTokSigning: tiktok, LinkedInSigning: linkedin, MetaSigning: meta}
    for kind, headers in kinds.items():
        signing = kind(["old-secret", "the-secret"])
        assert signing.signed(headers, body)
        assert not signing.signed(headers, body + b"x")
        assert not signing.signed({}, body)
        assert not any(signing.signed(other, body) for name, other in kinds.items() if name is not kind)


@pytest.mark.parametrize("header", ["", "t=,s=", "t=x,s=1", "t=99999999999999999999,s=", "s=1", "t==,,=", "é"])
def test_an_instant_of_tiktok_that_is_none_is_long_ago(header: str) -> None:
    at = TikTokSigning(["s"]).told_at({"tiktok-signature": header}, b"")
    assert at is not None
    assert at.year < 1971


def test_tiktok_and_linkedin_say_when_they_sent_it() -> None:
    at = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
    stamp = int(at.timestamp())
    assert TikTokSigning(["s"]).told_at({"tiktok-signature": f"t={stamp},s=0"}, b"") == at
    body = orjson.dumps({"notifications": [{"lastModifiedAt": stamp * 1000}, {"lastModifiedAt": 5}, None, 7]})
    assert LinkedInSigning(["s"]).told_at({}, body) == at
    for broken in (b"", b"[]", b'{"notifications":{}}', b'{"notifications":[{"lastModifiedAt":1e300}]}'):
        LinkedInSigning(["s"]).told_at({}, broken)
