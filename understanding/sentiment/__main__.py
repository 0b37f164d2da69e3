"""`python -m understanding.sentiment`: fit tier 1 on the seeds and write `model.json`."""

from __future__ import annotations

from understanding.sentiment import evaluate, fit, seeds, tier_one
from understanding.sentiment.model import COMMITTED

if __name__ == "__main__":
    model = fit(seeds())
    COMMITTED.write_text(model.to_json() + "\n", "utf-8")
    figures = evaluate(tier_one(model=model), seeds())
    print(f"{model.version}: {figures.right.n:,} seeds, {figures.right.value:.1%} of them right")  # noqa: T201
