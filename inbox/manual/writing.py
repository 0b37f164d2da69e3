"""Storing what was entered, through the same path as everything else, with its first step in the same transaction."""

from __future__ import annotations

from sqlalchemy import Connection, select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.manual import entry as entries
from inbox.manual.views import Entered, Entry
from inbox.sentences import Sentence
from inbox.teams import default_team
from inbox.views import CurrentUser
from store import brands
from store.ingest import commit_within
from store.records import AuthorRecord, MentionRecord, PageCommit
from store.schema import author, conversation, mention
from store.sources import BY_HAND, ensure_by_hand

SOURCE_NAME = "By hand"
QUERY = "entered"


def enter(desk: Desk, user: CurrentUser, entry: Entry) -> Entered:
    """Store a contact as a new conversation, with its team, priority and due time. The worker routes it as usual.

    Raises:
        BadInput: a value that cannot be used; says which.
    """
    now = desk.clock()
    clean = _checked(desk, entry)
    own_id = desk.store.new_id()
    record = entries.mention_of(clean, own_id, author=entries.author_of(clean, own_id), user_id=user.id)

    def work(conn: Connection) -> Entered:
        done = _store(desk, conn, record)
        row = steps.load(conn, done.conversation_id)
        changes = {
            "team_id": clean.team_id or default_team(desk.settings),
            "priority": clean.priority,
            **({"assignee_id": user.id} if clean.mine else {}),
        }
        facts = {"channel": clean.channel, "mention_id": done.mention_id}
        step = steps.Step("entered", steps.after_move(desk, row, changes), facts=facts)
        steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)
        return done

    return desk.store.write_again(work)


def add(desk: Desk, user: CurrentUser, conversation_id: int, entry: Entry) -> Entered:
    """Store a later contact in a conversation that was entered ("called again"). A closed one opens as usual.

    Channel, text, time and language of the entry count; who it was stays.

    Raises:
        BadInput: a value that cannot be used, or a conversation that a source brought.
        NotFound: no such conversation.
    """
    clean = _checked(desk, entry)
    own_id = desk.store.new_id()

    def work(conn: Connection) -> Entered:
        # Read without a lock: storing takes its own, and in the order of every other page.
        row = conn.execute(select(conversation).where(conversation.c.id == conversation_id)).first()
        if row is None:
            raise NotFound(what="conversation", key=conversation_id)
        if row.source_id != BY_HAND:
            raise BadInput(
                Sentence("Only what was entered by hand can be added to; what comes in on a platform comes by itself.")
            )
        root = row.key.partition("\n")[2]
        who = _who(conn, row.author_id) or entries.author_of(clean, own_id)
        record = entries.mention_of(clean, own_id, author=who, user_id=user.id, root=root)
        return _store(desk, conn, record)

    return desk.store.write_again(work)


def _checked(desk: Desk, entry: Entry) -> Entry:
    return entries.checked(
        entry,
        now=desk.clock(),
        teams=frozenset(team.id for team in desk.settings.teams),
        brands=frozenset(brands.brand_names(desk.store)),
    )


def _store(desk: Desk, conn: Connection, record: MentionRecord) -> Entered:
    ensure_by_hand(conn, desk.store, SOURCE_NAME)
    page = PageCommit(
        source_id=BY_HAND,
        query_id=QUERY,
        fetched_at=desk.clock(),
        mentions=(record,),
        archive_after_s=None,
        timezone=desk.settings.timezone,
    )
    (mention_id,) = commit_within(conn, desk.store, page).new_ids
    conversation_id = conn.execute(select(mention.c.conversation_id).where(mention.c.id == mention_id)).scalar_one()
    return Entered(conversation_id, mention_id)


def _who(conn: Connection, author_id: int | None) -> AuthorRecord | None:
    row = None if author_id is None else conn.execute(select(author).where(author.c.id == author_id)).first()
    if row is None:
        return None
    return AuthorRecord(external_id=row.external_id, platform=row.platform, name=row.name, url=row.url)
