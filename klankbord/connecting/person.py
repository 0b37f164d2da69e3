"""The person who connects an account: asked at the terminal, or answering beforehand by a file or the environment."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer
import yaml

from connectors.connecting import Ask, Choose, Field, Tell, Tone
from klankbord.console import CommandError, notes
from pipeline.http.redact import KNOWN

VARIABLE = "KLANKBORD_CONNECT_"
"""Before a field's name in capitals: the environment variable that answers it."""
CHOICES = "choose"
"""In an answers file: the keys that are chosen, of all choices together."""

_SIGNS = {Tone.WORKS: ("✓", "+"), Tone.LACKS: ("✗", "-"), Tone.NOTE: ("•", "*")}
_STYLES = {Tone.WORKS: "green", Tone.LACKS: "yellow", Tone.NOTE: None}
_LINE_ENDS = re.compile(r"[\r\n]+")


@dataclass(slots=True)
class Person:
    """Answers steps.

    Attributes:
        given: answers by field name, from a file.
        chosen: keys that were chosen beforehand.
        environment: variables.
        terminal: whether somebody sits there who can be asked.
        told: every sentence that was told, with its tone.
    """

    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    chosen: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    terminal: bool = field(default_factory=lambda: bool(sys.stdin and sys.stdin.isatty()))
    told: list[Tell] = field(default_factory=list)

    def say(self, text: str, style: str | None = None) -> None:
        """Say something. What comes from a platform may hold anything; a terminal gets only what can be printed."""
        notes.print(printable(text), style=style, markup=False, soft_wrap=True)

    def hear(self, step: Tell) -> None:
        """Be told one sentence, with a sign for how it is meant."""
        self.told.append(step)
        self._say(step)

    def try_out(self, what: str, text: str, *, ok: bool) -> None:
        """Be told how a line of work answered when it was tried."""
        self._say(Tell(f"{what}: {text}", Tone.WORKS if ok else Tone.LACKS))

    def _say(self, step: Tell) -> None:
        fancy = (notes.encoding or "").lower().startswith("utf")
        sign = _SIGNS[step.tone][0 if fancy else 1]
        self.say(f"{sign} {step.text}", _STYLES[step.tone])

    def fill_in(self, step: Ask) -> dict[str, str]:
        """What was typed into every field.

        Raises:
            CommandError: a field is needed that nobody answers.
        """
        if step.text:
            self.say(step.text)
        typed = {each.name: self._typed(each).strip() for each in step.fields}
        KNOWN.add(typed[each.name] for each in step.fields if each.secret)
        return typed

    def choose(self, step: Choose) -> tuple[str, ...]:
        """The keys that were chosen.

        Raises:
            CommandError: it was not said beforehand, and nobody can be asked.
        """
        keys = [key for key, _ in step.options]
        named = tuple(key for key in keys if key in self.chosen)
        if named and (step.several or len(named) == 1):
            return named
        if not self.terminal or not keys:
            offered = ", ".join(printable(f"{key} ({label})") for key, label in step.options) or "nothing"
            msg = (
                f"{printable(step.text)} Name what you choose under `{CHOICES}` in the answers file. Offered: {offered}"
            )
            raise CommandError(msg)
        self.say(step.text)
        for number, (_, label) in enumerate(step.options, 1):
            self.say(f"  {number}  {label}")
        ask = "Numbers, with commas between" if step.several else "Number"
        while True:
            typed = str(typer.prompt(ask, err=True))
            picked = [int(each) for each in re.split(r"[,\s]+", typed.strip()) if each.isdecimal()]
            fits = picked and all(1 <= each <= len(keys) for each in picked)
            if fits and (step.several or len(picked) == 1):
                return tuple(dict.fromkeys(keys[each - 1] for each in picked))
            self.say(f"Type a number from 1 to {len(keys)}.")

    def paste(self, ask: str) -> str:
        """One line that was pasted, from the terminal or from what is piped in.

        Raises:
            CommandError: there is none.
        """
        if self.terminal:
            return str(typer.prompt(ask, err=True)).strip()
        self.say(ask)
        line = sys.stdin.readline()
        if not line:
            msg = "the address at which the browser ended is wanted on standard input, and nothing came"
            raise CommandError(msg)
        return line.strip()

    def _typed(self, each: Field) -> str:
        known = self.given.get(each.name, self.environment.get(VARIABLE + each.name.upper()))
        if known is not None:
            return known
        if self.terminal:
            if each.help:
                self.say(f"{each.label}: {each.help}")
            default = "" if each.optional and not each.default else each.default or None
            shown = bool(each.default)
            return str(typer.prompt(each.label, default=default, hide_input=each.secret, show_default=shown, err=True))
        if each.default or each.optional:
            return each.default
        msg = (
            f"{each.label} is needed: put `{each.name}` into an answers file (--answers), or set "
            f"{VARIABLE}{each.name.upper()}"
        )
        raise CommandError(msg)


def printable(text: str) -> str:
    """The text without what would steer a terminal."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in _LINE_ENDS.sub("\n", text))


def answers_from(path: Path | None) -> Person:
    """Somebody who answered beforehand; `-` reads standard input.

    Raises:
        CommandError: the file cannot be read, or is no mapping of names to values.
    """
    if path is None:
        return Person()
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
        values = yaml.safe_load(text) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        # Not the error's own words: they may quote a line with a secret.
        msg = f"the answers in {path} cannot be read ({type(error).__name__}); write one `name: value` per line"
        raise CommandError(msg) from None
    chosen = values.pop(CHOICES, ()) if isinstance(values, dict) else ()
    if not isinstance(values, dict) or any(isinstance(each, dict | list) for each in values.values()):
        msg = f"{path} holds no answers; write one `name: value` per line, and what is chosen under `{CHOICES}`"
        raise CommandError(msg)
    given = {str(name): "" if value is None else str(value) for name, value in values.items()}
    person = Person(given, tuple(map(str, chosen if isinstance(chosen, list | tuple) else (chosen,))))
    if str(path) != "-" and os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        person.say(f"{path} can be read by others; if it holds secrets, run: chmod 600 {path}")
    return person
