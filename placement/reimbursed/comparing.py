"""A claim beside the county's claim of the period before: which one that is, and what changed between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements.claim_tables import Claim, ClaimLine, ClaimStatus
from agreements.claim_values import CARE_DAYS, Basis
from placement.children.queries import protected_among
from placement.permissions import Actor
from placement.reimbursed.comparing_rules import Amount, Change, Place, changes
from placement.reimbursed.queries import sight
from placement.units.tables import Unit


@dataclass(frozen=True)
class Comparison:
    """What changed from the claim of the period before; `units`: the units of the changes by key."""

    earlier: Claim
    changes: tuple[Change, ...]
    units: Mapping[int, Unit]

    def at(self, kind: str, code: str) -> Change | None:
        """Return the change of a kind of cost in the place with a code, None where nothing is claimed."""
        rows = (one for one in self.changes if one.place.kind == kind)
        return next((one for one in rows if self.code(one.place) == code), None)

    def code(self, place: Place) -> str:
        """Return what names the place of a change in an address."""
        return place_code(place, self.units)

    @property
    def before_cents(self) -> int:
        return sum(one.cents_before for one in self.changes)

    @property
    def now_cents(self) -> int:
        return sum(one.cents_now for one in self.changes)


def compared(session: Session, actor: Actor, claim: Claim, lines: Sequence[ClaimLine]) -> Comparison | None:
    """Return how the lines of a claim differ from those of the claim before it; None when there is none."""
    earlier = _earlier(session, actor, claim)
    if earlier is None:
        return None
    old = reads.lines(session, earlier)
    hidden = protected_among(session, (line.child_ref for line in (*old, *lines)))
    found = changes(_amounts(old, hidden), _amounts(lines, hidden))
    keys = {one.place.unit for one in found}
    units = {row.id or 0: row for row in session.exec(select(Unit).where(col(Unit.id).in_(keys)))}
    return Comparison(earlier, tuple(found), units)


def _earlier(session: Session, actor: Actor, claim: Claim) -> Claim | None:
    """Return the county's last claim of the same gate whose period ends before this one's begins."""
    query = select(Claim).where(
        sight(session, actor),
        Claim.county_id == claim.county_id,
        Claim.gate == claim.gate,
        Claim.status != ClaimStatus.WITHDRAWN,
        col(Claim.period_last) < claim.period_first,
    )
    return session.exec(query.order_by(col(Claim.period_last).desc(), col(Claim.id).desc())).first()


def _amounts(lines: Iterable[ClaimLine], hidden: frozenset[str]) -> list[Amount]:
    return [
        Amount(place_of(line, hidden), line.days if line.basis in CARE_DAYS else 0, line.claimed_cents)
        for line in lines
        if line.basis is not Basis.LEFT_OUT
    ]


def place_code(place: Place, units: Mapping[int, Unit]) -> str:
    """Return what names a place in an address: the reference of its unit, or that it is hidden or the county."""
    if place.hidden:
        return "hidden"
    return units[place.unit].ref if place.unit else "county"


def place_of(line: ClaimLine, hidden: frozenset[str]) -> Place:
    """Return where a line counts; that of a child in `hidden` keeps no unit."""
    if line.child_ref in hidden:
        return Place(line.cost_kind, 0, hidden=True)
    return Place(line.cost_kind, line.unit_id or 0)
