"""Accounts whose platform pushes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.settings import SourceSettings
from store.engine import Store
from tests.conftest import Clock
from tests.connectors.facebook_page import PAGE, FacebookPage
from tests.connectors.instagram_account import ACCOUNT, InstagramAccount
from tests.connectors.meta_server import SECRET as APP_SECRET
from tests.connectors.meta_server import served
from tests.webhooks.place import Place, opened


@pytest.fixture
def instagram(store: Store, clock: Clock) -> Iterator[Place]:
    account = InstagramAccount(clock)
    with served(account) as url:
        options = {
            "account": ACCOUNT, "login": "facebook", "page": "555", "token": "very-secret", "app_secret": APP_SECRET,
            "url": url, "messages": True,
        }  # fmt: skip
        source = SourceSettings(id="ig", connector="instagram", match="all", options=options)
        yield from opened(store, clock, account, source, url)


@pytest.fixture
def facebook(store: Store, clock: Clock) -> Iterator[Place]:
    page = FacebookPage(clock)
    with served(page) as url:
        options = {"page": PAGE, "token": "very-secret", "app_secret": APP_SECRET, "url": url, "messages": True}
        source = SourceSettings(id="fb", connector="facebook", match="all", options=options)
        yield from opened(store, clock, page, source, url)
