"""Erasing somebody on request: in the store, in files on this machine, and a line in the record without them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from inbox import events
from inbox.desk import Desk
from inbox.export_jobs.background import forget_files
from inbox.noise import erasing as noise
from inbox.privacy import files
from inbox.privacy.files import Files
from store import forgetting
from store.forgetting import Held, Subject

PRIVACY = "privacy"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done.

    Attributes:
        held: what was kept before, counted.
        messages: mentions whose content went, our answers to them aside.
        files: what became of files.
        left: what a person must still see to, in sentences.
        bytes_left: bytes of it may stand in files of the database for a while; `left` says where.
    """

    held: Held
    messages: int
    files: Files
    left: tuple[str, ...]
    bytes_left: bool = False


def held(desk: Desk, subject: Subject) -> Held:
    """What is kept of somebody, counted."""
    with desk.store.read() as conn:
        return forgetting.held(conn, subject)


def erase(desk: Desk, subject: Subject, *, actor_id: int | None, objected: bool = False, whole: bool = False) -> Erased:
    """Erase somebody. Safe to repeat; what they said until now never comes back.

    Args:
        desk: where.
        subject: of `store.forgetting.find`.
        actor_id: who does it; None on the command line.
        objected: nothing they say later is taken in either.
        whole: also rewrite the whole database, which keeps others waiting.
    """
    before = held(desk, subject)
    gone = forgetting.erase(desk.store, subject, now=desk.clock(), objected=objected)
    forget_files(desk)
    done = files.take_out(desk.store, gone, [one.id for one in subject.accounts])
    counts = {name: value for name, value in asdict(before).items() if isinstance(value, int) and value}
    facts = {**counts, "files": len(done.rewritten), "objected": objected}
    with desk.store.write() as conn:
        noise.forget(desk, conn, subject)
        events.append(desk, conn, (PRIVACY, ""), "person_erased", actor_id=actor_id, after={"facts": facts})
    shredded = desk.store.dialect.shred(desk.store.engine, whole=whole)
    left = list(shredded)
    left += [f"{path} could not be rewritten; take them out by hand, or remove it" for path in done.unreadable]
    left += [f"the backup {path} still holds them; make a new one and remove it" for path in done.backups]
    if before.named_in:
        numbers = ", ".join(map(str, before.named_in[:20]))
        left.append(f"words of ours in other conversations name somebody so; look whether it is them: {numbers}")
    return Erased(before, len(gone), done, tuple(left), bytes_left=bool(shredded))


def record_access(desk: Desk, *, actor_id: int | None = None) -> None:
    """A line in the record: somebody's data was taken out for them. Without them."""
    with desk.store.write() as conn:
        events.append(desk, conn, (PRIVACY, ""), "subject_access", actor_id=actor_id, after={"facts": {}})
