"""Words for field codes. A code without a word is a fault (KeyError), so a new kind cannot reach a page unnamed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

LABELS = {
    # roles
    "social-worker": _l("Social worker"),
    "coordinator": _l("Coordinator"),
    "county-lead": _l("County lead"),
    "claims-officer": _l("Claims officer"),
    "claims-approver": _l("Claims approver"),
    "unit-manager": _l("Unit manager"),
    "signatory": _l("Signatory"),
    "reviewer": _l("Reviewer"),
    "payment-examiner": _l("Payment examiner"),
    "payer": _l("Payer"),
    "municipality-worker": _l("Municipality worker"),
    "auditor": _l("Auditor"),
    "administrator": _l("Administrator"),
    # kinds of unit
    "family_group_home": _l("Family group home"),
    "supported_housing": _l("Supported housing"),
    "supported_own_flat": _l("Supported own flat"),
    "foster_home": _l("Foster home"),
    "private_accommodation": _l("Private accommodation"),
    # gender policy and gender
    "any": _l("All"),
    "F": _l("Girls"),
    "M": _l("Boys"),
    # statuses of a child
    "waiting": _l("Waiting"),
    "placed": _l("Placed"),
    "ended": _l("Ended"),
    "no-place-needed": _l("No place needed now"),
    # runs, proposals, decisions
    "queued": _l("In the queue"),
    "running": _l("Calculating"),
    "done": _l("Finished"),
    "stopped": _l("Stopped"),
    "failed": _l("Failed"),
    "draft": _l("Draft"),
    "sent": _l("Sent"),
    "withdrawn": _l("Withdrawn"),
    "made": _l("Decision made"),
    "discarded": _l("Discarded"),
    # relations to a child
    "case": _l("Own client"),
    "unit": _l("Child of the unit"),
    "task": _l("Task at hand"),
    "purpose": _l("Stated purpose"),
    "direction": _l("Party of a direction to a municipality"),
    # steps of a stay
    "stay-planned": _l("Planned"),
    "stay-decided": _l("Decided"),
    "living-here": _l("Lives here"),
    "stay-ended": _l("Moved out"),
    # kinds of agreement
    "three_party": _l("Agreement of county, municipality and state"),
    "founding": _l("Founding agreement"),
    "municipal_places": _l("Agreement on municipal places"),
    "foster_care": _l("Agreement on foster care without municipal places"),
    "purchase": _l("Purchase contract with a service provider"),
    "legacy_28": _l("Agreement under section 28 of the Integration Act of 2010"),
    # statuses of an agreement
    "hearing": _l("In hearing"),
    "in-signing": _l("In signing"),
    "signed": _l("Signed"),
    "in-force": _l("In force"),
    "replaced": _l("Replaced"),
    "terminated": _l("Terminated"),
    "returned": _l("Returned"),
    # answers of a county to a transfer
    "asked": _l("Asked"),
    "accepted": _l("Accepted"),
    "refused": _l("Refused"),
}
