"""The invented people of the demo: one for each role, and the same roles in another county and centre."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from placement.people.tables import Organisation, User, UserMandate
from placement.permissions import Role

FIRST_COUNTY, FIRST_MUNICIPALITY, FIRST_CENTRE = "08", "837", "edc-sisa-suomi"
OTHER_COUNTY, OTHER_CENTRE = "04", "edc-uusimaa"
PAYING_AGENCY = "keha"


@dataclass(frozen=True)
class Account:
    """A demo card: `body` is (kind of code, code) of the organisation the person works for."""

    key: str
    name: str
    title: str
    role: Role
    body: tuple[str, str]
    may_decide: bool = False


COUNTY, MUNICIPALITY = ("county", FIRST_COUNTY), ("municipality", FIRST_MUNICIPALITY)
CENTRE, AGENCY = ("authority", FIRST_CENTRE), ("authority", PAYING_AGENCY)

ACCOUNTS = (
    Account("social-worker", "Liisa Lehtinen", "social worker", Role.SOCIAL_WORKER, COUNTY, may_decide=True),
    Account("coordinator", "Kari Koskinen", "placement coordinator", Role.COORDINATOR, COUNTY),
    Account("county-lead", "Johanna Järvelä", "county lead", Role.COUNTY_LEAD, COUNTY, may_decide=True),
    Account("reviewer", "Raija Rantanen", "reviewer", Role.REVIEWER, CENTRE),
    Account("payer", "Maija Mäkinen", "payer", Role.PAYER, AGENCY),
    Account("claims-officer", "Karoliina Kallio", "claims officer", Role.CLAIMS_OFFICER, COUNTY),
    Account("claims-approver", "Harri Hakala", "claims approver", Role.CLAIMS_APPROVER, COUNTY),
    Account("unit-manager", "Yrjö Ylönen", "unit manager", Role.UNIT_MANAGER, COUNTY),
    Account("county-signatory", "Hanna Heikkilä", "county signatory", Role.SIGNATORY, COUNTY),
    Account("municipality-signatory", "Kaisa Kinnunen", "municipality signatory", Role.SIGNATORY, MUNICIPALITY),
    Account("state-signatory", "Sami Salonen", "state signatory", Role.SIGNATORY, CENTRE),
    Account("reviewer-2", "Risto Rinne", "second reviewer", Role.REVIEWER, CENTRE),
    Account("payment-examiner", "Tuula Toivonen", "payment examiner", Role.PAYMENT_EXAMINER, AGENCY),
    Account("payer-2", "Mikko Moilanen", "second payer", Role.PAYER, AGENCY),
    Account("municipality-worker", "Outi Oksanen", "municipality worker", Role.MUNICIPALITY_WORKER, MUNICIPALITY),
    Account(
        "other-social-worker",
        "Veera Virtala",
        "social worker in another county",
        Role.SOCIAL_WORKER,
        ("county", OTHER_COUNTY),
        may_decide=True,
    ),
    Account("other-reviewer", "Ulla Uotila", "reviewer in another centre", Role.REVIEWER, ("authority", OTHER_CENTRE)),
    Account("auditor", "Aarne Aaltonen", "auditor", Role.AUDITOR, CENTRE),
    Account("administrator", "Anneli Autio", "administrator", Role.ADMINISTRATOR, COUNTY),
)


def body(session: Session, kind: str, code: str, on: date) -> Organisation:
    """Return the organisation with an official code as it is on the day; raises LookupError when there is none."""
    column = {
        "county": Organisation.county_code,
        "municipality": Organisation.municipality_code,
        "authority": Organisation.authority_code,
    }[kind]
    for row in session.exec(select(Organisation).where(column == code)):
        if (row.valid_from is None or row.valid_from <= on) and (row.valid_to is None or on <= row.valid_to):
            return row
    raise LookupError(f"no {kind} {code} on {on}")


def add_accounts(session: Session, *, at: datetime, on: date) -> dict[str, User]:
    """Add every demo account with its mandate; returns the people by key. They have no password: demo cards only."""
    people = {}
    for account in ACCOUNTS:
        user = User(
            login=f"{account.key}@demo.invalid",
            name=account.name,
            title=account.title,
            demo_key=account.key,
            created_at=at,
        )
        session.add(user)
        session.flush()
        session.add(
            UserMandate(
                user_id=user.id or 0,
                role=account.role,
                organisation_id=body(session, *account.body, on).id or 0,
                may_decide=account.may_decide,
                basis="DEMO",
                valid_from=on - timedelta(days=3 * 365),
            )
        )
        people[account.key] = user
    session.flush()
    return people
