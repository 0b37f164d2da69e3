"""Alerts: rules that tell when more is said than usual, what they found and why, and who was told.

The decisions are in `understanding.spikes`; `watching.tick` is what the worker calls, `door.Alerts` is for the screens.
"""
