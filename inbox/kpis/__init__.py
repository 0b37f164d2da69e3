"""Figures: registered in `catalogue`, gathered from facts, added up by pure functions. The way in: `door`."""
