"""`query check|test|save|pull|history`: the query lab at the terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from inbox import people
from inbox.lab import backtest, versions
from inbox.lab.checking import check as checked_text
from inbox.lab.views import Checked, Findings
from klankbord import compose
from klankbord.config import Config
from klankbord.console import AsJson, CommandError, ConfigFile, answer_json, answer_table, load, notes, progress, screen
from klankbord.query_file import put_query
from store import brands

app = typer.Typer(no_args_is_help=True, help="What brands are listened for: try a query, keep it, look back.")

Brand = Annotated[str | None, typer.Option(help="Id of the brand; needed when there are several of your own.")]
_EXAMPLES = 12
_PIECE_S = 0.5


@app.command("check")
def check(
    text: Annotated[str, typer.Argument(help="The query, in quotation marks.")],
    as_json: AsJson = False,
) -> None:
    """Say whether a text is a query, and else what is wrong and where."""
    found = checked_text(text)
    if as_json:
        answer_json(_checked(found))
    elif found.fits:
        screen.print("this is a query" + (f"; {found.hint}" if found.hint else ""), soft_wrap=True, markup=False)
    else:
        _point(text, found)
    if not found.fits:
        raise typer.Exit(1)


@app.command("test")
def try_out(
    text: Annotated[str, typer.Argument(help="The query to try, in quotation marks.")],
    brand: Brand = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="Only what was said in so many days; all when left out.")
    ] = None,
    most_seconds: Annotated[float, typer.Option(min=0.1, help="Stop after so many seconds of work.")] = 600.0,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Try a query on what came in: what it adds, drops and keeps against the one that counts. Changes nothing."""
    loaded = load(config)
    brand_id = _brand(loaded, brand)
    with compose.opened(loaded) as store, progress("testing") as done:
        desk = compose.desk(store, loaded)
        job = backtest.begin(desk, brand_id, text, days=days)
        job.cap_s = most_seconds
        found = backtest.tested(job)
        while found.state == "running":
            found = backtest.go_on(desk, job, for_s=_PIECE_S)
            done(found.tested, found.expected)
    if as_json:
        answer_json(_findings(found))
        return
    _tell(found)


@app.command("save")
def save(
    text: Annotated[str, typer.Argument(help="The new query, in quotation marks.")],
    brand: Brand = None,
    author: Annotated[str | None, typer.Option(help="Login of who saves it; `cli` when left out.")] = None,
    config: ConfigFile = None,
) -> None:
    """Keep a new version of a brand's query; running workers notice within 15 seconds."""
    loaded = load(config)
    brand_id = _brand(loaded, brand)
    with compose.opened(loaded) as store:
        desk = compose.desk(store, loaded)
        who = None if author is None else people.find(desk, author)
        login, user_id = ("cli", None) if who is None else (who.login, who.id)
        made = versions.save(desk, brand_id, text, author=login, user_id=user_id)
    screen.print(f"saved as version {made} of {brand_id}", soft_wrap=True, markup=False)
    notes.print("`klankbord query pull` writes it into the configuration; `klankbord backfill` reads the past again")


@app.command("pull")
def pull(brand: Brand = None, config: ConfigFile = None) -> None:
    """Write the queries that count now into the configuration; comments and order of the file stay."""
    path = compose.config_path(config)
    loaded = load(config)
    wanted = [one for one in loaded.brands if brand in {None, one.id}]
    if not wanted:
        raise CommandError(_no_such(brand, loaded))
    with compose.opened(loaded) as store:
        now, behind = compose.utc_now(), 0
        for one in wanted:
            with store.read() as conn:
                current = versions.current_of(brands.versions_of(conn, one.id), now)
            if current is None or current.text == one.query:
                continue
            put_query(path, one.id, current.text)
            with store.write() as conn:
                brands.take_up(conn, store, current)
            behind += 1
            screen.print(f"{one.id}: {current.text}", soft_wrap=True, markup=False)
    screen.print(f"{behind} of {len(wanted)} queries written to {path}", soft_wrap=True, markup=False)


@app.command("history")
def history(brand: Brand = None, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List the versions of a brand's query, newest first."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        opened = versions.opened(compose.desk(store, loaded), _brand(loaded, brand))
    rows = [
        {
            "id": one.id,
            "valid_from": one.valid_from.isoformat(timespec="seconds"),
            "author": one.author,
            "current": one.current,
            "text": one.text,
            "precision": round(one.precision.value, 3) if one.precision.n else None,
            "labelled": one.precision.n,
        }
        for one in opened.versions
    ]
    if as_json:
        answer_json(rows)
        return
    columns = ("id", "valid_from", "author", "precision", "labelled", "text")
    answer_table(f"Query of {opened.brand.name}", columns, [[row[name] for name in columns] for row in rows])


def _brand(loaded: Config, wanted: str | None) -> str:
    own = [one.id for one in loaded.brands if not one.competitor]
    if wanted is None and len(own) == 1:
        return own[0]
    if wanted is None or wanted not in {one.id for one in loaded.brands}:
        raise CommandError(_no_such(wanted, loaded))
    return wanted


def _no_such(wanted: str | None, loaded: Config) -> str:
    there = ", ".join(one.id for one in loaded.brands) or "none"
    said = "name a brand with --brand" if wanted is None else f"there is no brand {wanted}"
    return f"{said}; there are: {there}"


def _point(text: str, found: Checked) -> None:
    line = " ".join(text.splitlines())
    start = max(0, found.start - 40)
    screen.print(line[start : start + 90], markup=False, soft_wrap=True)
    marks = "^" * max(1, min(found.end - found.start, 50))
    screen.print(" " * (found.start - start) + marks, markup=False, soft_wrap=True)
    notes.print(f"at character {found.start + 1}: {found.problem}", markup=False, soft_wrap=True)
    if meant := found.mended or found.suggestion:
        notes.print(f"perhaps: {meant}", markup=False, soft_wrap=True)


def _checked(found: Checked) -> dict[str, Any]:
    return {
        "fits": found.fits,
        "problem": None if found.problem is None else str(found.problem),
        "position": None if found.fits else found.start,
        "suggestion": found.mended or found.suggestion or None,
        "hint": None if found.hint is None else str(found.hint),
    }


def _findings(found: Findings) -> dict[str, Any]:
    return {
        "state": found.state,
        "tested": found.tested,
        "expected": found.expected,
        "per_second": round(found.per_second),
        "added": found.added,
        "dropped": found.dropped,
        "kept": found.kept,
        "from_outside": found.from_outside,
        "own_channels": found.whole,
        "unmatched_since": None if found.horizon is None else found.horizon.isoformat(),
        "per_source": [
            {"source": row.source_id, "added": row.added, "dropped": row.dropped, "kept": row.kept}
            for row in found.per_source
        ],
        "per_week": [
            {"week": week.monday.isoformat(), "before": week.before, "after": week.after} for week in found.per_week
        ],
        "overlap": dict(found.overlap),
        "examples": [
            {"outcome": one.outcome, "source": one.source_name, "at": one.at.isoformat(), "text": one.text}
            for one in found.examples
        ],
    }


def _tell(found: Findings) -> None:
    answer_table(
        f"+{found.added:,} added, -{found.dropped:,} dropped, {found.kept:,} kept",
        ("source", "added", "dropped", "kept"),
        [(row.name, row.added, row.dropped, row.kept) for row in found.per_source],
    )
    if found.per_week:
        answer_table(
            "Found per week",
            ("week of", "before", "after"),
            [(week.monday, week.before, week.after) for week in found.per_week[-12:]],
        )
    for name, n in found.overlap.items():
        screen.print(f"also found by {name}: {n:,}", markup=False, soft_wrap=True)
    for one in [each for each in found.examples if each.outcome != "kept"][:_EXAMPLES]:
        sign = "+" if one.outcome == "added" else "-"
        screen.print(f"{sign} {one.source_name}: {' '.join(one.text.split())}", markup=False, soft_wrap=True)
    more = "; stopped at --most-seconds" if found.state == "capped" else ""
    notes.print(
        f"tested {found.tested:,} of {found.expected:,} at {found.per_second:,.0f} a second{more}", soft_wrap=True
    )
    since = "nothing that no query matched is kept" if found.horizon is None else f"since {found.horizon:%Y-%m-%d}"
    notes.print(f"additions from outside the archive ({found.from_outside:,}) are known: {since}", soft_wrap=True)
