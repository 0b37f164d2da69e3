"""Tables of the store's own machinery."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class IdReservation(SQLModel, table=True):
    """Per id node: the id seconds (since 2024-01-01 UTC) up to which it is reserved, see `store.ids`."""

    __tablename__ = "id_lease"
    node: int = Field(primary_key=True)
    until_s: int = Field(sa_type=BigInteger)
    owner: str = ""
