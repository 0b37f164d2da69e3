"""`python -m understanding.sentiment.deep`: fit tier 2 on the seeds and write `head.json`."""

from __future__ import annotations

from understanding.sentiment.deep import fit_head
from understanding.sentiment.deep.head import COMMITTED

if __name__ == "__main__":
    head = fit_head()
    COMMITTED.write_text(head.to_json() + "\n", "utf-8")
    print(f"{head.version}: {head.n_seeds:,} seeds, temperature {head.temperature}")  # noqa: T201
