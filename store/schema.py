"""The tables as SQLAlchemy Core objects, for set operations; the models beside them are the documentation."""

from __future__ import annotations

from sqlalchemy import Table
from sqlmodel import SQLModel

import store.tables  # noqa: F401  registers the tables

_tables = SQLModel.metadata.tables

author: Table = _tables["author"]
brand: Table = _tables["brand"]
conversation: Table = _tables["conversation"]
conversation_tag: Table = _tables["conversation_tag"]
coverage: Table = _tables["coverage"]
dup_key: Table = _tables["dup_key"]
event: Table = _tables["event"]
gap: Table = _tables["gap"]
id_lease: Table = _tables["id_lease"]
mention: Table = _tables["mention"]
mention_brand: Table = _tables["mention_brand"]
mention_edit: Table = _tables["mention_edit"]
mention_html: Table = _tables["mention_html"]
mention_key: Table = _tables["mention_key"]
mention_raw: Table = _tables["mention_raw"]
mention_source: Table = _tables["mention_source"]
note: Table = _tables["note"]
person: Table = _tables["person"]
quarantine: Table = _tables["quarantine"]
query_state: Table = _tables["query_state"]
query_version: Table = _tables["query_version"]
rollup_day: Table = _tables["rollup_day"]
rollup_hour: Table = _tables["rollup_hour"]
run: Table = _tables["run"]
setting: Table = _tables["setting"]
sign_in_attempt: Table = _tables["sign_in_attempt"]
sign_in_link: Table = _tables["sign_in_link"]
source: Table = _tables["source"]
source_schedule: Table = _tables["source_schedule"]
team: Table = _tables["team"]
thread_node: Table = _tables["thread_node"]
tombstone: Table = _tables["tombstone"]
unmatched: Table = _tables["unmatched"]
user_account: Table = _tables["user_account"]
user_session: Table = _tables["user_session"]
validator: Table = _tables["validator"]
zdict: Table = _tables["zdict"]
