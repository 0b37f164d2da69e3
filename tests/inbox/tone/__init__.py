"""Sentiment that can be checked."""
