"""Words of the review, payment, correction and ledger pages by code, and doubts as sentences a reader understands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from agreements.claim_values import Problem
from placement.agreed import words as agreed
from placement.references import PATTERN
from placement.reimbursed import doubts, words
from placement.reviewing.lines import Line
from placement.units.tables import Unit
from placement.web.i18n import day, lang, money

STATUSES = {
    "review-new": _l("New"),
    "review-going": _l("In review"),
    "review-asked": _l("Clarification asked"),
    "review-answered": _l("Answer received"),
    "review-hearing": _l("In hearing"),
    "review-second": _l("Waits for the second reviewer"),
    "review-confirmed-second": _l("Confirmed by the second reviewer"),
    "review-decided": _l("Decided"),
    "review-approved": _l("Approved, to be paid"),
    "review-waits": _l("Approved, waits for appropriation"),
    "review-confirmed": _l("Confirmed for payment"),
    "review-returned": _l("Sent back by the bank"),
    "review-paid": _l("Paid"),
    "review-overpaid": _l("Overpaid"),
}
TONES = {
    "review-new": "info",
    "review-answered": "info",
    "review-asked": "warning",
    "review-hearing": "warning",
    "review-waits": "warning",
    "review-returned": "danger",
    "review-overpaid": "danger",
    "review-approved": "good",
    "review-confirmed": "good",
    "review-confirmed-second": "good",
    "review-paid": "quiet",
    "review-decided": "quiet",
}
WAITS = {
    "us": _l("Us"),
    "second": _l("The second reviewer"),
    "county": _l("The county"),
    "payer": _l("The payer"),
    "appropriation": _l("An appropriation"),
    "nobody": _l("Nobody"),
}
ACTIONS = {
    "started": _l("Begun"),
    "rewritten": _l("Rewritten"),
    "to-approver": _l("Sent to the approver"),
    "sent": _l("Sent"),
    "taken-back": _l("Taken back"),
    "withdrawn": _l("Withdrawn"),
    "assigned": _l("Assigned"),
    "taken": _l("Taken for review"),
    "decided": _l("Decided"),
    "corrected": _l("Corrected"),
}
PAYMENTS = {
    "payment-confirmed": _l("Confirmed, waits for release"),
    "payment-void": _l("Void: the decision was replaced"),
    "payment-released": _l("Released"),
    "payment-recorded": _l("Paid"),
    "payment-returned": _l("Sent back by the bank"),
}
PAYMENT_TONES = {
    "payment-confirmed": "info",
    "payment-void": "warning",
    "payment-released": "good",
    "payment-recorded": "quiet",
    "payment-returned": "danger",
}
ACCOUNTS = {
    "bank": _l("Bank"),
    "advances": _l("Advances"),
    "recoverable": _l("To be paid back"),
    "claimed": _l("Claimed (memo)"),
    "under-review": _l("Under review (memo)"),
    "committed": _l("Committed (memo)"),
    "granted": _l("Granted (memo)"),
    "payable": _l("Owed to counties"),
    "reimbursement": _l("Reimbursement"),
    "interest": _l("Interest"),
}
EVENTS = {
    "claim-sent": _l("Claim sent"),
    "claim-taken-back": _l("Claim taken back"),
    "claim-reviewed": _l("Claim reviewed"),
    "claim-decided": _l("Decision"),
    "claim-corrected": _l("Decision taken back by a correction"),
    "payment-released": _l("Payment released"),
    "payment-sent-back": _l("Payment sent back"),
    "recovery-ordered": _l("Repayment ordered"),
    "recovery-settled": _l("Repayment received"),
}
SIDES = {"debit": _l("Debit"), "credit": _l("Credit")}
GROUNDS = {
    "county-asks": _l("The county asks for it"),
    "evident-error": _l("Evident error of the authority"),
    "misleading-data": _l("Wrong or misleading data"),
    "stay-changed": _l("A stay was corrected"),
    "price-changed": _l("A price was changed backwards"),
    "birth-date": _l("A date of birth was corrected"),
    "finding": _l("Finding of an audit"),
    "rectification": _l("Rectification request"),
    "court": _l("Decision of a court"),
}
CORRECTIONS = {
    "proposed": _l("Proposed"),
    "in-hearing": _l("In hearing"),
    "made": _l("Made"),
    "withdrawn": _l("Withdrawn"),
}
DEPENDENTS = {
    "payment-waiting": _l("Payment that waits for its release; it becomes void"),
    "payment-made": _l("Payment made; it stays paid"),
    "recovery": _l("Order to pay back"),
    "used-by": _l("Payment application that rests on the decision"),
    "parked-to": _l("Claim that took a parked line over"),
    "corrected-by": _l("Claim that corrects a line"),
}
PLACES = {
    "rests-on": _l("Rests on the centre's decision"),
    "was-parked": _l("Was parked in"),
    "corrects": _l("Corrects"),
    "used-by": _l("Paid for by"),
    "parked-to": _l("Taken over by"),
    "corrected-by": _l("Corrected by"),
}
REMEDIES = {"rectification": _l("Rectification request"), "appeal": _l("Appeal")}
OUTCOMES = {
    "changed": _l("The decision is changed"),
    "dismissed": _l("Dismissed"),
    "inadmissible": _l("Not examined"),
    "withdrawn": _l("Withdrawn"),
}
CATEGORIES = {
    "not-eligible": _l("Person or days not covered"),
    "no-decision": _l("No decision behind the cost"),
    "evidence": _l("Evidence missing or not matching"),
    "arithmetic": _l("Sum counted wrongly"),
    "claimed-twice": _l("Claimed twice"),
    "procedure": _l("Error in the procedure"),
    "other": _l("Another finding"),
}
HEARINGS = {
    "decision": _l("Decision on the claim"),
    "correction": _l("Correction of the decision"),
    "recovery": _l("Repayment"),
}
METHODS = {"proportional-to-sum": _l("Chance in proportion to the sum of the line")}
LACKS = {
    "lines-open": _l("Some lines wait for a verdict."),
    "hearing-open": _l("The county's time to be heard is not over."),
    "second-missing": _l("The second reviewer has not confirmed what is said of the lines now."),
    "other-person": _l("Another person must make the correction than the one who proposed it."),
    "claimed-since": _l("The correction cannot be made while another claim has a line of it."),
    "hearing-needed": _l("The correction is against the county. Send it for hearing first."),
}
LEGAL_LANGUAGES = {"fi": _l("Finnish"), "sv": _l("Swedish")}


def say(table: Mapping[str, Any], code: object) -> str:
    """Return the word of a code in the reader's language; a code without one is a fault (KeyError)."""
    word = table[str(code)]
    return str(_(word)) if isinstance(word, str) else str(word)


def choices(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(code, say(table, code)) for code in table if code]


def days(first: date, last: date) -> str:
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def short(first: date, last: date) -> str:
    """Return days in the short form of a table: 1.1.–31.3.2026, in English 1 Jan – 31 Mar 2026."""
    if first == last:
        return day(first)
    if lang() == "en":
        head = format_date(first, "d MMM" if first.year == last.year else "d MMM y", locale="en_GB")
        return f"{head} – {format_date(last, 'd MMM y', locale='en_GB')}"
    head = f"{first.day}.{first.month}." + (str(first.year) if first.year != last.year else "")
    return f"{head}–{day(last)}"


def kind(line: Line) -> str:
    return say(words.COST_KINDS, line.row.cost_kind)


def place(line: Line) -> str:
    """Return the unit of a line, or that it is hidden because the child's identity is protected."""
    if line.hidden:
        return str(_("Hidden"))
    return line.unit.name if line.unit else ""


def doubt(problem: Problem, units: Mapping[int, Unit]) -> str:
    """Return what stands against a claim as a sentence with days, sums and names instead of codes."""

    def write(name: str, text: str) -> str:
        if name in doubts.SUMS and text.lstrip("-").isdigit():
            return money(int(text))
        if name in doubts.DAYS:
            return day(date.fromisoformat(text))
        if name == "unit" and text.isdigit() and int(text) in units:
            return units[int(text)].name
        if name == "kind":
            return say(words.COST_KINDS, text)
        if name == "category":
            return say(agreed.CATEGORIES, text)
        return text

    return doubts.sentence(problem, _, write)


def whole_refs(text: str) -> Markup:
    """Return a text with its references kept whole over line ends."""
    return Markup(PATTERN.sub(lambda found: f'<span class="ref">{found[0]}</span>', str(escape(text))))  # noqa: S704 - escaped just now
