"""Days of a hundred thousand posts on every platform that limits or charges: one simulation, a table of platforms."""
