"""English messages of everything an agreement can say by code: pages and documents translate them alike."""

from __future__ import annotations


def _l(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


SERVICES = {
    "guidance_advice": _l("Guidance and advice"),
    "initial_assessment": _l("Assessment of skills and integration service needs"),
    "integration_plan": _l("Integration plan"),
    "integration_training": _l("Integration training"),
    "society_orientation": _l("Multilingual orientation to society"),
    "language_training": _l("Language training"),
    "preparatory_teaching": _l("Preparatory teaching"),
    "interpreting": _l("Interpreting"),
    "special_needs": _l("Services for special needs"),
    "care_in_home": _l("Care and upbringing in the home"),
    "support_to_23": _l("Support until 23"),
    "leisure": _l("Hobbies and free time"),
}
GIVERS = {
    "county": _l("Wellbeing services county"),
    "municipality": _l("Municipality"),
    "school": _l("School"),
    "third_sector": _l("Third sector"),
}
COST_BASES = {
    "actual": _l("Actual costs"),
    "place_day": _l("Price of a place-day"),
    "reserved_place": _l("Price of a reserved place"),
    "none": _l("No costs are agreed"),
}
CATEGORIES = {
    "staff": _l("Staff"),
    "premises": _l("Premises"),
    "food": _l("Food"),
    "household": _l("Household"),
    "transport": _l("Transport"),
    "child": _l("Costs of a child"),
    "bought_care": _l("Bought care"),
    "start_up": _l("Start-up"),
    "closing": _l("Closing"),
}
CLAIM_PERIODS = {
    "month": _l("Month"),
    "quarter": _l("Quarter"),
    "half_year": _l("Half-year"),
    "year": _l("Year"),
}
DAY_COUNTS = {
    "arrival_not_leaving": _l("The arrival day counts, the leaving day does not"),
    "arrival_and_leaving": _l("Both the arrival day and the leaving day count"),
}
ADVANCES = {"none": _l("No advances"), "monthly": _l("Monthly advances"), "quarterly": _l("Quarterly advances")}
DISPUTES = {
    "negotiation_court": _l("Negotiation, then the administrative court"),
    "negotiation_only": _l("Negotiation"),
}
OWNERS = {"county": _l("The county"), "provider": _l("The provider"), "municipality": _l("The municipality")}
CHAPTERS = {
    "founding": _l("Founding"),
    "placing": _l("Placing"),
    "services": _l("Services"),
    "reimbursement": _l("Reimbursement"),
}
SIDES = {
    "county": _l("Wellbeing services county"),
    "municipality": _l("Municipality"),
    "state": _l("State authority"),
    "provider": _l("Service provider"),
    "aland_health_authority": _l("Health authority of Åland"),
}
ROLES = {"signatory": _l("Is a signatory"), "heard": _l("Is heard")}
KINDS = {
    "three_party": _l("Agreement of county, municipality and state"),
    "founding": _l("Founding agreement"),
    "municipal_places": _l("Agreement on municipal places"),
    "foster_care": _l("Agreement on foster care without municipal places"),
    "purchase": _l("Purchase contract with a service provider"),
    "legacy_28": _l("Agreement under section 28 of the Integration Act of 2010"),
}
TERMS = {
    "age_from": _l("Youngest age"),
    "age_to": _l("Oldest age"),
    "target_group": _l("Target group"),
    "duties": _l("Services and who gives them"),
    "cost_basis": _l("Cost basis"),
    "start_up_paid": _l("Start-up costs are paid"),
    "closing_paid": _l("Closing costs are paid"),
    "budget": _l("Yearly budget"),
    "advances": _l("Advances"),
    "claim_period": _l("Reporting and claim period"),
    "day_count": _l("How days are counted"),
    "guarantee_percent": _l("Occupancy guarantee, per cent"),
    "option_places": _l("Optional further places"),
    "equipment_owner": _l("Owner of the equipment"),
    "review_months": _l("Review at least every … months"),
    "notice_months": _l("Notice, months"),
    "run_down_months": _l("Run-down, months"),
    "disputes": _l("Disputes"),
}
CHOICES = {
    "cost_basis": COST_BASES,
    "advances": ADVANCES,
    "claim_period": CLAIM_PERIODS,
    "day_count": DAY_COUNTS,
    "equipment_owner": OWNERS,
    "disputes": DISPUTES,
}
ATTACHMENTS = {
    "annex": _l("Annex"),
    "resolution": _l("Resolution behind a mandate"),
    "hearing": _l("Statement or request of a hearing"),
    "scan": _l("Scan of a signed original"),
}
MOVES = {
    "started": _l("Begun"),
    "sent-to-hearing": _l("Sent for hearing"),
    "heard": _l("Statement given"),
    "sent-for-signature": _l("Sent for signature"),
    "signed": _l("Signed by every party"),
    "returned": _l("Returned for changes"),
    "activated": _l("Put in force"),
    "terminated": _l("Ended before its term"),
}
SECTIONS = {
    "parties": _l("Parties"),
    "units": _l("Units and places"),
    "rates": _l("Rates"),
    "services": _l("Services"),
    "costs": _l("Costs and claims"),
    "validity": _l("Validity"),
    "clauses": _l("Clauses"),
    "attachments": _l("Attachments"),
    "hearing": _l("Hearing"),
}
