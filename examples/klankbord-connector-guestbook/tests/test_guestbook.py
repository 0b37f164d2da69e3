from __future__ import annotations

from fake_guestbook import FakeGuestbook

from connectors.conformance import ConnectorSuite


class TestGuestbook(ConnectorSuite):
    platform = FakeGuestbook
