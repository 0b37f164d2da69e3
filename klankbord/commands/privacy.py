"""`erase`, `subject-access`: the rights of whom we keep data of."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import orjson
import typer

from inbox.desk import Desk
from inbox.privacy import erasing
from inbox.privacy.dossier import gather
from inbox.privacy.erasing import Erased
from inbox.privacy.page import render
from klankbord import compose
from klankbord.console import AsJson, CommandError, ConfigFile, answer_json, answer_table, load, notes, screen
from store.forgetting import Held, Subject, find

AuthorId = Annotated[int | None, typer.Option("--author", help="Account, by its id here (`author_id` in exports).")]
PersonId = Annotated[int | None, typer.Option("--person", help="Person, by id: all their accounts.")]
Handle = Annotated[str | None, typer.Option("--handle", help="Account, by its name on a platform.")]
Platform = Annotated[str | None, typer.Option("--platform", help="Platform that --handle is a name on.")]
Profile = Annotated[str | None, typer.Option("--url", help="Account, by the address of its profile.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("erase")(erase)
    app.command("subject-access")(subject_access)


def erase(
    author: AuthorId = None,
    person: PersonId = None,
    handle: Handle = None,
    platform: Platform = None,
    url: Profile = None,
    objected: Annotated[bool, typer.Option("--objected", help="Take nothing in that they say from now on.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    vacuum: Annotated[bool, typer.Option("--vacuum", help="Also rewrite the whole database; others wait.")] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Erase somebody everywhere, so that collecting does not bring them back. Shows first what it would erase."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        desk = compose.desk(store, loaded)
        subject = _subject(desk, author=author, person=person, handle=handle, platform=platform, url=url)
        held = erasing.held(desk, subject)
        if not yes:
            if as_json:
                answer_json({"would_erase": _plain(held), "accounts": [one.id for one in subject.accounts]})
                return
            _show(subject, held)
            if not typer.confirm("Erase all this? It cannot be taken back.", default=False, err=True):
                msg = "nothing was erased"
                raise CommandError(msg)
        done = erasing.erase(desk, subject, actor_id=None, objected=objected, whole=vacuum)
    if as_json:
        told = {"files": dict(done.files.rewritten), "removed": list(done.files.removed), "left": done.left}
        answer_json({"erased": _plain(done.held), **told})
    else:
        _told(done)


def subject_access(
    author: AuthorId = None,
    person: PersonId = None,
    handle: Handle = None,
    platform: Platform = None,
    url: Profile = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; stdout when left out.")] = None,
    language: Annotated[Literal["nl", "en"] | None, typer.Option("--language", help="Of the file.")] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Write one readable file with everything that is kept of somebody, over all channels."""
    loaded = load(config)
    settings = loaded.inbox_settings()
    with compose.opened(loaded) as store:
        desk = compose.desk(store, loaded)
        subject = _subject(desk, author=author, person=person, handle=handle, platform=platform, url=url)
        dossier = gather(desk, subject)
        erasing.record_access(desk)
    if as_json:
        written = orjson.dumps(
            dossier.as_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
        )
    else:
        written = render(dossier, language=language or settings.language, zone=ZoneInfo(settings.timezone)).encode()
    if output is None:
        typer.echo(written.decode(), nl=False)
        return
    output.touch(mode=0o600)
    output.write_bytes(written)
    notes.print(f"wrote {output}: {len(dossier.conversations)} conversations; send it by a safe way", soft_wrap=True)


def _subject(
    desk: Desk, *, author: int | None, person: int | None, handle: str | None, platform: str | None, url: str | None
) -> Subject:
    """Who is meant.

    Raises:
        CommandError: nobody, or nobody was named.
    """
    named = [each for each in (author, person, handle, url) if each is not None]
    if len(named) != 1:
        msg = "say whom: --author ID, --person ID, --handle NAME with --platform, or --url ADDRESS of a profile"
        raise CommandError(msg)
    if handle is not None and platform is None:
        msg = "say on which platform this is a name: --platform mastodon"
        raise CommandError(msg)
    with desk.store.read() as conn:
        found = find(conn, author_id=author, person_id=person, handle=handle, platform=platform, url=url)
    if found is None:
        msg = "nobody is known here by that; look at author_id, author_handle and author_url of an export"
        raise CommandError(msg)
    return found


def _plain(held: Held) -> dict[str, object]:
    return {name: value for name, value in asdict(held).items() if value}


def _show(subject: Subject, held: Held) -> None:
    rows = [(one.id, one.key[0], one.handle, one.name, one.url) for one in subject.accounts]
    answer_table("Accounts", ("id", "platform", "handle", "name", "profile"), rows)
    counts = [(name.replace("_", " "), value) for name, value in asdict(held).items() if isinstance(value, int)]
    answer_table("What would be erased", ("what", "how many"), counts)


def _told(done: Erased) -> None:
    screen.print(f"erased: {done.held.messages} messages, {done.held.accounts} accounts, and all that hung on them")
    for path, rows in done.files.rewritten.items():
        screen.print(f"{rows} rows taken out of {path}", soft_wrap=True)
    for path in done.files.removed:
        screen.print(f"removed {path}: export it again to have it without them", soft_wrap=True)
    for sentence in done.left:
        notes.print(f"still to do: {sentence}", soft_wrap=True)
