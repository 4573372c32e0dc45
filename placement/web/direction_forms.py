"""Forms of directions: opening one, answering it, withdrawing it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField

from placement.directing.service import LONGEST_WORDS
from placement.web.child_forms import KitForm, needed, text
from placement.web.direction_words import CARES, REASONS
from placement.web.fields import DayField

AGREE, DECLINE = "agree", "decline"


class NewDirectionForm(KitForm):
    municipality = SelectField(_l("Municipality"), [needed(_l("Choose the municipality."))], validate_choice=False)
    care = RadioField(_l("Directed to"), [needed(_l("Choose what the child is directed to."))], validate_choice=False)
    planned_from = DayField(_l("Planned day of the move"), [needed(_l("Give the planned day."))])
    expires_on = DayField(_l("Last day to answer"), [needed(_l("Give the last day to answer."))])

    def offer(self, municipalities: list[tuple[str, str]]) -> None:
        self.municipality.choices = municipalities
        self.care.choices = [(code.value, str(words)) for code, words in CARES.items()]


class AnswerForm(KitForm):
    answer = RadioField(_l("Answer"), [needed(_l("Choose whether you agree."))], validate_choice=False)
    reason = SelectField(_l("Why you decline"), default="", validate_choice=False)
    words = text(_l("In words, without names"), LONGEST_WORDS)

    def offer(self, nothing: str) -> None:
        self.answer.choices = [(AGREE, str(_l("We agree"))), (DECLINE, str(_l("We decline")))]
        self.reason.choices = [("", nothing), *((code.value, str(words)) for code, words in REASONS.items())]


class WithdrawForm(KitForm):
    reason = text(_l("Why it is withdrawn"), LONGEST_WORDS, needed(_l("Write the reason.")))
