"""Sentences for refusals and for problems of a draft in the life of an agreement: what is wrong and the way out."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

REFUSED = {
    "review-outside-term": _l("The agreement was not in force on that day."),
    "review-recorded": _l("A review of that day has been recorded already."),
    "report-missing": _l("Choose how it was delivered."),
    "period-not-begun": _l("The period begins on %(day)s. Report it after that."),
    "period-not-over": _l("The period ends on %(day)s. Until then report what was delivered in part."),
    "note-missing": _l("Write what was not delivered and why, without names."),
    "agreement-of-another": _l("Another organisation writes this agreement. You can comment on it."),
    "agreement-has-problems": _l("Something is still missing. Mend what is listed and send it again."),
    "kind-not-on-day": _l("No law knew this kind of agreement on its first day. Give another first day."),
    "sign-by-hand-only": _l("An earlier law made this agreement. Its signatures are recorded from the original."),
    "kind-not-yours": _l("Your organisation does not begin agreements of this kind. Choose another kind."),
    "municipality-needed": _l("Choose the municipality of the agreement."),
    "title-missing": _l("Write what the agreement is about, for example the name of the unit."),
    "content-frozen": _l(
        "The text is no longer written: it has gone to hearing or to signing. Return it for changes first."
    ),
    "party-twice": _l("The same organisation stands twice on the same side. Take one out."),
    "row-outside-term": _l("Some places or prices would lie outside the validity. Change them first."),
    "binding-language-unknown": _l("Choose Finnish or Swedish as the binding language."),
    "price-none": _l("Write a price above nothing."),
    "version-open": _l("Version %(number)s is being worked on already. Finish it or return it first."),
    "due-in-the-past": _l("Give a day after today: the body that is heard needs time to answer."),
    "statement-missing": _l("Write the statement."),
    "heard-already": _l("The statement has been given already."),
    "not-heard-here": _l("Your organisation is not heard on this agreement."),
    "move-not-possible": _l(
        "This is not possible at this stage of the agreement. Open its page to see where it stands."
    ),
    "retroactive-reason-missing": _l("The agreement would hold from %(day)s, which has passed. Write why."),
    "already-covered": _l(
        "Agreement %(ref)s, version %(number)s, covers one of the units from %(day)s. End it first, or change the days."
    ),
    "notice-too-short": _l(
        "With the agreed notice of %(months)s months the last day can be %(day)s at the earliest. "
        "Choose a later day, or end the agreement by consent of all parties."
    ),
    "ends-by-term": _l("The agreement ends by itself on %(day)s. Choose an earlier day."),
    "replaced": _l("Version %(number)s has replaced this one. End that version instead."),
    "signing-over": _l("Version %(number)s is not in signing any more. Open the agreement to see its newest version."),
    "other-text": _l("The text you were shown is not the one in signing. Read the newest version and sign that."),
    "content-changed": _l(
        "The stored text differs from the one that was frozen. Nobody can sign it. Tell your administrator."
    ),
    "not-a-party": _l("Your organisation does not sign this agreement."),
    "mandate-not-valid": _l("Your mandate to sign does not hold on %(day)s. Ask your administrator."),
    "no-signing-mandate": _l("You have no mandate to sign for your organisation today. Ask your administrator."),
    "signed-for-another": _l("You have signed for another party already. Another person must sign here."),
    "boxes-missing": _l("Tick both boxes."),
    "proof-wrong": _l("This does not prove that it is you. Type it again."),
    "scan-missing": _l("Add the scan of the signed original."),
    "signed-outside": _l("The original must have been signed between %(first)s and today."),
    "signed-already": _l("This party has signed already."),
    "signatory-missing": _l("Choose who signed: somebody whose mandate held on that day."),
    "terms-unknown": _l("Choose one of the values offered."),
    "terms-range": _l("The number is outside what can be agreed."),
    "terms-order": _l("The oldest age must not be below the youngest."),
    "terms-long": _l("Write at most 300 characters."),
    "terms-twice": _l("The same row stands twice. Take one out."),
    "attachment-missing": _l("Choose a file."),
    "attachment-empty": _l("The file is empty. Choose another one."),
    "attachment-large": _l("The file is larger than 10 MB. Make it smaller and add it again."),
    "attachment-kind": _l("The file is not what its name says, or not a PDF, JPEG or PNG. Save it as one of these."),
    "attachment-twice": _l("This file has been added already."),
    "attachment-changed": _l("The file does not match its fingerprint. Tell your administrator."),
}

PROBLEMS = {
    "kind-unknown": _l("The law of %(day)s does not know this kind of agreement."),
    "party-missing": _l("%(chapter)s: %(side)s is missing (%(role)s)."),
    "body-ended": _l("%(organisation)s is no more. Save the parties again to name who acts after it."),
    "not-competent": _l("%(chapter)s: the competent authority by law is %(organisation)s."),
    "hearing-open": _l(
        "The hearing is not over. Send the agreement for hearing and wait for the answer or the last day."
    ),
    "no-units": _l("Add at least one unit with its places."),
    "above-ceiling": _l("%(unit)s: %(places)s places, but the law allows %(allowed)s from %(day)s."),
    "above-building": _l("The building would have %(places)s places on %(day)s, but the law allows %(allowed)s."),
    "outside-term": _l("%(unit)s: the places lie outside the validity of the agreement (%(day)s)."),
    "not-registered": _l("%(unit)s is not registered. Record its registration first."),
    "outside-registration": _l("%(unit)s is not registered from %(day)s."),
    "places-twice": _l("%(unit)s has two rows of places from %(day)s. Take one out."),
    "price-not-used": _l(
        "Actual costs are agreed, so no price by the day is. Take the prices out or change the basis."
    ),
    "price-gap": _l("%(unit)s has no price from %(day)s."),
    "price-twice": _l("%(unit)s has two prices from %(day)s."),
    "no-price": _l("Add a price: the costs are agreed by the place-day."),
    "empty-dearer": _l("From %(day)s an empty place-day costs more than a filled one."),
    "already-covered": _l("Agreement %(ref)s, version %(number)s, covers one of the units from %(day)s."),
}
