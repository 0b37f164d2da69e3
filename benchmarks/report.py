"""What a bench hands back: a table of figures, for people (rich) and for scripts (JSON)."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from store.dialects.sqlite import driver

Cell = str | int | float | bool | None


@dataclass(slots=True)
class Figures:
    """One table. Every claim in it is a ratio between two things measured in the same run.

    Attributes:
        title: what was measured.
        columns: heads, units in them.
        rows: one per variant.
        notes: what a reader must know, and whether a bar was met.
        missed: bars that were not met, in words.
    """

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        """Add one row."""
        self.rows.append(cells)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the figures come from. Names no host."""

    cpu: str
    cores: int
    memory_gb: int
    load: tuple[float, float, float]
    python: str
    sqlite: str
    postgresql: str
    system: str

    @classmethod
    def here(cls, postgresql: str = "not measured") -> Machine:
        """This machine, now."""
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        one, five, fifteen = os.getloadavg()
        return cls(
            cpu=_cpu(),
            cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
            memory_gb=round(pages * size / 2**30),
            load=(round(one, 1), round(five, 1), round(fifteen, 1)),
            python=platform.python_version(),
            sqlite=str(driver().sqlite_version),
            postgresql=postgresql,
            system=platform.system(),
        )

    def sentence(self) -> str:
        """One line for the head of the tables."""
        load = " / ".join(f"{each:g}" for each in self.load)
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gb} GB, {self.system}; load average {load}; "
            f"Python {self.python}, SQLite {self.sqlite}, PostgreSQL {self.postgresql}, "
            f"SQLAlchemy {version('sqlalchemy')}"
        )


def show(figures: Figures, console: Console) -> None:
    """Print one table."""
    table = Table(title=figures.title, title_justify="left", title_style="bold")
    for position, head in enumerate(figures.columns):
        table.add_column(head, justify="left" if position == 0 else "right", overflow="fold")
    for row in figures.rows:
        table.add_row(*map(spelled, row))
    console.print(table)
    for note in figures.notes:
        console.print(note, style="dim", highlight=False)
    for missed in figures.missed:
        console.print(f"NOT MET: {missed}", style="bold red", highlight=False)
    console.print()


def spelled(cell: Cell) -> str:
    """A figure as people read it: three significant digits, thousands apart."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or abs(cell) >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.3g}" if abs(cell) < 10 else f"{cell:.1f}"


def as_json(figures: Figures) -> dict[str, object]:
    """The same for scripts."""
    return asdict(figures)


def as_markdown(figures: Figures) -> str:
    """The same for the documentation."""
    lines = [
        f"**{figures.title}**\n",
        f"| {' | '.join(figures.columns)} |",
        f"|---|{'---:|' * (len(figures.columns) - 1)}",
        *(f"| {' | '.join(map(spelled, row))} |" for row in figures.rows),
    ]
    told = [*figures.notes, *(f"Not met: {missed}." for missed in figures.missed)]
    return "\n".join([*lines, "", *(f"{each}\n" for each in told)])


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
