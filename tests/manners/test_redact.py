"""Secrets stay out of what is shown."""

import io
import logging
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.http.redact import (
    HIDDEN,
    KNOWN,
    NOISY_LOGGERS,
    RedactingFilter,
    install_log_redaction,
    is_secret_name,
    redact_text,
    redact_url,
)

# Not a part of the sentences below, so that finding it means a leak.
secrets = st.text(min_size=6, max_size=40).filter(
    lambda text: text.strip() == text and "*" not in text and len(set(text)) > 3
)
PLAIN = "a GET to https://api.example/v1/posts?page=2 failed"


@given(secrets, st.sampled_from([lambda s: s, lambda s: quote(s, safe=""), quote_plus, lambda s: repr(s)[1:-1]]))
def test_a_registered_secret_is_never_shown_however_it_is_spelled(secret: str, spell: Callable[[str], str]) -> None:
    spelled = spell(secret.encode("utf-8", "replace").decode())
    secret = secret.encode("utf-8", "replace").decode()
    text = f"GET https://api.example/{spelled}/x?q={spelled}&y=1 HTTP/1.1, body {spelled!r}"
    shown = redact_text(text, [secret])
    without = redact_text("GET https://api.example//x?q=&y=1 HTTP/1.1, body ''", [])
    if spelled not in without + HIDDEN:
        assert spelled not in shown


@given(
    st.sampled_from(
        [
            "key",
            "token",
            "access_token",
            "api_key",
            "apikey",
            "signature",
            "X-Amz-Signature",
            "client_secret",
            "sig",
            "appsecret_proof",
        ]
    ),
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=4),
)
def test_a_credential_in_a_query_is_hidden_by_its_name(name: str, value: str) -> None:
    shown = redact_url(f"https://h.example/p?a=1&{name}={value}&b=2#f")
    assert shown == f"https://h.example/p?a=1&{name}={HIDDEN}&b=2#f"


@pytest.mark.parametrize(
    "name", ["page", "q", "query", "monkey", "since_id", "limit", "tag", "keyword", "author", "sort"]
)
def test_an_ordinary_parameter_stays(name: str) -> None:
    assert not is_secret_name(name)


def test_userinfo_and_headers_are_hidden() -> None:
    shown = redact_text(
        "https://me:pw123456@h.example/ and Authorization: Bearer abc.def-123\r\nX-Api-Key: zzzz9999\r\nAccept: */*"
    )
    assert "pw123456" not in shown
    assert "abc.def" not in shown
    assert "zzzz9999" not in shown
    assert "Accept: */*" in shown


def test_a_header_in_a_printed_mapping_is_hidden() -> None:
    shown = redact_text("headers={'authorization': 'Basic dXNlcjpwdw==', 'accept': 'x'}")
    assert "dXNlcjpwdw" not in shown


def test_a_bot_token_in_a_path_is_hidden_without_being_known() -> None:
    for token in ("123456789:AAE-x_yzABCDEFGHIJKLMNOPQRSTUVWXYZ0", "123456789%3AAAE-x_yzABCDEFGHIJ"):
        shown = redact_text(f"https://api.telegram.org/bot{token}/getUpdates?offset=5 could not be read")
        assert shown == "https://api.telegram.org/bot***/getUpdates?offset=5 could not be read"
    assert redact_text("https://shop.example/bot123/robots") == "https://shop.example/bot123/robots"


def test_a_text_without_secrets_stays_as_it_is() -> None:
    assert redact_text(PLAIN, ["unrelated-secret"]) == PLAIN


@pytest.mark.parametrize("name", NOISY_LOGGERS)
def test_the_http_libraries_log_no_secrets_not_even_in_tracebacks(name: str) -> None:
    install_log_redaction()
    install_log_redaction()
    KNOWN.add(["hidden-value-77"])
    logger = logging.getLogger(name)
    assert sum(type(each).__name__ == "RedactingFilter" for each in logger.filters) == 1
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    before, logger.propagate = logger.propagate, False
    try:
        try:
            int("hidden-value-77")
        except ValueError:
            logger.exception("GET %s", "https://h.example/?token=tok-12345&x=hidden-value-77")
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
    assert "ValueError" in stream.getvalue()
    assert "hidden-value-77" not in stream.getvalue()
    assert "tok-12345" not in stream.getvalue()


def test_every_logger_the_libraries_made_is_covered() -> None:
    import aiohttp.web
    import httpcore
    import httpx
    import websockets.client

    assert all((aiohttp.web, httpcore, httpx, websockets.client))
    made = {
        name
        for name in logging.Logger.manager.loggerDict
        if name.partition(".")[0] in {"httpx", "httpcore", "aiohttp", "websockets"}
        and isinstance(logging.Logger.manager.loggerDict[name], logging.Logger)
    }
    assert made - set(NOISY_LOGGERS) <= {"websockets.server"}


def test_a_log_line_holds_no_account_number_or_mail_address_of_anybody() -> None:
    record = logging.LogRecord(
        "x", logging.ERROR, "f", 1, "item of %s: %s", ("jan@example.nl", "NL91ABNA0417164300"), None
    )
    assert RedactingFilter().filter(record)
    assert record.getMessage() == "item of [email]: [iban]"
