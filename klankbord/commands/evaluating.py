"""`evaluate`: how good Klankbord's answers are on labelled texts of your own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from klankbord.console import (
    AsJson,
    CommandError,
    ConfigFile,
    Friendly,
    answer_json,
    answer_table,
    load,
    notes,
    progress,
    screen,
)
from understanding.evaluating import lines as told
from understanding.language import DetectorName, UnknownLanguageError, check_languages, detector_of
from understanding.measuring import Figures, Judged, Share, macro_f1_interval, measured
from understanding.query import QueryError, parse_query

if TYPE_CHECKING:
    from understanding.sentiment import Scorer

app = typer.Typer(
    cls=Friendly, no_args_is_help=True, rich_markup_mode=None, help="How good the answers are on your own labels."
)

Line = TypeVar("Line")
LabelledFile = Annotated[Path, typer.Argument(help="Labelled texts, one JSON object a line.")]
Named = Annotated[str | None, typer.Option(help="Languages to choose among; those of the file when left out.")]
_KNOW_HOW_SURE = {"language", "sentiment"}
_HOW_SURE = ("calibration_error", "calibration_chance", "sure", "accuracy_when_sure")
_SHOWN = 5
_STEP = 500


@dataclass(frozen=True, slots=True)
class _Evaluated:
    """Figures of a file, how many of its lines were left out, and texts a second of processor time."""

    figures: Figures
    macro_f1_interval: tuple[float, float]
    unfit: Sequence[told.Unfit]
    texts_per_s: float


@app.command("language")
def language(
    file: LabelledFile,
    languages: Named = None,
    detector: Annotated[DetectorName, typer.Option(help="Which detector.")] = "py3langid",
    as_json: AsJson = False,
) -> None:
    """Lines {"text": ..., "lang": "nl"}: how often the language is named right."""
    from understanding.evaluating.answers import languages_told

    rows, unfit = _read(file, told.language_line)
    among = _languages(detector, languages or ",".join(sorted({row.lang for row in rows})))
    asked = detector_of(detector, among)
    done = _timed(rows, unfit, lambda some: languages_told(some, asked), among)
    _answer("language", file, done, {"detector": detector, "languages": list(among)}, as_json=as_json)


@app.command("sentiment")
def sentiment(
    file: LabelledFile,
    tier: Annotated[int, typer.Option(min=1, max=2, help="1: words; 2: meaning too, from the extra `deep`.")] = 1,
    ours: Annotated[bool, typer.Option(help="With your own words and the model in use, from the database.")] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Lines {"text": ..., "label": -1|0|1, "lang": "nl"}: how often the sentiment is right; lang may be left out."""
    from understanding.evaluating.answers import sentiment_told
    from understanding.sentiment.measure import CLASSES

    rows, unfit = _read(file, told.sentiment_line)
    scorer = _scorer(tier, config, ours=ours)
    asked = detector_of("py3langid", ("nl", "en", "de", "fr"))
    done = _timed(rows, unfit, lambda some: sentiment_told(some, scorer, asked), tuple(CLASSES.values()))
    _answer("sentiment", file, done, {"tier": tier, "model": scorer.version}, as_json=as_json)


def _scorer(tier: int, config: Path | None, *, ours: bool) -> Scorer:
    from inbox.tone.scoring import newest
    from understanding import vectors
    from understanding.sentiment import tier_one

    if ours:
        from klankbord import compose

        with compose.opened(load(config)) as store:
            first = newest(store)
    else:
        first = tier_one()
    if tier == 1:
        return first
    if reason := vectors.why_not():
        msg = f"tier 2 cannot be asked here: {reason}"
        raise CommandError(msg)
    from understanding.sentiment.deep import tier_two

    return tier_two(first)


@app.command("duplicates")
def duplicates(file: LabelledFile, as_json: AsJson = False) -> None:
    """Lines {"text": ..., "group": ...}: whether what says the same is folded, and nothing else."""
    from understanding.evaluating.copies import COPY, FIRST, copies_told

    rows, unfit = _read(file, told.group_line)
    done = _timed(rows, unfit, copies_told, (COPY, FIRST), whole=True)
    _answer("duplicates", file, done, {}, as_json=as_json)


@app.command("query")
def query(file: LabelledFile, as_json: AsJson = False) -> None:
    """Lines {"text": ..., "query": ..., "match": true}: whether each query finds its text."""
    from understanding.evaluating.answers import MATCH, NO_MATCH, queries_told

    rows, unfit = _read(file, _readable_query)
    done = _timed(rows, unfit, queries_told, (MATCH, NO_MATCH))
    _answer("query", file, done, {}, as_json=as_json)


def _readable_query(said: dict[str, Any]) -> told.QueryLine:
    line = told.query_line(said)
    try:
        parse_query(line.query)
    except QueryError as error:
        msg = f"the query cannot be read: {error}, at character {error.position + 1}"
        raise told.UnfitLineError(msg) from error
    return line


def _languages(detector: DetectorName, given: str) -> tuple[str, ...]:
    among = tuple(code.strip().lower() for code in given.split(",") if code.strip())
    try:
        check_languages(detector, among)
    except UnknownLanguageError as error:
        raise CommandError(str(error)) from error
    return among


def _read(file: Path, read: Callable[[dict[str, Any]], Line]) -> tuple[list[Line], list[told.Unfit]]:
    try:
        with file.open("rb") as opened:
            rows, unfit = told.read_lines(opened, read)
    except OSError as error:
        msg = f"cannot read {file}: {error.strerror or error}"
        raise CommandError(msg) from error
    if not rows:
        why = f"; line {unfit[0].number}: {unfit[0].problem}" if unfit else ""
        msg = f"{file} holds no labelled text{why}"
        raise CommandError(msg)
    return rows, unfit


def _timed(
    rows: Sequence[Line],
    unfit: Sequence[told.Unfit],
    answer: Callable[[Iterable[Line]], Iterator[Judged]],
    names: Sequence[str],
    *,
    whole: bool = False,
) -> _Evaluated:
    """Answer to all lines; `whole` where an answer depends on the lines before it."""
    for _ in answer(rows[:1]):
        pass  # models load with the first answer; that is no part of how quick the others are
    judged: list[Judged] = []
    spent = 0.0
    with progress("asking", len(rows)) as done:
        step = len(rows) if whole else _STEP
        for start in range(0, len(rows), step):
            began = time.thread_time()
            judged += answer(rows[start : start + step])
            spent += time.thread_time() - began
            done(len(judged))
    return _Evaluated(measured(judged, names), macro_f1_interval(judged), unfit, len(judged) / spent if spent else 0.0)


def _answer(kind: str, file: Path, done: _Evaluated, settings: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        document = {"kind": kind, "file": str(file), **settings, **_document(done)}
        if kind not in _KNOW_HOW_SURE:
            for name in _HOW_SURE:
                del document[name]
        answer_json(document)
        return
    figures = done.figures
    low, high = figures.right.interval
    least, most = done.macro_f1_interval
    screen.print(
        f"{kind}: {figures.right.value:.1%} right of {figures.right.n:,} (95 %: {low:.1%} to {high:.1%}), "
        f"macro-F1 {100 * figures.macro_f1:.1f} (95 %: {100 * least:.1f} to {100 * most:.1f}), "
        f"calibration error {figures.calibration_error:.3f}, {done.texts_per_s:,.0f} texts/s",
        soft_wrap=True,
    )
    screen.print(
        f"sure of {_percent(figures.sure)}, of which {_percent(figures.right_when_sure)} right; "
        f"of so many, confidences without fault would show a calibration error of {figures.calibration_chance:.3f}",
        soft_wrap=True,
    )
    answer_table(
        "By class",
        ("class", "n", "precision", "recall", "F1"),
        [
            (each.name, f"{each.n:,}", _percent(each.precision), _percent(each.recall), f"{100 * each.f1:.1f}")
            for each in figures.classes
        ],
    )
    answer_table(
        "By length, in characters",
        ("length", "n", "right"),
        [(_length(each.shortest, each.longest), f"{each.right.n:,}", _percent(each.right)) for each in figures.lengths],
    )
    _tell_unfit(done.unfit)


def _document(done: _Evaluated) -> dict[str, Any]:
    figures = done.figures
    return {
        "n": figures.right.n,
        "left_out": [{"line": each.number, "problem": each.problem} for each in done.unfit],
        "accuracy": figures.right.value,
        "accuracy_interval": figures.right.interval,
        "macro_f1": figures.macro_f1,
        "macro_f1_interval": done.macro_f1_interval,
        "calibration_error": figures.calibration_error,
        "calibration_chance": figures.calibration_chance,
        "sure": figures.sure.value,
        "accuracy_when_sure": figures.right_when_sure.value,
        "texts_per_s": round(done.texts_per_s),
        "classes": {
            each.name: {
                "n": each.n,
                "precision": each.precision.value,
                "recall": each.recall.value,
                "f1": each.f1,
            }
            for each in figures.classes
        },
        "lengths": [
            {"from": each.shortest, "to": each.longest, "n": each.right.n, "accuracy": each.right.value}
            for each in figures.lengths
        ],
    }


def _tell_unfit(unfit: Sequence[told.Unfit]) -> None:
    for each in unfit[:_SHOWN]:
        notes.print(f"line {each.number} left out: {each.problem}", soft_wrap=True, markup=False)
    if len(unfit) > _SHOWN:
        notes.print(f"... and {len(unfit) - _SHOWN:,} lines more", soft_wrap=True)


def _percent(share: Share) -> str:
    return f"{share.value:.1%}"


def _length(shortest: int, longest: int | None) -> str:
    return f"{shortest}-{longest}" if longest is not None else f"{shortest} and more"
