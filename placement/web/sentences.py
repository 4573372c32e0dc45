"""One sentence for each refusal code, in the reader's language: what is wrong and what to do about it."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l

from placement.refusals import Refusal
from placement.web.agreement_sentences import REFUSED
from placement.web.claim_sentences import CLAIM_REFUSED
from placement.web.direction_words import REFUSED as DIRECTION_REFUSED
from placement.web.i18n import day
from placement.web.path_sentences import REFUSED as PATH_REFUSED
from placement.web.review_sentences import REFUSED as REVIEW_REFUSED

SENTENCES = {
    "not-found": _l("Page not found. It may belong to another organisation."),
    "no-mandate": _l("Your account has no mandate that is valid today. Ask your administrator."),
    "password-short": _l("The password must have at least %(least)s characters."),
    "sign-in-wrong": _l("The user name or the password is wrong."),
    "code-wrong": _l("The code is wrong or was already used. Wait for the next one."),
    "locked-out": _l("Too many attempts. Wait 15 minutes and try again."),
    "changed-meanwhile": _l("Someone else saved this while you were editing."),
    # calculations and proposals
    "run-under-way": _l("A calculation of this county is under way. Wait until it ends, or stop it on its page."),
    "nobody-waits": _l("Nobody waits for a place, so there is nothing to calculate."),
    "run-too-large": _l(
        "There are more than %(children)s children or %(units)s units. Calculate one county at a time."
    ),
    "row-locked": _l("The place is locked. Unlock it first."),
    "row-decided": _l("A decision on this child has been made. The proposal is not changed any more."),
    "nothing-to-lock": _l("There is no place to lock. Choose a place first."),
    "proposal-sent": _l("The proposal has been sent and is not changed any more. Calculate again to change it."),
    "place-refused": _l("This place is not possible. See the reasons below and choose another one."),
    # decisions
    "no-deciding-mandate": _l("You have no mandate to decide that is valid today. Ask the county lead who can do it."),
    "unit-missing": _l("Choose a unit."),
    "proposal-withdrawn": _l("The proposal was withdrawn. Calculate again."),
    "proposal-stale": _l("Things changed since this was calculated."),
    "hold-over": _l("The place is no longer held. Your text is kept: hold the place again or choose another one."),
    "hold-extended-once": _l("The place was kept 30 minutes more already. Make the decision, or hold the place again."),
    "decision-made": _l("The decision has been made already."),
    "decision-not-made": _l("The decision has not been made yet."),
    "decision-discarded": _l("The draft was thrown away. Start the decision again."),
    "second-official-needed": _l("The decision breaks a rule. A second official must confirm it first."),
    "second-official-same-person": _l("Another person must confirm this than the one who decides."),
    "nothing-to-confirm": _l("There is no rule break to confirm."),
    "already-confirmed": _l("A second official has confirmed this already."),
    "reason-missing": _l("Write the reason."),
    "text-too-long": _l("Shorten the text to %(most)s characters."),
    "start-missing": _l("Give the first day."),
    "end-missing": _l("Give the leaving day at the latest."),
    "review-on-missing": _l("Give the day by which the decision is looked at again."),
    "review-outside": _l("The day of the next look must be within the stay."),
    "review-not-later": _l("An urgent decision is looked at again on a later day than today."),
    "review-too-late": _l(
        "The assessment is ready within three months: an urgent decision is looked at again by %(day)s."
    ),
    "urgent-assessed": _l(
        "The assessment was ready on %(day)s, so the decision rests on it. Choose the assessment instead."
    ),
    "urgent-reason-missing": _l("Write why the assessment cannot be waited for."),
    "urgent-basis-missing": _l("Choose the provision on urgent cases (Social Welfare Act, section 12)."),
    "assessment-on-missing": _l("Give the day of the assessment of service needs."),
    "day-in-future": _l("Give a day that is not in the future."),
    "child-hearing-missing": _l("Say whether the child was heard, or why not."),
    "child-heard-on-missing": _l("Give the day on which the child was heard."),
    "child-heard-how-missing": _l("Say how the child was heard."),
    "child-heard-language-missing": _l("Say in which language the child was heard."),
    "child-opinion-missing": _l("Write what the child said."),
    "child-not-heard-reason-missing": _l("Write why the child was not heard."),
    "representative-hearing-missing": _l("Say whether the representative was heard, or why not."),
    "representative-heard-on-missing": _l("Give the day on which the representative was heard."),
    "representative-opinion-missing": _l("Write what the representative said."),
    "representative-not-heard-reason-missing": _l("Write why the representative was not heard."),
    "alternatives-missing": _l("Write which alternatives were weighed."),
    "reasons-missing": _l("Write the reasons for the decision."),
    "legal-bases-missing": _l("Choose the provisions that the decision rests on."),
    "deviation-reason-missing": _l("Write why you decide against the proposal or the rule."),
    "siblings-apart-reason-missing": _l("Write why siblings who must live together are placed apart."),
    "sign-not-shown": _l("The decision cannot show this sign: %(sign)s. Write it in another way."),
    "protected-document": _l("The child's identity is protected. Give a reason on the child's page to see it first."),
    "served-missing": _l("Give at least one day of service."),
    "served-before-decision": _l("The decision cannot be served before it was made."),
    "several": _l("Some answers are missing or do not fit."),
    # a booking that found no place
    "dates-order": _l("The leaving day must be after the first day."),
    "before-entry": _l("The stay cannot begin before the child came."),
    "right-ended": _l("The stay cannot last longer than the right to the place."),
    "child-has-stay": _l("The child already has a stay on these days."),
    "same-unit": _l("The child already lives in this unit."),
    "unit-full": _l("The unit is full on these days."),
    "unit-closed": _l("The unit is closed on these days."),
    "unit-not-registered": _l("The unit is not registered on these days."),
    "agreement-not-in-force": _l("No agreement on the unit is in force on these days."),
    "forbidden-unit": _l("It is recorded that the child may not live in this unit."),
    "apart-pair": _l("Somebody the child must be kept apart from has a place here."),
    # units and their places
    "ages-crossed": _l("The oldest age must not be below the youngest."),
    "support-crossed": _l("The highest support level must not be below the lowest."),
    "empty-dearer": _l("An empty place-day must not cost more than a filled one."),
    "closes-before-opening": _l("The last day in use must not be before the opening."),
    "registration-crossed": _l("The registration must not end before it begins."),
    "age-outside-kind": _l("This kind of unit is for ages %(youngest)s to %(oldest)s."),
    "carers-of-no-foster-home": _l("Carers and own children are recorded for foster homes only."),
    "hours-too-many": _l("Write at most %(most)s hours a week."),
    "municipality-elsewhere": _l("Choose a municipality of your county."),
    "building-elsewhere": _l("Choose a building of your county."),
    "unit-name-taken": _l("Your county has a unit of this name already. Write another name."),
    "places-in-the-past": _l("Begin today or later: past days are history and are not changed here."),
    "above-ceiling": _l(
        "From %(day)s there would be %(places)s places, but the law allows %(allowed)s in this kind of unit. "
        "Lower the number, or ask the county lead to allow an urgent excess for some days."
    ),
    "above-building": _l(
        "From %(day)s the building would have %(places)s places, but the law allows %(allowed)s. Lower the number."
    ),
    "below-taken": _l(
        "On %(day)s %(taken)s places are taken or held. Move those children first, then lower the places."
    ),
    "excess-none": _l("Write at least 1 place."),
    "excess-open-ended": _l("Write the last day: an excess always ends."),
    "ends-before-start": _l("The last day must not be before the first."),
    "key-used": _l("This form was sent by somebody else. Open the page again."),
    "busy": _l("Many people are saving right now. Nothing was lost. Try again."),
    # children
    "no-relation": _l("Nothing links you to this child. State why you need to see the record."),
    "identity-closed": _l("The child is protected. Show the identity first and give the reason."),
    "purpose-short": _l("Write at least %(least)s characters: why you need to see this child."),
    "purpose-long": _l("Write at most %(most)s characters."),
    "child-already-here": _l("This child may already be here: %(ref)s."),
    "code-missing": _l("Write the identity code, or a temporary number when there is none."),
    "code-format": _l("Write the code as ddmmyy, a sign, three digits and a check sign."),
    "code-check": _l("The check sign of the code does not match. Type the code again."),
    "code-date": _l("The code has no such day. Type it again."),
    "code-temporary": _l("Codes with 900–999 are never issued. Use the registered code."),
    "birth-differs": _l("The date of birth is not the one in the identity code. Correct one of them."),
    "birth-ahead": _l("The date of birth cannot be in the future."),
    "birth-same": _l("This is the date of birth that is already recorded."),
    "right-over": _l("The right to support has ended: the person is %(age)s or older. Check the date of birth."),
    "before-birth": _l("The day cannot be before the birth."),
    "day-ahead": _l("The day cannot be in the future."),
    "day-far": _l("The day is more than a year ahead. Check it."),
    "ground-unknown": _l("Choose the ground of eligibility."),
    "residence-missing": _l("With this ground, write since when the child has a municipality of residence."),
    "representative-missing": _l("Write the representative, or why a child under 18 has none."),
    "protection-off": _l("Tick the protection, or leave its last day empty."),
    "protection-over": _l("The last day has passed. Take the protection off, or write its new last day."),
    "hours": _l("Give hours from 0 to %(most)s."),
    "service-unknown": _l("A service is no longer in use. Choose again."),
    "language-missing": _l("Choose at least one language."),
    "language-unknown": _l("This language is not in use. Choose again."),
    "language-twice": _l("This language is chosen twice."),
    "sibling-mode-missing": _l("Choose whether the siblings must or should live together."),
    "apart-reason-missing": _l("Write why these children are kept apart."),
    "sibling-and-apart": _l("%(ref)s is both a sibling and to be kept apart. Take one away."),
    "child-unknown": _l("No child of your county has the reference %(ref)s."),
    "view-name-taken": _l("You have a view of this list with that name. Choose another name."),
    "view-without-filters": _l("Choose at least one filter in the list first."),
    "wish-twice": _l("The same unit is wished twice."),
    "wish-ruled-out": _l("A unit is both wished and ruled out. Take one away."),
    "ruled-out-reason-missing": _l("Write why these units are ruled out."),
    "unit-unknown": _l("One of the units is not available to your county. Choose again."),
    "view-missing": _l("Write the child's own view, or why it was not asked."),
    "view-day-missing": _l("Write when the child was asked."),
    "view-how-missing": _l("Choose how the child was asked."),
    "place-order": _l("The leaving day must be after the first day."),
    "worker-unknown": _l("Choose a social worker of the county."),
    "draft-large": _l("The draft is too long to keep. Shorten the texts."),
    # closing places
    "closure-in-the-past": _l("The first closed day cannot be in the past."),
    "emergency-begins-today": _l("An emergency closes from today on."),
    "unit-not-open-then": _l("The unit is not open on that day."),
    "closure-places": _l("Write from 1 to %(most)s places."),
    "closure-cancelled": _l("The closure was cancelled."),
    "closure-confirmed": _l("The closure was confirmed already."),
    "freeze-outside": _l("Give a day from today to %(last)s."),
    "nobody-to-move": _l("Nobody has to move, so there is nothing to calculate."),
    "plan-without-result": _l("This calculation has no proposal to use. Calculate new places again."),
    "plan-not-chosen": _l("Choose one of the proposals first."),
    "children-left": _l("The closure cannot be confirmed yet. Children without another place: %(count)s."),
    # the life of placements
    "put-right-missing": _l("Write the day by which the remarks are put right."),
    "arrived-already": _l("The arrival is on record already."),
    "arrival-after-end": _l("The stay ends on %(day)s. Give an earlier day."),
    "not-arrived-yet": _l("Record the arrival first."),
    "left-before-coming": _l("The stay began on %(day)s. Give a later day."),
    "outside-stay": _l("Give a day within the stay."),
    "back-before-leaving": _l("The day of return must be after the first day away."),
    "back-after-stay": _l("The stay ends on %(day)s. Give that day or an earlier one."),
    "absences-overlap": _l("The child is on record as away on some of these days already."),
    "told-before-leaving": _l("Give a day on which the child was away."),
    "no-place-those-days": _l("There is no free place on the days in between."),
    "departed-already": _l("The departure is on record already."),
    "county-unknown": _l("Choose another county."),
    "transfer-too-soon": _l("Give a day after today."),
    "transfer-open": _l("Another county has been asked already. Take that question back first."),
    "transfer-answered": _l("The question has been answered or taken back already."),
    "transfer-day-past": _l("The day of the transfer has come. The other county must ask again with a later day."),
    "child-there-already": _l("Your county has a record of this child already."),
    "stay-after-transfer": _l(
        "The child has a stay that begins on the day of the transfer or later. The other county must call it off first."
    ),
    "does-not-wait": _l("The child does not wait for a place."),
    "no-place-already": _l("This is on record already."),
    "there-is-a-place": _l("There are %(count)s units with a place that fits. Look at the best places."),
    "no-place-ended": _l("The search is over already."),
    "answered-already": _l("This was answered otherwise already."),
    "month-not-over": _l("The month can be confirmed when it is over."),
    "presence-changed": _l("Stays or absences have changed since this page was opened. Look at the days again."),
    "move-in-the-past": _l("The day of the move cannot be in the past."),
    "move-not-possible": _l("This unit is not possible on that day. Choose another unit or day."),
    # imports: the file, its columns, its rows
    "file-missing": _l("Choose a file."),
    "file-empty": _l("The file is empty. Download the template and fill it in."),
    "file-only-header": _l("The file has column names but no rows."),
    "file-too-big": _l("The file is larger than %(most)s MB. Divide it into several files."),
    "file-rows": _l("The file has more than %(most)s rows. Divide it into several files."),
    "file-columns": _l("The file has more than %(most)s columns. Use the template."),
    "file-kind": _l("Choose a CSV or XLSX file. Save the spreadsheet as one of these."),
    "file-not-csv": _l("The file is called CSV but holds something else. Save the spreadsheet as CSV again."),
    "file-not-xlsx": _l("The file is called XLSX but holds something else. Save the spreadsheet as XLSX again."),
    "file-old-or-locked": _l(
        "The file is an old Excel workbook or protected by a password. Save it as XLSX without a password."
    ),
    "file-damaged": _l("The file is damaged. Open it in a spreadsheet program and save it as XLSX again."),
    "file-unpacks-too-big": _l("The workbook unpacks to more than %(most)s MB. Save only the rows to be imported."),
    "file-encoding": _l("The letters of the file cannot be read. Save it as CSV in UTF-8."),
    "file-quotes": _l("A quotation mark in row %(row)s or before it never closes. Correct it and save again."),
    "column-nameless": _l("This column has values but no name. Name it, or empty it."),
    "column-unknown": _l("No column has this name. Use a name of the template, or take the column out."),
    "column-near": _l("No column has this name. Did you mean %(near)s?"),
    "column-twice": _l("This column is here twice; column %(first)s is the same. Take one out."),
    "column-missing": _l("This column is needed but not in the file. Add it."),
    "cell-beyond": _l("There is a value to the right of the last column. Name the column, or empty the cell."),
    "cell-empty": _l("The cell is empty. Fill it in."),
    "cell-formula": _l("The formula has no calculated value. Write the value itself."),
    "cell-error": _l("The cell shows an error of the spreadsheet. Write the value itself."),
    "cell-long": _l("Write at most %(most)s characters."),
    "cell-day": _l("Write the day as 1.4.2026 or 2026-04-01."),
    "cell-money": _l("Write the sum in euros, for example 245,50."),
    "cell-whole": _l("Write a whole number, for example 7."),
    "cell-range": _l("Write a number from %(low)s to %(high)s."),
    "cell-choice": _l("Write one of these: %(choices)s."),
    "cell-municipality-unknown": _l("No municipality has this name or code."),
    "cell-ground-unknown": _l("No ground of eligibility has this code. The codes are in the template."),
    "cell-building-unknown": _l("The county has no building of this name. Leave the cell empty, or add the building."),
    "cell-provider-unknown": _l("No service provider has this name. Leave the cell empty, or add the provider."),
    "cell-worker-unknown": _l("No social worker of the county has this user name."),
    "cell-language-unknown": _l("No language is called %(item)s. The codes are in the template."),
    "cell-service-unknown": _l("No service is called %(item)s. The codes are in the template."),
    "cell-item-number": _l("Write the level after %(item)s, for example somali 5; suomi 2."),
    "cell-item-range": _l("The number of %(item)s must be from %(low)s to %(high)s."),
    "cell-item-twice": _l("%(item)s is here twice. Take one out."),
    "row-twice": _l("This is in row %(first)s already. Take one of the rows out."),
    "unit-differs": _l(
        "The unit is here already with another value. Change it on its page, or write the recorded value."
    ),
    "sibling-alone": _l("No other row has this sibling group. Siblings are at least two rows with the same mark."),
    "rows-refused": _l("Nothing was imported: some rows cannot be taken. Correct them and upload the file again."),
    "import-again": _l("Somebody saved at the same time. Nothing was imported. Send the file again."),
    "undo-late": _l("An import can be undone for %(hours)s hours. Change what it added on the pages instead."),
    "undo-claimed": _l(
        "Claim %(claim)s rests on voucher %(voucher)s (row %(row)s). It can be undone once no claim does."
    ),
    "undo-gone": _l(
        "The cost of row %(row)s was taken out by hand. The import can no longer be undone: take out its other costs."
    ),
    "undo-touched": _l("%(ref)s has been opened, changed or used since. The import can no longer be undone."),
}
EVERY = {**REFUSED, **CLAIM_REFUSED, **DIRECTION_REFUSED, **PATH_REFUSED, **REVIEW_REFUSED, **SENTENCES}


def sentence(refused: Refusal) -> str:
    """Return the refusal as a sentence, days in the reader's form; a code without one is a fault (KeyError)."""
    words = (
        SENTENCES.get(refused.code)
        or CLAIM_REFUSED.get(refused.code)
        or DIRECTION_REFUSED.get(refused.code)
        or PATH_REFUSED.get(refused.code)
        or REVIEW_REFUSED.get(refused.code)
        or REFUSED[refused.code]
    )
    facts = {name: day(value) if isinstance(value, date) else value for name, value in refused.facts.items()}
    return str(words) % facts if facts else str(words)
