"""What the county's pages show of a claim: its days by child and month, its costs, its sums, its history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from agreements import claim_reads as reads
from agreements.claim_tables import Claim, ClaimEvent, ClaimLine, ClaimVersion, CostEntry, Verdict
from agreements.claim_values import CARE_DAYS, Basis, Gate
from agreements.period import ONE_DAY, Period
from agreements.review import line_states
from agreements.review_rules import LineState
from placement.children.tables import Child
from placement.decisions.tables import Stay
from placement.people.tables import User
from placement.reimbursed.building_rules import NOT_CLAIMABLE
from placement.reimbursed.care_days import care_in
from placement.reimbursed.evidence import EvidenceRow, rows_of
from placement.reimbursed.steps import accepted, done
from placement.units.tables import Unit


@dataclass(frozen=True)
class DayRow:
    """Days of a child in one month, of one line; `claim_ref`: they stand in that claim already and are not in this."""

    line: ClaimLine | None
    first: date
    last: date
    claim_ref: str | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def whole(self) -> bool:
        """Whether the row is all of its line, so that the line's sums belong to it."""
        return self.line is not None and (self.line.first_day, self.line.last_day) == (self.first, self.last)

    @property
    def left_out(self) -> bool:
        return self.line is not None and self.line.basis is Basis.LEFT_OUT

    @property
    def by_person(self) -> bool:
        """Whether a person left the days out; the others are left out by a rule."""
        return self.left_out and self.line is not None and self.line.note not in NOT_CLAIMABLE

    @property
    def difference_cents(self) -> int:
        """What the invoice is above (or below) the days at their price."""
        if self.line is None or self.line.basis is not Basis.PLACE_DAY:
            return 0
        return (self.line.invoiced_cents or 0) - (self.line.ceiling_cents or 0)

    @property
    def unexplained(self) -> bool:
        return self.difference_cents != 0 and self.line is not None and not self.line.note


@dataclass(frozen=True)
class ChildDays:
    """The days of one child in one unit, by month, and whether a person has accepted them."""

    child_ref: str
    unit: Unit
    rows: tuple[DayRow, ...]
    accepted: bool

    @property
    def days(self) -> int:
        """Days that are claimed here."""
        return sum(row.days for row in self.rows if row.line is not None and row.line.basis in CARE_DAYS)

    @property
    def cents(self) -> int:
        """What is claimed for the child's days; each line once."""
        return sum({row.line.id: row.line.claimed_cents for row in self.rows if row.line is not None}.values())


@dataclass(frozen=True)
class KindSum:
    """The lines of one kind of cost in a claim and what they add up to."""

    kind: str
    lines: int
    days: int
    cents: int


@dataclass(frozen=True)
class Event:
    """One thing that happened to a claim, and who did it."""

    event: ClaimEvent
    by: str


def child_days(session: Session, claim: Claim, on: date) -> list[ChildDays]:
    """Return the days of each child and unit of a claim, those of other claims among them, in order."""
    rows = [row for row in reads.lines(session, claim) if row.child_ref and row.cost_kind == "place_days"]
    found: dict[tuple[str, int], list[DayRow]] = {}
    for row in rows:
        key = (row.child_ref or "", row.unit_id or 0)
        found.setdefault(key, []).extend(_by_month(row))
    period = Period(claim.period_first, claim.period_last)
    if claim.gate is Gate.PAYMENT:
        care = care_in(session, claim.county_id, period, on)
        units = {one.child_ref: one.unit_id for one in care}
        for other in reads.days_claimed(session, claim.gate, set(units), period, besides=claim.id):
            days = other.days.overlap(period)
            if days is not None and days.last is not None and other.child_ref is not None:
                key = (other.child_ref, units[other.child_ref])
                found.setdefault(key, []).append(DayRow(None, days.first, days.last, other.claim_ref))
    keys = done(session, claim)
    by_key = {row.id: row for row in session.exec(select(Unit).where(col(Unit.id).in_({key for _, key in found})))}
    return [
        ChildDays(
            child_ref=child_ref,
            unit=by_key[unit_id],
            rows=tuple(sorted(day_rows, key=lambda one: (one.first, one.last))),
            accepted=accepted(child_ref) in keys,
        )
        for (child_ref, unit_id), day_rows in sorted(found.items(), key=lambda one: (by_key[one[0][1]].name, one[0][0]))
    ]


def _by_month(row: ClaimLine) -> list[DayRow]:
    """Return the rows of a line: days of own units month by month, every other line whole."""
    if row.basis is not Basis.OWN_DAY:
        return [DayRow(row, row.first_day, row.last_day)]
    found, day = [], row.first_day
    while day <= row.last_day:
        border = (day.replace(day=1) + timedelta(days=31)).replace(day=1) - ONE_DAY
        found.append(DayRow(row, day, min(border, row.last_day)))
        day = border + ONE_DAY
    return found


def kind_sums(rows: Iterable[ClaimLine]) -> list[KindSum]:
    """Return the sums of a claim by kind of cost, in the order of the lines; together they are its total."""
    found: dict[str, KindSum] = {}
    for row in rows:
        if row.basis is Basis.LEFT_OUT:
            continue
        known = found.get(row.cost_kind, KindSum(row.cost_kind, 0, 0, 0))
        days = row.days if row.basis in CARE_DAYS else 0
        found[row.cost_kind] = KindSum(
            row.cost_kind, known.lines + 1, known.days + days, known.cents + row.claimed_cents
        )
    return list(found.values())


def cost_lines(rows: Sequence[ClaimLine]) -> list[ClaimLine]:
    """Return the lines that are no days of a child: costs, reserved places, corrections, estimates."""
    return [row for row in rows if not (row.child_ref and row.cost_kind == "place_days") or row.corrects_line_id]


def events(session: Session, claim: Claim) -> list[Event]:
    """Return what happened to a claim, the latest first."""
    rows = session.exec(
        select(ClaimEvent, User.name)
        .join(User, col(User.id) == ClaimEvent.by)
        .where(ClaimEvent.claim_id == claim.id)
        .order_by(col(ClaimEvent.id).desc())
    ).all()
    return [Event(event, name) for event, name in rows]


def versions(session: Session, claim: Claim) -> list[ClaimVersion]:
    """Return the versions of a claim, the newest first."""
    query = select(ClaimVersion).where(ClaimVersion.claim_id == claim.id).order_by(col(ClaimVersion.number).desc())
    return list(session.exec(query))


def lines_of_version(session: Session, version: ClaimVersion) -> list[ClaimLine]:
    """Return the lines of a version by number."""
    query = select(ClaimLine).where(ClaimLine.version_id == version.id).order_by(col(ClaimLine.line_no))
    return list(session.exec(query))


def states(session: Session, claim: Claim) -> dict[int, LineState]:
    """Return what was decided or said of each line, by line: the decision where there is one, else the last word."""
    made = reads.decision(session, claim)
    if made is None:
        return line_states(session, claim)
    return {
        key: LineState(
            row.claimed_cents,
            row.approved_cents,
            row.rejected_cents,
            row.parked_cents,
            0,
            row.verdict.value,
            False,
            row.reason_code,
            row.reason,
        )
        for key, row in reads.decision_lines(session, made.id or 0).items()
    }


def cost_of(session: Session, line: ClaimLine) -> CostEntry | None:
    """Return the cost of the county's books that a line rests on, None for days and estimates."""
    return session.get(CostEntry, line.cost_entry_id) if line.cost_entry_id else None


@dataclass(frozen=True)
class Elsewhere:
    """A line of another claim that this one leads to: why (a code), its claim, its number, its sum."""

    why: str
    ref: str
    number: int
    cents: int


@dataclass(frozen=True)
class LinePage:
    """A line down to the ground: the stays of its child there, its cost, its file, lines of other claims, its state."""

    stays: tuple[Stay, ...]
    cost: CostEntry | None
    file: EvidenceRow | None
    elsewhere: tuple[Elsewhere, ...]
    state: LineState | None
    question: str


def line_page(session: Session, claim: Claim, line: ClaimLine) -> LinePage:
    """Return what one line of a claim rests on and what rests on it."""
    said = reads.verdicts(session, claim).get(line.id or 0, [])
    asked = next((one.reason for one in reversed(said) if one.verdict is Verdict.ASK), "")
    files = rows_of(session, claim.county_id, only=[line.evidence_id]) if line.evidence_id else []
    return LinePage(
        stays=tuple(_stays(session, line)),
        cost=cost_of(session, line),
        file=files[0] if files else None,
        elsewhere=tuple(_elsewhere(session, line)),
        state=states(session, claim).get(line.id or 0),
        question=asked,
    )


def _stays(session: Session, line: ClaimLine) -> list[Stay]:
    """Return the realised stays of the line's child in its unit that touch its days."""
    if not line.child_ref:
        return []
    query = (
        select(Stay)
        .join(Child, col(Child.id) == Stay.child_id)
        .where(
            Child.ref == line.child_ref,
            Stay.unit_id == line.unit_id,
            col(Stay.realised_start) <= line.last_day,
        )
        .order_by(col(Stay.realised_start))
    )
    return [one for one in session.exec(query) if one.end is None or one.end > line.first_day]


def _elsewhere(session: Session, line: ClaimLine) -> list[Elsewhere]:
    """Return the lines this one rests on, was parked from or corrects, and those that rest on or correct it."""
    down = {
        "rests-on": line.grant_line_id,
        "was-parked": line.parked_from_id,
        "corrects": line.corrects_line_id,
    }
    up = {
        "used-by": ClaimLine.grant_line_id,
        "parked-to": ClaimLine.parked_from_id,
        "corrected-by": ClaimLine.corrects_line_id,
    }
    found = [one for why, key in down.items() if key for one in _named(session, why, col(ClaimLine.id) == key)]
    for why, column in up.items():
        found += _named(session, why, col(column) == line.id)
    return found


def _named(session: Session, why: str, condition: ColumnElement[bool]) -> list[Elsewhere]:
    query = (
        select(ClaimLine, Claim.ref)
        .join(ClaimVersion, col(ClaimVersion.id) == ClaimLine.version_id)
        .join(Claim, col(Claim.id) == ClaimVersion.claim_id)
        .where(condition, ClaimVersion.number == Claim.number)
        .order_by(col(ClaimLine.id))
    )
    return [Elsewhere(why, ref, row.line_no, row.claimed_cents) for row, ref in session.exec(query)]
