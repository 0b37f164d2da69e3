"""Figures as ratios measured in one run; `make bench` prints them as a table."""
