"""Which children of a sheet the county has already, by blind index: no record is opened to tell."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col

from placement.children.tables import Child
from placement.crypto import vault
from placement.imports.child_columns import ChildRow
from placement.imports.columns import ReadRow
from placement.refusals import Refusal

Key = tuple[str, str]


def keys_of(one: ChildRow) -> list[Key]:
    """Return the blind indexes of a row's codes with the column of each."""
    identity = one.child.identity
    pairs = (("identity_code", identity.identity_code), ("temporary_number", identity.temporary_number))
    return [(column, vault.blind_index(code)) for column, code in pairs if code]


def already_here(session: Session, county_id: int, rows: Sequence[ChildRow]) -> dict[int, str]:
    """Return, by position in `rows`, the reference of the county's child with the same code; one statement."""
    wanted = {index for one in rows for _, index in keys_of(one)}
    if not wanted:
        return {}
    found = session.execute(
        sa.select(col(Child.identity_index), col(Child.temporary_index), col(Child.ref)).where(
            col(Child.county_id) == county_id,
            sa.or_(col(Child.identity_index).in_(wanted), col(Child.temporary_index).in_(wanted)),
        )
    )
    refs: dict[Key, str] = {}
    for identity, temporary, ref in found:
        refs |= {("identity_code", identity): ref, ("temporary_number", temporary): ref}
    return {
        position: ref
        for position, one in enumerate(rows)
        for ref in [next((refs[key] for key in keys_of(one) if key in refs), None)]
        if ref is not None
    }


def twice(rows: Sequence[tuple[ReadRow, ChildRow]]) -> dict[int, Refusal]:
    """Return, by position, the fault of each row whose code stands in an earlier row of the same file."""
    first: dict[Key, int] = {}
    found: dict[int, Refusal] = {}
    for position, (row, one) in enumerate(rows):
        for key in keys_of(one):
            if key[0] in row.faulty or one.child.identity.temporary_number == "?":
                continue
            if key in first:
                found.setdefault(position, Refusal("row-twice", field=key[0], first=first[key]))
            else:
                first[key] = row.number
    return found
