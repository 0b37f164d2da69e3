"""The seed sentences: written for this project, labelled by hand, CC0. One file of JSON lines per language."""

from __future__ import annotations

import json
from pathlib import Path

from understanding.sentiment.answer import Labelled
from understanding.sentiment.wordlists import LANGUAGES

_FOLDER = Path(__file__).parent / "seeds"


def seeds() -> tuple[Labelled, ...]:
    """Every seed sentence, in the order of the files."""
    return tuple(
        Labelled(row["text"], lang, row["label"], row.get("rating"))
        for lang in LANGUAGES
        for line in (_FOLDER / f"{lang}.jsonl").read_text("utf-8").splitlines()
        for row in (json.loads(line),)
    )
