"""The columns of a sheet of children and what a row of them says. The rules are those of a child's record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from placement.children import record_rules as parts
from placement.imports.cells import between, day, listed, one_of, text, yes_no
from placement.imports.columns import Column, ReadRow
from placement.reference import InvalidIdentityCode, eligibility_grounds, parse_identity_code
from placement.reference.identity_code import FEMALE
from placement.refusals import Refusal

SOME_CHILD_AGE = timedelta(days=15 * 365)


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


COLUMNS = (
    Column(
        "identity_code",
        _("Personal identity code"),
        _("The registered code. Leave empty when there is none and give a temporary number."),
        text(20),
        other_names=("hetu", "henkilötunnus", "personbeteckning", "identity code"),
    ),
    Column("temporary_number", _("Temporary number"), _("Needed when there is no identity code."), text(20)),
    Column("first_name", _("First names"), _("All first names."), text(120), needed=True,
           other_names=("etunimi", "förnamn", "first name"), example="Esimerkki"),
    Column("last_name", _("Family name"), _("The family name."), text(120), needed=True,
           other_names=("sukunimi", "efternamn", "last name", "surname"), example="Malli"),
    Column("birth_date", _("Date of birth"), _("Needed when there is no identity code, for example 1.4.2012."), day,
           example="1.4.2012"),
    Column("gender", _("Gender"), _("Girl or boy; needed when there is no identity code."), one_of("gender"),
           other_names=("sukupuoli", "kön")),
    Column("municipality", _("Municipality"), _("Name or code of the municipality, for example Tampere or 837."),
           one_of("municipality"), example="Tampere"),
    Column("ground", _("Ground of eligibility"), _("The code of the ground; the second sheet lists them."),
           one_of("ground"), needed=True, example="permit_after_application"),
    Column("entered_on", _("Client since"), _("The day since which the child is a client."), day, needed=True,
           example="1.4.2026"),
    Column("permit_on", _("Residence permit granted on"), _("The day, if it has been granted."), day),
    Column("residence_from", _("Municipality of residence since"), _("Needed for some grounds of eligibility."), day),
    Column("representative_name", _("Name of the representative"), _("Needed for a child under 18."), text(120),
           other_names=("representative",)),
    Column("representative_contact", _("Phone or e-mail of the representative"), _("If it is known."), text(200)),
    Column("representative_from", _("Representative since"), _("The day, if it is known."), day),
    Column("no_representative_reason", _("Why there is no representative"),
           _("Needed when a child under 18 has none."), text(500)),
    Column("protected", _("Non-disclosure for personal safety (turvakielto)"), _("Yes or no; empty means no."), yes_no,
           other_names=("turvakielto", "spärrmarkering", "protected")),
    Column("protected_until", _("In force until"), _("Last day of the protection, if it is known."), day),
    Column("languages", _("Languages of the child"),
           _("Each with its level 1 to 5 (5 = mother tongue), for example somali 5; suomi 2."),
           listed("language", low=1, high=5, without=None), needed=True, other_names=("kielet", "språk", "language"),
           example="somali 5; suomi 2"),
    Column("support_level", _("Support level"), _("1 to 4; empty means 2."), between(1, 4)),
    Column("care_hours", _("Hours of care a week"), _("A whole number; empty means 14."), between(0, 168)),
    Column("language_hours", _("Hours a week in the child's own language"), _("A whole number; empty means 3."),
           between(0, 168)),
    Column("interpreter_hours", _("Hours of interpreting a week"), _("A whole number; empty means 3."),
           between(0, 168)),
    Column("needs", _("Services needed"),
           _("Each with its hours a week where they are known, for example trauma 2; wheelchair."),
           listed("service", low=0, high=168, without=0), other_names=("palvelut", "services"), example="trauma 2"),
    Column("priority", _("Urgency"), _("1 (can wait) to 5 (at once); empty means 2."), between(1, 5)),
    Column("waiting_since", _("Waiting since"), _("The day since which a place is looked for; empty: none is."), day,
           example="2.11.2026"),
    Column("place_from", _("Place needed from"), _("The first day, if it is known."), day),
    Column("place_until", _("Place needed until"), _("The leaving day, if it is known."), day),
    Column("sibling_group", _("Sibling group"), _("The same mark in each row of siblings, for example A."), text(40)),
    Column("sibling_mode", _("Siblings"), _("Whether siblings must or should live together."), one_of("sibling_mode")),
    Column("relatives", _("Municipality where relatives live"), _("Name or code of the municipality."),
           one_of("municipality")),
    Column("school", _("School"), _("If the child goes to one."), text(120)),
    Column("own_view", _("The child's own view"), _("What the child says, or why it was not asked."), text(2000),
           example="Toivoo omaa huonetta."),
    Column("own_view_on", _("Asked on"), _("The day on which the child was asked."), day, example="1.11.2026"),
    Column("own_view_how", _("How it was asked"), _("In a talk, through an interpreter, in writing or otherwise."),
           one_of("way"), example="talk"),
    Column("no_view_reason", _("Why the view was not asked"), _("Needed when the child's view is empty."), text(500)),
    Column("worker", _("Worker"), _("User name of the county's social worker; empty: who imports."),
           one_of("worker")),
)  # fmt: skip

FIELD_COLUMNS = (("languages-", "languages"), ("hours_", "needs"))


@dataclass(frozen=True)
class ChildRow:
    """What a row says, ready to be checked. A cell that could not be read has a value that harms nothing."""

    child: parts.NewChild
    sibling_group: str | None
    worker: int | None


def child_of(row: ReadRow, municipality_ids: Mapping[str, int], *, on: date, invented_codes: bool) -> ChildRow:
    """Return the row as a child. Birth date and gender come from the identity code where they are not given."""
    get: Any = row.values.get
    code = _code(get("identity_code"), invented_codes)
    group = get("sibling_group")
    return ChildRow(
        child=parts.NewChild(
            identity=parts.IdentityPart(
                first_name=get("first_name", ""),
                last_name=get("last_name", ""),
                birth_date=get("birth_date") or (code.birth_date if code else on - SOME_CHILD_AGE),
                gender=get("gender") or ("F" if code and code.gender == FEMALE else "M"),
                municipality_id=_key(municipality_ids, get("municipality")),
                ground=get("ground") or _some_ground(on),
                entered_on=get("entered_on") or on,
                identity_code=get("identity_code"),
                temporary_number=get("temporary_number") or ("?" if "identity_code" in row.faulty else None),
                permit_on=get("permit_on"),
                residence_from=get("residence_from") or (on if "residence_from" in row.faulty else None),
            ),
            representative=parts.RepresentativePart(
                name=get("representative_name"),
                contact=get("representative_contact"),
                since=get("representative_from"),
                none_reason=get("no_representative_reason")
                or ("?" if row.faulty & {"representative_name", "no_representative_reason"} else None),
            ),
            protection=parts.ProtectionPart(
                protected=get("protected", "protected" in row.faulty), until=get("protected_until")
            ),
            needs=parts.NeedsPart(
                support_level=get("support_level", 2),
                care_hours=get("care_hours", 14),
                language_hours=get("language_hours", 3),
                interpreter_hours=get("interpreter_hours", 3),
                services=dict(get("needs", ())),
            ),
            languages=parts.LanguagesPart(get("languages", ())),
            people=parts.PeoplePart(mode=get("sibling_mode")),
            wishes=parts.WishesPart(
                relatives_municipality_id=_key(municipality_ids, get("relatives")), school=get("school")
            ),
            view=_view(row, on),
            place=parts.PlacePart(
                priority=get("priority", 2),
                waiting_since=get("waiting_since"),
                place_from=get("place_from"),
                place_until=get("place_until"),
            ),
        ),
        sibling_group=group.casefold() if group else None,
        worker=int(get("worker")) if get("worker") else None,
    )


def _view(row: ReadRow, on: date) -> parts.ViewPart:
    get: Any = row.values.get
    return parts.ViewPart(
        view=get("own_view"),
        on=get("own_view_on") or (on if "own_view_on" in row.faulty else None),
        how=get("own_view_how") or ("other" if "own_view_how" in row.faulty else None),
        none_reason=get("no_view_reason") or ("?" if row.faulty & {"own_view", "no_view_reason"} else None),
    )


def faults(row: ReadRow, said: ChildRow, *, on: date, invented_codes: bool) -> list[Refusal]:
    """Return what the rules of a child's record say against the row, each with the column it concerns.

    What they say about a cell that could not be read is left out: the cell's own problem is already named.
    """
    child, birth = said.child, said.child.identity.birth_date
    sections: tuple[parts.Part, ...] = (
        child.identity, child.representative, child.protection, child.needs, child.languages, child.view, child.place,
    )  # fmt: skip
    found = [
        Refusal(one.code, field=column_of(one.field), **one.facts)
        for part in sections
        for one in parts.faults_of(part, birth_date=birth, on=on, invented_codes=invented_codes)
    ]
    found += _missing(row)
    if said.sibling_group and not child.people.mode:
        found.append(Refusal("sibling-mode-missing", field="sibling_mode"))
    return [one for one in found if one.field not in row.faulty]


def _missing(row: ReadRow) -> list[Refusal]:
    """Return a fault for a birth date and a gender that neither the row nor its identity code gives."""
    if row.values.get("identity_code") is not None or "identity_code" in row.faulty:
        return []
    return [Refusal("cell-empty", field=key) for key in ("birth_date", "gender") if key not in row.values]


def column_of(name: str | None) -> str:
    """Return the column that a rule's field is in: `languages-0-code` is the column of languages."""
    field = name or ""
    for beginning, column in FIELD_COLUMNS:
        if field.startswith(beginning):
            return column
    return field


def _code(typed: str | None, invented_codes: bool) -> Any:
    if typed is None:
        return None
    try:
        return parse_identity_code(typed, allow_temporary=invented_codes)
    except InvalidIdentityCode:
        return None


def _some_ground(on: date) -> str:
    return next(one.key for one in eligibility_grounds(on) if not one.needs_municipality_of_residence)


def _key(municipality_ids: Mapping[str, int], code: str | None) -> int | None:
    return municipality_ids[code] if code else None


def alone_in_group(rows: Collection[ChildRow]) -> frozenset[str]:
    """Return the sibling groups with a single row: a typing mistake, for siblings are at least two."""
    groups = [row.sibling_group for row in rows if row.sibling_group]
    return frozenset(group for group in groups if groups.count(group) == 1)
