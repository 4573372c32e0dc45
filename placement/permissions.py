"""Who may do what: permissions are verbs, roles are names for sets of them. Pure data; no request, no database.

Three questions are answered in three places that do not repeat each other: may this role use this route
(here and `web/guard.py`), which rows may this person see (`queries` of each domain, by Actor), and does the
law allow this act now (`rules` of each domain: separation of duties, states, mandates).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Permission(StrEnum):
    SEE_TODAY = "see-today"
    OWN_SETTINGS = "own-settings"
    SEE_CHILDREN = "see-children"
    EDIT_CHILDREN = "edit-children"
    SEE_SERVICES = "see-services"
    REPORT_SERVICES = "report-services"
    REASSIGN = "reassign"
    REASSIGN_OF_OTHERS = "reassign-of-others"
    SEE_WAITING = "see-waiting"
    SEE_ACCESS_LOG = "see-access-log"
    SEE_UNITS = "see-units"
    EDIT_UNITS = "edit-units"
    SEE_BOARD = "see-board"
    SEE_RUNS = "see-runs"
    RECORD_STAYS = "record-stays"
    RECORD_PROTOCOLS = "record-protocols"
    PLAN_MOVES = "plan-moves"
    SEE_TRANSFERS = "see-transfers"
    TRANSFER_CHILDREN = "transfer-children"
    ANSWER_REQUESTS = "answer-requests"
    CONFIRM_PRESENCE = "confirm-presence"
    RUN_OPTIMIZER = "run-optimizer"
    SEE_PROPOSALS = "see-proposals"
    EDIT_PROPOSALS = "edit-proposals"
    SEE_DECISIONS = "see-decisions"
    DECIDE = "decide"
    SECOND_OFFICIAL = "second-official"
    SEE_AGREEMENTS = "see-agreements"
    DRAFT_AGREEMENTS = "draft-agreements"
    SIGN_AGREEMENTS = "sign-agreements"
    COMMENT_AGREEMENTS = "comment-agreements"
    ANSWER_HEARING = "answer-hearing"
    REPORT_DELIVERY = "report-delivery"
    SEE_DIRECTIONS = "see-directions"
    ANSWER_DIRECTION = "answer-direction"
    IMPORT_CHILDREN = "import-children"
    IMPORT_UNITS = "import-units"
    SEE_CLAIMS = "see-claims"
    PREPARE_CLAIMS = "prepare-claims"
    SEND_CLAIMS = "send-claims"
    IMPORT_COSTS = "import-costs"
    SEE_REVIEW = "see-review"
    REVIEW_COSTS = "review-costs"
    REVIEW_PAYMENTS = "review-payments"
    ORDER_RECOVERY = "order-recovery"
    PROPOSE_CORRECTIONS = "propose-corrections"
    SEE_PAYMENTS = "see-payments"
    PAY = "pay"
    SEE_LEDGER = "see-ledger"
    CLOSE_PERIODS = "close-periods"
    SEE_REPORTS = "see-reports"
    SEE_AUDIT = "see-audit"
    MANAGE_USERS = "manage-users"
    SEE_RULES = "see-rules"


class Role(StrEnum):
    SOCIAL_WORKER = "social-worker"
    COORDINATOR = "coordinator"
    COUNTY_LEAD = "county-lead"
    CLAIMS_OFFICER = "claims-officer"
    CLAIMS_APPROVER = "claims-approver"
    UNIT_MANAGER = "unit-manager"
    SIGNATORY = "signatory"
    REVIEWER = "reviewer"
    PAYMENT_EXAMINER = "payment-examiner"
    PAYER = "payer"
    MUNICIPALITY_WORKER = "municipality-worker"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


P = Permission
EVERYONE = frozenset({P.SEE_TODAY, P.OWN_SETTINGS})
COUNTY_CARE = frozenset(
    {
        P.SEE_CHILDREN,
        P.SEE_SERVICES,
        P.SEE_WAITING,
        P.SEE_UNITS,
        P.SEE_BOARD,
        P.SEE_RUNS,
        P.SEE_PROPOSALS,
        P.SEE_DECISIONS,
        P.SEE_AGREEMENTS,
        P.DRAFT_AGREEMENTS,
        P.COMMENT_AGREEMENTS,
        P.ANSWER_HEARING,
        P.PLAN_MOVES,
        P.SEE_TRANSFERS,
    }
)
CARE_COSTS = frozenset({P.SEE_CLAIMS, P.SEE_REPORTS})
COUNTY_COSTS = frozenset({P.SEE_AGREEMENTS, P.SEE_UNITS, P.SEE_CLAIMS, P.SEE_REPORTS})
STATE_REVIEW = frozenset({P.SEE_REVIEW, P.PROPOSE_CORRECTIONS, P.SEE_LEDGER})
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SOCIAL_WORKER: COUNTY_CARE
    | CARE_COSTS
    | {
        P.RECORD_STAYS,
        P.RECORD_PROTOCOLS,
        P.TRANSFER_CHILDREN,
        P.EDIT_CHILDREN,
        P.REPORT_SERVICES,
        P.REASSIGN,
        P.DECIDE,
        P.IMPORT_CHILDREN,
        P.RUN_OPTIMIZER,
        P.SEE_DIRECTIONS,
    },
    Role.COORDINATOR: COUNTY_CARE
    | {P.SEE_REPORTS, P.EDIT_UNITS, P.RUN_OPTIMIZER, P.EDIT_PROPOSALS, P.IMPORT_UNITS, P.IMPORT_CHILDREN},
    Role.COUNTY_LEAD: COUNTY_CARE
    | CARE_COSTS
    | {P.REASSIGN, P.REASSIGN_OF_OTHERS}
    | {P.TRANSFER_CHILDREN, P.DECIDE, P.SECOND_OFFICIAL, P.SEE_ACCESS_LOG, P.SEE_DIRECTIONS, P.ANSWER_DIRECTION},
    Role.CLAIMS_OFFICER: COUNTY_COSTS | {P.PREPARE_CLAIMS, P.IMPORT_COSTS, P.PROPOSE_CORRECTIONS},
    Role.CLAIMS_APPROVER: COUNTY_COSTS | {P.SEND_CLAIMS},
    Role.UNIT_MANAGER: frozenset(
        {
            P.RECORD_STAYS,
            P.RECORD_PROTOCOLS,
            P.ANSWER_REQUESTS,
            P.CONFIRM_PRESENCE,
            P.SEE_UNITS,
            P.SEE_CHILDREN,
            P.SEE_SERVICES,
            P.REPORT_SERVICES,
        }
    ),
    Role.SIGNATORY: frozenset({P.SEE_AGREEMENTS, P.SIGN_AGREEMENTS, P.COMMENT_AGREEMENTS, P.ANSWER_HEARING}),
    Role.REVIEWER: STATE_REVIEW
    | frozenset(
        {
            P.REVIEW_COSTS,
            P.SEE_REPORTS,
            P.SEE_AGREEMENTS,
            P.SEE_UNITS,
            P.DRAFT_AGREEMENTS,
            P.COMMENT_AGREEMENTS,
            P.SEE_DIRECTIONS,
            P.ANSWER_DIRECTION,
        }
    ),
    Role.PAYMENT_EXAMINER: STATE_REVIEW | {P.REVIEW_PAYMENTS, P.ORDER_RECOVERY, P.SEE_PAYMENTS},
    Role.PAYER: frozenset({P.SEE_PAYMENTS, P.PAY, P.SEE_LEDGER, P.CLOSE_PERIODS}),
    Role.MUNICIPALITY_WORKER: frozenset(
        {
            P.SEE_AGREEMENTS,
            P.DRAFT_AGREEMENTS,
            P.COMMENT_AGREEMENTS,
            P.ANSWER_HEARING,
            P.REPORT_DELIVERY,
            P.SEE_SERVICES,
            P.REPORT_SERVICES,
            P.SEE_DIRECTIONS,
            P.ANSWER_DIRECTION,
        }
    ),
    Role.AUDITOR: frozenset({P.SEE_AUDIT, P.SEE_ACCESS_LOG, P.SEE_LEDGER}),
    Role.ADMINISTRATOR: frozenset({P.MANAGE_USERS, P.SEE_RULES}),
}


@dataclass(frozen=True)
class Mandate:
    """A dated right to act: who gave it and from which to which day (both inclusive; None = open)."""

    role: Role
    organisation_id: int
    valid_from: date
    valid_to: date | None
    unit_id: int | None = None
    may_decide: bool = False

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Actor:
    """The person who acts, as known at the start of this request. Rules and queries take it; nobody rebuilds it.

    `county_id` is the county whose children and units are the actor's to see (None for the state, a
    municipality, the payer); `unit_id` narrows a unit manager to one unit.
    """

    user_id: int
    name: str
    role: Role
    organisation_id: int
    organisation_name: str
    county_id: int | None
    unit_id: int | None
    may_decide: bool
    session_id: int | None = None
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    def can(self, permission: Permission) -> bool:
        return permission in self.permissions


def permissions_of(role: Role) -> frozenset[Permission]:
    """Return everything a role may do; a role that is not in the table may do only what everyone may."""
    return EVERYONE | ROLE_PERMISSIONS.get(role, frozenset())
