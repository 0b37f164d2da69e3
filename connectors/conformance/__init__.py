"""The suite every connector passes, built in or third-party: write a fake of the platform, get the tests for free.

    class TestGuestbook(ConnectorSuite):
        platform = FakeGuestbook

docs/writing-a-connector.md walks through it. Needs no test framework: the methods raise AssertionError, and
pytest collects a subclass whose name begins with `Test`.
"""

from connectors.conformance.collector import Crash, LoopFound, MemoryCollector
from connectors.conformance.platform import FakePlatform, OtherSide, Utterance
from connectors.conformance.purity import Impure, pure
from connectors.conformance.suite import ConnectorSuite

__all__ = [
    "ConnectorSuite",
    "Crash",
    "FakePlatform",
    "Impure",
    "LoopFound",
    "MemoryCollector",
    "OtherSide",
    "Utterance",
    "pure",
]
