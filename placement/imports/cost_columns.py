"""The columns of a county's ledger extract and what a row of it says: one cost, net of value added tax."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agreements.claim_values import PLACE_DAYS
from placement.imports.cells import cents, day, one_of, text
from placement.imports.columns import Column, ReadRow
from placement.imports.words import LANGUAGES, in_language
from placement.references import is_reference
from placement.refusals import Refusal
from placement.reimbursed.costs import ENTERED_KINDS, CostInput
from placement.reimbursed.words import COST_KINDS


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


COLUMNS = (
    Column("cost_kind", _("Kind of cost"), _("Staff costs, rent, food and so on."), one_of("cost_kind"), needed=True,
           other_names=("kustannuslaji", "laji", "tili", "kostnadsslag", "account"), example="rent"),
    Column("unit", _("Unit"), _("Name or reference of the county's unit; empty: the county as a whole."),
           one_of("cost_unit"), other_names=("yksikkö", "enhet", "kohde")),
    Column("child", _("Child"), _("Reference of the child, if the cost is one child's."), text(12),
           other_names=("lapsi", "barn", "asiakas")),
    Column("cost_centre", _("Cost centre"), _("As in the county's books."), text(40),
           other_names=("kustannuspaikka", "kostnadsställe", "kp"), example="K0001"),
    Column("first_day", _("First day"), _("First day of what was bought, for example 1.7.2026."), day, needed=True,
           other_names=("alku", "alkupäivä", "från", "from"), example="1.7.2026"),
    Column("last_day", _("Last day"), _("Last day of what was bought, for example 31.7.2026."), day, needed=True,
           other_names=("loppu", "loppupäivä", "till", "to"), example="31.7.2026"),
    Column("net", _("Sum without value added tax"), _("In euros, for example 245,50."), cents, needed=True,
           other_names=("netto", "summa", "määrä", "nettobelopp", "belopp", "amount"), example="245,50"),
    Column("vat", _("Value added tax"), _("In euros; empty means none."), cents, other_names=("alv", "moms")),
    Column("other_income", _("Paid for the same by somebody else"), _("In euros; empty means none."), cents,
           other_names=("muu tulo", "tulot", "inkomst")),
    Column("supplier", _("Supplier"), _("As on the voucher."), text(120), needed=True,
           other_names=("toimittaja", "leverantör", "vendor"), example="Vuokra Oy"),
    Column("voucher", _("Number of the voucher"), _("As in the county's books."), text(60), needed=True,
           other_names=("tosite", "tositenumero", "verifikat", "voucher no"), example="2026-00123"),
    Column("voucher_on", _("Date of the voucher"), _("For example 31.7.2026."), day, needed=True,
           other_names=("tositepäivä", "päivä", "verifikatdatum", "date"), example="31.7.2026"),
)  # fmt: skip


@dataclass(frozen=True)
class CostRow:
    """A row as the cost it adds."""

    cost: CostInput


def words_of_kinds() -> Mapping[str, tuple[str, ...]]:
    """Return for each kind of cost the words by which a file may name it: its code and its names."""
    return {
        code: (code, COST_KINDS[code], *(in_language(COST_KINDS[code], lang) for lang in LANGUAGES))
        for code in (PLACE_DAYS, *ENTERED_KINDS)
    }


def cost_of(row: ReadRow, county_id: int) -> CostRow:
    """Return the row as a cost; a cell that could not be read has a value that harms nothing."""
    get: Any = row.values.get
    unit = get("unit")
    some_day = get("first_day") or date.min
    values: dict[str, Any] = {
        "cost_kind": get("cost_kind", ""),
        "unit_id": int(unit) if unit else None,
        "child_ref": (get("child") or "").upper() or None,
        "first_day": some_day,
        "last_day": get("last_day") or some_day,
        "net_cents": get("net", 0),
        "supplier": get("supplier", ""),
        "voucher": get("voucher", ""),
        "voucher_on": get("voucher_on") or some_day,
    }
    key = hashlib.sha256("|".join([str(county_id), *(str(value) for value in values.values())]).encode()).hexdigest()
    return CostRow(
        CostInput(
            **values,
            vat_cents=get("vat", 0),
            other_income_cents=get("other_income", 0),
            cost_centre=get("cost_centre", ""),
            import_key=key,
        )
    )


def faults(row: ReadRow, one: CostRow, children: frozenset[str]) -> list[Refusal]:
    """Return what is wrong with a row as a whole: days the wrong way round, a child that is not the county's.

    Bought days are a provider's invoice: they name the unit and the child, and are above zero.
    """
    found = []
    cost = one.cost
    if cost.cost_kind == PLACE_DAYS and not row.faulty & {"unit", "child", "net"}:
        missing = {"unit": cost.unit_id is None, "child": cost.child_ref is None, "net": cost.net_cents <= 0}
        found += [Refusal("invoice-needs", field=name) for name, lacks in missing.items() if lacks]
    if not row.faulty & {"first_day", "last_day"} and cost.last_day < cost.first_day:
        found.append(Refusal("ends-before-start", field="last_day"))
    known = cost.child_ref is None or (is_reference("CH", cost.child_ref) and cost.child_ref in children)
    if not known and "child" not in row.faulty:
        found.append(Refusal("child-unknown", field="child", ref=cost.child_ref))
    if "net" not in row.faulty and cost.other_income_cents > cost.net_cents:
        found.append(Refusal("income-above-cost", field="other_income"))
    return found
