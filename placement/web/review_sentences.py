"""Sentences for refusals in review, payment, correction and recovery: what is wrong and the way out."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

REFUSED = {
    # review
    "claim-of-another": _l("Another body or role examines this claim. You can read it."),
    "claim-not-in-review": _l("The claim is not in review. Take it for review first, or look at its decision."),
    "reviewer-unknown": _l("Choose somebody who examines such claims in your organisation."),
    "reason-code-missing": _l("Choose the reason."),
    "part-missing": _l("Give the sum that is approved."),
    "lines-not-clean": _l("One of the lines has a remark by now. Look at the list again."),
    "nothing-to-reopen": _l("These lines wait for a verdict already."),
    "lines-missing": _l("Tick the lines that you ask about."),
    "question-missing": _l("Write what you need to know."),
    "about-missing": _l("Write what is about to be decided and why."),
    "due-missing": _l("Give the day by which the county answers."),
    "due-outside": _l("Give a day from tomorrow on, at most %(most)s days ahead."),
    "hearing-open": _l("The county has been asked already. Wait for its answer or the last day."),
    "sample-size": _l("Give a number of lines from 1 to %(most)s."),
    "seed-missing": _l("Give a seed: any whole number."),
    "second-not-asked": _l("Nobody has asked for a second look, or it has been given already."),
    "second-is-yourself": _l("You asked for the second look. Another reviewer must give it."),
    "second-outdated": _l("A verdict was changed after the second look was asked for. It must be asked for anew."),
    "remark-missing": _l("Write what should be looked at again."),
    "claim-hearing-open": _l("The county's time to be heard is not over."),
    "claim-second-missing": _l("The second reviewer must confirm the decision first."),
    "valid-order": _l("The last day must not be before the first."),
    "legal-language-unknown": _l("Choose Finnish or Swedish for the legal text."),
    # payment and recovery
    "bank-reference-missing": _l("Write the bank's payment reference."),
    "sum-missing": _l("Give the sum."),
    "care-year-unknown": _l("Give the year of care, from 2025 to next year."),
    "county-missing": _l("Choose the county."),
    "paid-on-outside": _l("Give the day of payment: from %(first)s to today."),
    "rate-missing": _l("No interest rate is known for that time yet. Record the payment when it is."),
    # corrections
    "correction-line-parked": _l("Line %(line)s is parked: it is decided in the claim that takes it over."),
    "correction-sum-outside": _l("Line %(line)s: give a sum between nothing and what was claimed, %(cents)s."),
    "correction-grant-used": _l(
        "Line %(line)s: payment applications rest on %(cents)s of it. Correct those first, then the decision."
    ),
    "ground-missing": _l("Choose the ground of the correction."),
    "correction-open": _l("Another correction of this decision is open. Finish or withdraw it first."),
    "correction-closed": _l("The correction has been made or withdrawn already."),
    "correction-yours": _l("You proposed this correction. Another person must make it."),
    "correction-hearing-needed": _l("The correction is against the county. Send it for hearing first."),
    "correction-hearing-open": _l("The county's time to be heard is not over."),
    # requests, appeals, findings
    "remedy-kind-missing": _l("Choose what was received."),
    "served-outside": _l("Give the day of service: from %(first)s to today."),
    "received-outside": _l("Give the day of arrival: after the service and not after today."),
    "wanted-missing": _l("Write what change is wanted and why."),
    "remedy-ended": _l("The outcome has been recorded already."),
    "outcome-missing": _l("Choose the outcome."),
    "correction-first": _l("Correct the decision first; then record that it is changed."),
    "line-unknown": _l("The claim has no line with this number."),
    "category-missing": _l("Choose the kind of finding."),
    "finding-missing": _l("Write what was found."),
    "finding-answered": _l("The finding has been answered already."),
    "answer-missing": _l("Write the answer."),
}
