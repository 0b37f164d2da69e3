"""Answers that go out through the outbox: written, approved, sent, recognised when they come back."""
