"""Trends: how much was said, when, where and of whom, from the roll-ups; the door is `inbox.trends.door`."""
