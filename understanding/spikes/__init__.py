"""Spikes: what is usual at an hour of the week, when a window is far above it, and what drives it. Pure.

`baseline` says what to expect, `judging` whether a window fires and when it would have, `driving` what stands out.
"""
