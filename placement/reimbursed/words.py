"""Words for the codes of claims: kinds of cost, bases of lines, what stands against a line, verdicts and reasons.

English message ids, translated by the catalogue of whoever prints them: a page, a letter, an export.
"""

from __future__ import annotations


def _l(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


COST_KINDS = {
    "place_days": _l("Place-days"),
    "reserved_places": _l("Reserved places"),
    "staff": _l("Staff costs"),
    "rent": _l("Rent"),
    "utilities": _l("Electricity, heating and water"),
    "food": _l("Food"),
    "household": _l("Household"),
    "transport": _l("Transport"),
    "clothing": _l("Clothing and pocket money"),
    "hobbies": _l("Hobbies"),
    "school": _l("School items"),
    "foster_fee": _l("Fee of foster care"),
    "foster_expenses": _l("Expenses of foster care"),
    "supported_housing": _l("Supported housing"),
    "support_person": _l("Support person or family"),
    "psychosocial": _l("Psychosocial support"),
    "alterations": _l("Necessary alterations"),
    "interpreting": _l("Interpreting"),
    "start_up": _l("Start-up"),
    "closing": _l("Closing"),
    "other": _l("Other costs"),
}
BASES = {
    "place-day": _l("Bought place-days"),
    "reserved-place": _l("Reserved places"),
    "actual": _l("Actual cost"),
    "budget": _l("Estimate"),
    "own-day": _l("Days in an own unit"),
    "left-out": _l("Left out"),
    "difference": _l("Difference"),
}
GATES = {
    "cost": _l("Application for costs"),
    "payment": _l("Payment application"),
}
VERDICTS = {
    "": _l("Waits for a verdict"),
    "approve": _l("Approved"),
    "part": _l("Approved in part"),
    "reject": _l("Rejected"),
    "park": _l("Parked"),
    "ask": _l("Clarification asked"),
    "answer": _l("Answered"),
    "reopen": _l("Opened again"),
}
REASONS = {
    "not-eligible": _l("The person or the days are not covered by section 69"),
    "no-decision": _l("The centre's decision does not cover the cost"),
    "outside-dates": _l("The days are outside the period, the agreement or the right"),
    "above-price": _l("The sum is above the agreed price or the invoice"),
    "above-places": _l("There are more days than agreed places allow"),
    "paid-elsewhere": _l("The same is paid from another source"),
    "claimed-twice": _l("The same days or voucher stand in another claim"),
    "not-accepted": _l("This kind of cost is not reimbursed"),
    "overheads": _l("General administration is not reimbursed"),
    "vat": _l("Value added tax is not reimbursed"),
    "evidence": _l("The evidence is missing or does not match"),
    "arithmetic": _l("The sum is counted wrongly"),
    "late": _l("The time to apply has passed"),
    "correction": _l("Corrected"),
    "other": _l("Another reason"),
}
"""Why a line is cut, refused or put off: the kinds of error that are counted, each explained by its text."""
