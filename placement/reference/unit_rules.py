"""Kinds of unit and the ceilings and staffing that the law sets for each, by day."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from placement.reference.dated import DatedTable, table
from placement.reference.rows import Row, Validity

FAMILY_GROUP_HOME = "family_group_home"
FOSTER_HOME = "foster_home"

_CONDITIONS = ("standard", "two_carers", "professional")


@dataclass(frozen=True, slots=True)
class UnitKind:
    """A kind of unit. `label` is an English message; ages are whole years, both inclusive.

    `basis` says what a day of care there needs to be reimbursable: agreement_and_decision for homes,
    decision for the others (Act 681/2023, sections 33, 43 and 69).
    """

    key: str
    label: str
    youngest: int
    oldest: int
    basis: str
    valid: Validity
    source: str
    certainty: str

    @property
    def needs_agreement(self) -> bool:
        """Tell whether an agreement must be in force besides the decision on reimbursement."""
        return self.basis == "agreement_and_decision"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most children a unit may have, and the least staff; None where the law sets no number.

    `own_children_counted`: children under school age of the same household, and others there who need
    special care, count among the children. `siblings_may_exceed`: siblings may be more than the ceiling.
    """

    kind: str
    per_unit: int | None
    per_building: int | None
    staff: int | None
    staff_shared_building: int | None
    own_children_counted: bool
    siblings_may_exceed: bool
    valid: Validity
    source: str
    certainty: str

    def least_staff(self, units_in_building: int) -> int | None:
        """Return the least number of care workers of one unit, None where the law sets none.

        Raises ValueError unless there is at least one unit in the building.
        """
        if units_in_building < 1:
            raise ValueError(f"a building with the unit in it has at least one unit, not {units_in_building}")
        return self.staff if units_in_building == 1 else self.staff_shared_building


def _kind(row: Row) -> UnitKind:
    youngest, oldest = row.needed_whole("youngest"), row.needed_whole("oldest")
    if oldest < youngest:
        raise row.fault(f"oldest {oldest} is below youngest {youngest}; correct one of them")
    return UnitKind(
        key=row.text("key"),
        label=row.text("label"),
        youngest=youngest,
        oldest=oldest,
        basis=row.one_of("basis", ("agreement_and_decision", "decision")),
        valid=row.valid,
        source=row.text("source"),
        certainty=row.certainty,
    )


@cache
def _kinds() -> DatedTable[str, UnitKind]:
    return table("unit kind", "unit_kinds.csv", lambda row: row.text("key"), _kind)


def _ceiling_key(row: Row) -> tuple[str, str]:
    if row.text("kind") not in _kinds().codes():
        raise row.fault(f"kind {row.text('kind')} is not in unit_kinds.csv; add it there")
    return row.text("kind"), row.one_of("condition", _CONDITIONS)


def _ceiling(row: Row) -> Ceiling:
    return Ceiling(
        kind=row.text("kind"),
        per_unit=row.whole("per_unit"),
        per_building=row.whole("per_building"),
        staff=row.whole("staff"),
        staff_shared_building=row.whole("staff_shared_building"),
        own_children_counted=row.flag("own_children_counted"),
        siblings_may_exceed=row.flag("siblings_may_exceed"),
        valid=row.valid,
        source=row.text("source"),
        certainty=row.certainty,
    )


@cache
def _ceilings() -> DatedTable[tuple[str, str], Ceiling]:
    return table("ceiling", "ceilings.csv", _ceiling_key, _ceiling)


def unit_kind(key: str, on: date) -> UnitKind:
    """Return the kind of unit as the law knows it on the day.

    Raises UnknownCode for a kind that never existed and NotInForce for a day outside its rows.
    """
    return _kinds().on(key, on)


def unit_kind_codes() -> tuple[str, ...]:
    """Return the code of every kind of unit, whether it exists today or not."""
    return _kinds().codes()


def unit_kinds(on: date) -> tuple[UnitKind, ...]:
    """Return the kinds of unit that exist on the day, in the order to show them."""
    return _kinds().all_on(on)


def ceiling(kind: str, on: date, *, two_carers: bool = False, professional: bool = False) -> Ceiling:
    """Return the ceiling of a unit of the kind on the day.

    Family group home: 7 per unit, 24 per building (Act 1301/2014, section 22a). Foster home: 4, with
    `two_carers` 6, a `professional` one 7, which has two carers in any case (Act 263/2015, sections 7
    and 8). The other kinds have no ceiling of their own, so all numbers are None.

    Raises ValueError when carers are given for another kind, UnknownCode for an unknown kind and NotInForce
    for a day outside its rows.
    """
    _kinds().entries(kind)
    if (two_carers or professional) and kind != FOSTER_HOME:
        raise ValueError(f"two_carers and professional say something about foster homes only, not {kind}")
    condition = "professional" if professional else "two_carers" if two_carers else "standard"
    return _ceilings().on((kind, condition), on)


def load() -> None:
    """Load and check the tables of this module; raises ReferenceFault for the first fault."""
    _kinds()
    _ceilings()
