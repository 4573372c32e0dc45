"""Words of the audit trail: what each recorded action and each kind of object is called in the reader's language.

The trail is append-only and older than any release: a code that no version of the product knows shows itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

ACTIONS = {
    # agreements
    "agreement-started": _l("Agreement version started"),
    "agreement-sent-to-hearing": _l("Agreement sent for hearing"),
    "agreement-heard": _l("Agreement heard"),
    "agreement-sent-for-signature": _l("Agreement sent for signature"),
    "agreement-signed": _l("Agreement signed by every party"),
    "agreement-returned": _l("Agreement returned to draft"),
    "agreement-activated": _l("Agreement brought into force"),
    "agreement-terminated": _l("Agreement terminated"),
    "agreement-signature": _l("Signature on an agreement"),
    "agreement-comment": _l("Comment on an agreement"),
    "agreement-file-added": _l("File added to an agreement"),
    "agreement-file-removed": _l("File removed from an agreement"),
    "agreement-reviewed": _l("Review of an agreement recorded"),
    "delivery-reported": _l("Delivery under an agreement reported"),
    # children
    "child-added": _l("Child's record started"),
    "child-imported": _l("Child's record imported"),
    "child-import-undone": _l("Import of a child undone"),
    "child-changed": _l("Child's record changed"),
    "birth-date-corrected": _l("Child's date of birth corrected"),
    "purpose-stated": _l("Purpose of looking at a child stated"),
    "identity-revealed": _l("Child's identity revealed"),
    "children-merged": _l("Two records of one child merged"),
    "merge-undone": _l("Merging of a child's records undone"),
    # the child's path and services
    "assessment-recorded": _l("Assessment of a child's service needs recorded"),
    "assessment-changed": _l("Assessment of a child's service needs changed"),
    "hearing-recorded": _l("Hearing of a child recorded"),
    "hearing-changed": _l("Hearing of a child changed"),
    "representation-recorded": _l("Child's representation recorded"),
    "representation-changed": _l("Child's representation changed"),
    "family-recorded": _l("Member of a child's family recorded"),
    "family-changed": _l("Member of a child's family changed"),
    "protocol-recorded": _l("Measure towards a child recorded"),
    "protocol-changed": _l("Measure towards a child changed"),
    "view-saved": _l("View of a list saved"),
    "view-changed": _l("View of a list changed"),
    "view-removed": _l("View of a list removed"),
    "protocol-copies-sent": _l("Copies of a protocol marked as sent"),
    "school-recorded": _l("School place recorded"),
    "school-changed": _l("School place changed"),
    "pathway-taken": _l("Pathway of services chosen for a child"),
    "service-owed": _l("Service that a child is owed recorded"),
    "service-reported": _l("Delivery of a service reported"),
    "service-delivered": _l("Service to a child recorded as given"),
    "service-closed": _l("Service to a child ended"),
    "service-assigned": _l("Provider of a child's service chosen"),
    # living in a unit
    "arrival-recorded": _l("Arrival in a unit recorded"),
    "departure-recorded": _l("Departure from a unit recorded"),
    "stay-not-begun": _l("Child did not move in"),
    "absence-recorded": _l("Child's absence recorded"),
    "absence-changed": _l("Child's absence changed"),
    "presence-confirmed": _l("Presence in a unit confirmed"),
    "no-suitable-place": _l("Recorded that no place suits a child"),
    "place-looked-for-again": _l("Search for a child's place taken up again"),
    "move-planned": _l("Child's move planned"),
    "move-taken-back": _l("Child's planned move taken back"),
    "transfer-asked": _l("Transfer of a child to another county asked"),
    "transfer-accepted": _l("Transfer of a child accepted"),
    "transfer-refused": _l("Transfer of a child refused"),
    "transfer-withdrawn": _l("Transfer of a child withdrawn"),
    "direction-opened": _l("Direction of a child to a municipality opened"),
    "direction-agreed": _l("Direction of a child agreed to"),
    "direction-declined": _l("Direction of a child declined"),
    "direction-withdrawn": _l("Direction of a child withdrawn"),
    # units
    "unit-added": _l("Unit added"),
    "unit-import-undone": _l("Import of a unit undone"),
    "unit-offer-changed": _l("What a unit offers changed"),
    "unit-places-set": _l("Places of a unit set"),
    "unit-notes-written": _l("Notes about a unit written"),
    "unit-answered": _l("Unit answered about a child"),
    "capacity-excess-allowed": _l("More children than places allowed"),
    "inspection-recorded": _l("Inspection of a unit recorded"),
    "self-monitoring-recorded": _l("Self-monitoring of a unit recorded"),
    "places-closing": _l("Closing of places started"),
    "places-closed": _l("Places closed"),
    "emergency-looked-at": _l("Emergency closing looked at"),
    "new-places-calculated": _l("New places calculated for a closing"),
    "plan-used": _l("Plan for a closing taken into use"),
    "closing-cancelled": _l("Closing of places cancelled"),
    # calculating and deciding
    "run-started": _l("Calculation started"),
    "run-finished": _l("Calculation finished"),
    "run-stopped": _l("Calculation stopped"),
    "run-failed": _l("Calculation failed"),
    "run-taken-up-again": _l("Calculation taken up again"),
    "proposal-drafted": _l("Proposal for placements drafted"),
    "proposal-row-changed": _l("Row of a proposal changed"),
    "proposal-row-locked": _l("Row of a proposal locked"),
    "proposal-row-unlocked": _l("Row of a proposal unlocked"),
    "proposal-sent": _l("Proposal for placements sent"),
    "decision-started": _l("Decision started and place held"),
    "decision-draft-saved": _l("Draft of a decision saved"),
    "decision-discarded": _l("Draft of a decision discarded"),
    "decision-made": _l("Decision on a placement made"),
    "decision-served": _l("Decision on a placement served"),
    "hold-extended": _l("Hold of a place extended"),
    "confirmation-asked": _l("Confirmation of a rule break asked"),
    "rule-break-confirmed": _l("Rule break confirmed"),
    "rule-break-declined": _l("Rule break not confirmed"),
    # costs and claims
    "cost-added": _l("Cost added"),
    "cost-changed": _l("Cost changed"),
    "cost-removed": _l("Cost removed"),
    "invoice-added": _l("Invoice added"),
    "invoice-removed": _l("Invoice removed"),
    "evidence-added": _l("Evidence added"),
    "evidence-used": _l("Evidence attached to a cost"),
    "evidence-opened": _l("Evidence opened"),
    "claim-started": _l("Claim started"),
    "claim-rewritten": _l("Claim taken up for rewriting"),
    "claim-days-accepted": _l("Days of a claim accepted"),
    "claim-declared": _l("Declaration of a claim given"),
    "claim-to-approver": _l("Claim handed to the approver"),
    "claim-sent": _l("Claim sent to the authority"),
    "claim-taken-back": _l("Claim taken back to draft"),
    "claim-withdrawn": _l("Claim withdrawn"),
    "claim-taken": _l("Claim taken for review"),
    "claim-assigned": _l("Reviewer of a claim changed"),
    "claim-asked": _l("Question about a claim asked"),
    "claim-answered": _l("Question about a claim answered"),
    "claim-heard": _l("Hearing about a claim opened"),
    "hearing-answered": _l("Hearing answered"),
    "claim-line-said": _l("Line of a claim judged"),
    "claim-lines-judged": _l("Lines of a claim judged"),
    "claim-lines-approved": _l("Lines of a claim approved"),
    "claim-lines-reopened": _l("Lines of a claim reopened"),
    "claim-sampled": _l("Sample of a claim's lines drawn"),
    "claim-second-asked": _l("Second reviewer of a claim asked"),
    "claim-second-answered": _l("Second reviewer of a claim answered"),
    "claim-decided": _l("Decision on a claim made"),
    "claim-corrected": _l("Decision on a claim corrected"),
    "claim-waits": _l("Payment of a claim set to wait"),
    "claim-waits-over": _l("Payment of a claim no longer waits"),
    "correction-proposed": _l("Correction of a decision proposed"),
    "correction-heard": _l("Hearing about a correction opened"),
    "correction-withdrawn": _l("Proposed correction withdrawn"),
    # payments and the books
    "payment-confirmed": _l("Payment confirmed"),
    "payment-released": _l("Payment released"),
    "payment-recorded": _l("Payment recorded as paid"),
    "payment-returned": _l("Payment returned by the bank"),
    "payment-sent-back": _l("Payment sent back for checking"),
    "recovery-heard": _l("Hearing about a repayment opened"),
    "recovery-ordered": _l("Repayment ordered"),
    "recovery-settled": _l("Repayment settled"),
    "remedy-registered": _l("Request for review or appeal registered"),
    "remedy-ended": _l("Request for review or appeal ended"),
    "finding-recorded": _l("Auditor's finding recorded"),
    "finding-answered": _l("Auditor's finding answered"),
    "month-closed": _l("Month of the books closed"),
    "ledger-exported": _l("Books exported"),
    # people and the service itself
    "signed-in": _l("Person signed in"),
    "session-ended": _l("Session ended"),
    "user-added": _l("User added"),
    "user-disabled": _l("User's access closed"),
    "mandate-given": _l("Role given to a user"),
    "import-done": _l("File imported"),
    "import-undone": _l("Import undone"),
    "chains-checked": _l("Chains checked"),
    "trail-exported": _l("Audit trail exported"),
    "backup-made": _l("Backup made"),
    "database-restored": _l("Database restored from a backup"),
    "demo-loaded": _l("Demonstration data loaded"),
}
KINDS = {
    "saved-view": _l("Saved view"),
    "agreement": _l("Agreement"),
    "audit": _l("Audit trail"),
    "backup": _l("Backup"),
    "child": _l("Child"),
    "claim": _l("Claim"),
    "correction": _l("Correction"),
    "decision": _l("Decision on a placement"),
    "demo": _l("Demonstration data"),
    "direction": _l("Direction"),
    "import": _l("Import"),
    "ledger": _l("Books"),
    "mandate": _l("Role of a user"),
    "payment": _l("Payment to a county"),
    "proposal": _l("Proposal"),
    "recovery": _l("Repayment"),
    "run": _l("Calculation"),
    "session": _l("Session"),
    "transfer": _l("Transfer"),
    "unit": _l("Unit"),
    "user": _l("User"),
}


def say(table: Mapping[str, Any], code: str) -> str:
    """Return the word of a code in the reader's language; a code without a word shows itself."""
    return str(table.get(code, code))


def choices(table: Mapping[str, Any], codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return the codes as the choices of a filter, all first, in the order of the reader's words."""
    named = ((code, say(table, code)) for code in codes)
    return [("", _("All")), *sorted(named, key=lambda one: one[1].casefold())]


def facts(kept: str | None) -> list[tuple[str, str]]:
    """Return what an event keeps as names and values, an inner name after its outer one; other text as it is."""
    if not kept:
        return []
    try:
        read = json.loads(kept)
    except ValueError:
        return [("", kept)]
    return list(_flat("", read)) if read else []


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        yield name, ", ".join(str(one) for one in value) or "–"
    elif isinstance(value, bool):
        yield name, _("Yes") if value else _("No")
    elif value is None or value in ("", {}):
        yield name, "–"
    else:
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
