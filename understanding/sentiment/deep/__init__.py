"""Tier 2 of sentiment: what a text means besides which words it holds. In the background, where vectors are there.

A vector of the text and what tier 1 says of it go into one more regression, fitted on the same seed sentences. Words
that people adjusted and ratings count through tier 1; so do the places that explain the answer.
"""

from understanding.sentiment.deep.fitting import fit_head
from understanding.sentiment.deep.head import Head
from understanding.sentiment.deep.tier_two import Asked, TierTwo, tier_two

BETTER_IN = frozenset({"nl", "en", "de"})
"""Languages in which it was measured to be better than tier 1; in French it was worse (docs/understanding.md)."""

__all__ = ["BETTER_IN", "Asked", "Head", "TierTwo", "fit_head", "tier_two"]
