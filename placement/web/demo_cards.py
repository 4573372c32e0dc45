"""The words of the demo's sign-in cards: what each invented person does here, and the button that becomes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Card:
    """`role` is a short title, `does` one sentence, `start` the button's words."""

    role: Any
    does: Any
    start: Any


PLACED = "placed"
"""What a session of the demo remembers over a switch of roles: that a child was placed in it. The tour ends with it."""

CARDS = {
    "social-worker": Card(
        _l("Social worker"),
        _l("Adds children, hears them and decides on their place."),
        _l("Start as Liisa, social worker"),
    ),
    "coordinator": Card(
        _l("Coordinator"),
        _l("Sees who waits and what is free, and calculates proposals."),
        _l("Start as Kari, coordinator"),
    ),
    "county-lead": Card(
        _l("County lead"),
        _l("Confirms where a rule is broken or a unit is over its ceiling."),
        _l("Start as Johanna, county lead"),
    ),
    "reviewer": Card(
        _l("Reviewer"), _l("Examines costs for the deciding state centre."), _l("Start as Raija, reviewer")
    ),
    "payer": Card(_l("Payer"), _l("Confirms payments at the paying agency."), _l("Start as Maija, payer")),
    "claims-officer": Card(
        _l("Claims officer"), _l("Prepares the county's cost claims."), _l("Start as Karoliina, claims officer")
    ),
    "claims-approver": Card(
        _l("Claims approver"), _l("Approves and sends the county's claims."), _l("Start as Harri, claims approver")
    ),
    "unit-manager": Card(
        _l("Unit manager"), _l("Leads one unit and answers its requests."), _l("Start as Yrjö, unit manager")
    ),
    "county-signatory": Card(
        _l("Signatory of the county"),
        _l("Signs agreements for the county."),
        _l("Start as Hanna, signatory of the county"),
    ),
    "municipality-signatory": Card(
        _l("Signatory of the municipality"),
        _l("Signs agreements for the municipality."),
        _l("Start as Kaisa, signatory of the municipality"),
    ),
    "state-signatory": Card(
        _l("Signatory of the state"),
        _l("Signs agreements for the state centre."),
        _l("Start as Sami, signatory of the state"),
    ),
    "reviewer-2": Card(
        _l("Second reviewer"),
        _l("Confirms what the first reviewer has examined."),
        _l("Start as Risto, second reviewer"),
    ),
    "payment-examiner": Card(
        _l("Payment examiner"),
        _l("Checks payment applications against the centre's decision."),
        _l("Start as Tuula, payment examiner"),
    ),
    "payer-2": Card(
        _l("Second payer"), _l("Releases payments that another has confirmed."), _l("Start as Mikko, second payer")
    ),
    "municipality-worker": Card(
        _l("Municipality worker"),
        _l("Sees what the municipality has agreed and owes."),
        _l("Start as Outi, municipality worker"),
    ),
    "other-social-worker": Card(
        _l("Social worker in another county"),
        _l("The same work elsewhere; sees nothing of the first county."),
        _l("Start as Veera, social worker in another county"),
    ),
    "other-reviewer": Card(
        _l("Reviewer in another centre"),
        _l("The same work elsewhere; sees nothing of the first centre."),
        _l("Start as Ulla, reviewer in another centre"),
    ),
    "auditor": Card(_l("Auditor"), _l("Reads logs and checks; changes nothing."), _l("Start as Aarne, auditor")),
    "administrator": Card(
        _l("Administrator"),
        _l("Manages users and rules; sees no child and no claim."),
        _l("Start as Anneli, administrator"),
    ),
}
