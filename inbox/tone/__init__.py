"""Sentiment that can be checked: why, corrections, adjusted words, fits, samples. The way in is `door.Tones`."""
