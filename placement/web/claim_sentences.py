"""Sentences for what the rules of claims, decisions and payments refuse: what is wrong and what to do about it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

CLAIM_REFUSED = {
    # whose it is to do
    "claims-of-officers": _l("The claims officer of the county prepares claims. Ask for the mandate."),
    "claims-of-approvers": _l("Another person approves and sends this claim: ask the claims approver of the county."),
    "claim-own-claim": _l("Who prepared or sent the claim cannot do this. Ask another person."),
    "claim-second-is-first": _l("Another person must do this than the one who did the step before."),
    # where the claim stands
    "claim-started": _l("A claim of these days is in draft already: %(claim)s. Continue it, or give it up first."),
    "claim-saved-since": _l(
        "%(name)s saved a change at %(time)s, so this was not done. The claim is now %(sum)s. Look at it anew first."
    ),
    "claim-wrong-state": _l("The claim has moved on since the page was opened. Open it again to see where it stands."),
    "claim-period-open": _l("Give the last day of the period."),
    "claim-not-declared": _l("Declare the claim right before it is sent."),
    "claim-has-problems": _l("The claim cannot be sent yet. Mend what is listed."),
    "claim-lines-open": _l("Some lines have no verdict yet. Say what of each of them."),
    "claim-nothing-asked": _l("Nothing is asked about this line."),
    "claim-foreign-line": _l("The line belongs to another claim. Open the claim again."),
    "claim-reason-missing": _l("Choose the reason and write why."),
    "claim-part-without-sum": _l("Give the sum that is approved."),
    "claim-part-not-between": _l(
        "Give a sum between nothing and the whole; for the whole approve, for nothing reject."
    ),
    "claim-line-parked": _l("A parked line is not corrected: it is decided with the claim that takes it over."),
    "claim-claimed-since": _l(
        "Line %(line)s cannot be approved: its days or voucher stand in claim %(other)s since. See what is paid there."
    ),
    "claim-nothing-changes": _l("No sum changes. Change at least one."),
    # payment and repayment
    "claim-waits-for-appropriation": _l("The claim waits for an appropriation since %(since)s and is not paid yet."),
    "claim-beyond-owed": _l("That is more than what is left. Give a smaller sum."),
    "claim-offset-refused": _l("What is set off or netted is more than what is left of it. Give a smaller sum."),
    "claim-decision-replaced": _l("The decision was corrected since. Confirm the payment anew by the new decision."),
    "claim-reference-missing": _l("Write the bank's reference."),
    "claim-nothing-paid": _l("The bank paid nothing of this payment, so nothing can have come back."),
    "claim-advance-netted": _l("Part of the advance has been netted already. It is not booked as sent back."),
    "claim-recovery-too-late": _l("Repayment could be ordered until %(last_day)s. That day has passed."),
    "claim-not-heard": _l("The county's time to be heard is not over. Order the repayment when it is."),
    "claim-nothing-overpaid": _l("Nothing is overpaid for that year."),
    "month-not-closed": _l("Months close in order, and only when they are over. Close the earlier one first."),
    # costs, invoices and files
    "price-missing": _l(
        "A bought unit has days without an agreed price. Add the price to its agreement or to the unit's contract."
    ),
    "cost-unit-unknown": _l("Choose a unit of your county."),
    "cost-kind-unknown": _l("Choose the kind of cost."),
    "cost-in-claim": _l("A claim that was sent rests on this cost. Leave it out of this claim, or correct that claim."),
    "invoice-needs": _l("Bought place-days are an invoice: name the unit and the child, and give a sum above zero."),
    "income-above-cost": _l("What others paid cannot be more than the cost."),
    "nothing-to-share-by": _l("There are no days in this claim to share the cost by. Choose one unit."),
    "claim-attachment-empty": _l("The file is empty. Choose another one."),
    "claim-attachment-large": _l("The file is larger than 10 MB. Make it smaller, or divide it."),
    "claim-attachment-kind": _l("Choose a PDF, JPEG or PNG file; its content must be what its name says."),
    "cell-cost_kind-unknown": _l("No kind of cost has this name. Choose a name of the list."),
    "cell-cost_unit-unknown": _l("The county has no unit of this name."),
}
