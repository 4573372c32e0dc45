"""One sentence for each refusal code, in the reader's language: what is wrong and what to do about it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from placement.refusals import Refusal

SENTENCES = {
    "not-found": _l("Page not found. It may belong to another organisation."),
    "no-mandate": _l("Your account has no mandate that is valid today. Ask your administrator."),
    "password-short": _l("The password must have at least %(least)s characters."),
    "sign-in-wrong": _l("The user name or the password is wrong."),
    "code-wrong": _l("The code is wrong or was already used. Wait for the next one."),
    "locked-out": _l("Too many attempts. Wait 15 minutes and try again."),
    "changed-meanwhile": _l("Someone else saved this while you were editing."),
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
    "busy": _l("Many people are saving right now. Nothing was lost. Try again."),
}


def sentence(refused: Refusal) -> str:
    """Return the refusal as a sentence; a code without one is a fault (KeyError)."""
    return str(SENTENCES[refused.code]) % refused.facts if refused.facts else str(SENTENCES[refused.code])
