"""Forms of the life of an agreement: what people type, as the values that the services take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, HiddenField, PasswordField, RadioField, SelectField, StringField

from agreements.terms import CATEGORIES, CHILD_SERVICES, GIVERS, MOST_TEXT, BudgetLine, Duty, Terms
from placement.agreed import words as agreed
from placement.web.child_forms import KitForm, line, needed, text
from placement.web.fields import CentsField, DayField, WholeField

LONGEST_REASON, LONGEST_STATEMENT = 400, 1000


def said(table: dict[str, str], codes: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """Return choices of codes with their words in the reader's language."""
    return [(code, say(table, code)) for code in (codes or table)]


def say(table: dict[str, str], code: str) -> str:
    message = table[code]
    return str(_(message))


class NewForm(KitForm):
    kind = RadioField(_l("Kind of agreement"), [needed(_l("Choose the kind of agreement."))], validate_choice=False)
    title = line(_l("What the agreement is about"), 160, needed(_l("Write what the agreement is about.")))
    municipality = SelectField(_l("Municipality"), default="")
    provider = SelectField(_l("Service provider"), default="")
    case_number = line(_l("Case number"), 40)
    valid_from = DayField(_l("First day"), [needed(_l("Give the first day."))])


class PartiesForm(KitForm):
    seen = HiddenField(default="0")
    municipality = SelectField(_l("Municipality"), default="")
    provider = SelectField(_l("Service provider"), default="")
    municipality_signs = BooleanField(
        _l("The municipality signs the whole agreement, also where it must only be heard")
    )


class UnitRowForm(KitForm):
    seen = HiddenField(default="0")
    unit = SelectField(_l("Unit"), [needed(_l("Choose a unit."))])
    places = WholeField(_l("Places"), [needed(_l("Write the number of places."))])
    valid_from = DayField(_l("First day"), [needed(_l("Give the first day."))])
    valid_to = DayField(_l("Last day"))


class RateRowForm(KitForm):
    seen = HiddenField(default="0")
    unit = SelectField(_l("Unit"), default="")
    price_day = CentsField(_l("Price of a place-day"), [needed(_l("Give the price."))])
    price_empty = CentsField(_l("Price of an empty place-day"))
    valid_from = DayField(_l("First day"), [needed(_l("Give the first day."))])
    valid_to = DayField(_l("Last day"))


class ValidityForm(KitForm):
    seen = HiddenField(default="0")
    valid_from = DayField(_l("First day"), [needed(_l("Give the first day."))])
    valid_to = DayField(_l("Last day"))
    language = RadioField(_l("Binding language"), [needed(_l("Choose the binding language."))], validate_choice=False)


class CostsForm(KitForm):
    """The terms about who is cared for, money, review and ending."""

    seen = HiddenField(default="0")
    age_from = WholeField(_l("Youngest age"))
    age_to = WholeField(_l("Oldest age"))
    target_group = line(_l("Target group"), MOST_TEXT)
    cost_basis = RadioField(_l("Cost basis"), validate_choice=False)
    start_up_paid = BooleanField(_l("Start-up costs are paid"))
    closing_paid = BooleanField(_l("Closing costs are paid"))
    advances = RadioField(_l("Advances"), validate_choice=False)
    claim_period = RadioField(_l("Reporting and claim period"), validate_choice=False)
    day_count = RadioField(_l("How days are counted"), validate_choice=False)
    guarantee_percent = WholeField(_l("Occupancy guarantee, per cent"))
    option_places = WholeField(_l("Optional further places"))
    equipment_owner = RadioField(_l("Owner of the equipment"), validate_choice=False)
    review_months = WholeField(_l("Review at least every … months"))
    notice_months = WholeField(_l("Notice, months"))
    run_down_months = WholeField(_l("Run-down, months"))
    disputes = RadioField(_l("Disputes"), validate_choice=False)
    budget_year = WholeField(_l("Year of the budget"))

    def offer(self) -> None:
        for name, table in agreed.CHOICES.items():
            self[name].choices = said(table)
        for category in CATEGORIES:
            self[f"budget_{category}"].label.text = say(agreed.CATEGORIES, category)

    def to_terms(self, before: Terms) -> Terms:
        """Return the terms as typed; what was left empty keeps its value, but the year's budget is as typed."""
        names = {one.name for one in fields(Terms)} & set(self._fields)
        values: dict[str, Any] = {}
        for name in names:
            data = self[name].data
            if isinstance(self[name], BooleanField):
                values[name] = bool(data)
            elif data is not None:
                values[name] = data
            elif name == "target_group":
                values[name] = ""
        year = self.budget_year.data
        if year:
            kept = tuple(one for one in before.budget if one.year != year)
            lines = [BudgetLine(year, key, self[f"budget_{key}"].data or 0) for key in CATEGORIES]
            values["budget"] = (*kept, *(one for one in lines if one.cents))
        return replace(before, **values)


for _category in CATEGORIES:
    setattr(CostsForm, f"budget_{_category}", CentsField())


class ServicesForm(KitForm):
    """For each service as the child meets it: who gives it (or nobody), and what is given."""

    seen = HiddenField(default="0")

    def offer(self) -> None:
        for code in CHILD_SERVICES:
            words = say(agreed.SERVICES, code)
            side, what = self[f"side-{code}"], self[f"what-{code}"]
            side.choices = [("", _("Nobody")), *said(agreed.GIVERS)]
            side.label.text, what.label.text = ": ".join((words, _("Given by"))), ": ".join((words, _("What")))

    def fill(self, terms: Terms) -> None:
        given = {one.stands_for: one for one in terms.duties}
        for code in CHILD_SERVICES:
            self[f"side-{code}"].data = given[code].side if code in given else ""
            self[f"what-{code}"].data = given[code].what if code in given else None

    def whole(self) -> bool:
        """Whether the form can be read and every text belongs to somebody who gives the service."""
        readable = bool(self.validate())
        for code in CHILD_SERVICES:
            if self[f"what-{code}"].data and self[f"side-{code}"].data not in GIVERS:
                words = say(agreed.SERVICES, code)
                self[f"side-{code}"].errors = [_("%(service)s: choose who gives it, or empty the text.", service=words)]
                readable = False
        return readable

    def duties(self) -> tuple[Duty, ...]:
        """Return what was typed; a service that nobody gives is none."""
        return tuple(
            Duty(code, self[f"side-{code}"].data, self[f"what-{code}"].data or "")
            for code in CHILD_SERVICES
            if self[f"side-{code}"].data in GIVERS
        )


for _service in CHILD_SERVICES:
    setattr(ServicesForm, f"side-{_service}", SelectField(default="", validate_choice=False))
    setattr(ServicesForm, f"what-{_service}", line("", MOST_TEXT))


class ClauseForm(KitForm):
    seen = HiddenField(default="0")
    choice = RadioField(_l("Text"), validate_choice=False)
    text = text(_l("Own text"), 4000)


class CommentForm(KitForm):
    section = SelectField(_l("About"))
    text = text(_l("Comment"), 1000, needed(_l("Write the comment.")))


class HearingForm(KitForm):
    due_on = DayField(_l("Last day to answer"), [needed(_l("Give the last day to answer."))])


class StatementForm(KitForm):
    statement = text(_l("Statement"), LONGEST_STATEMENT, needed(_l("Write the statement.")))


class SignForm(KitForm):
    content_hash = HiddenField()
    has_read = BooleanField()
    has_right = BooleanField()
    proof = StringField()

    def word(self, *, number: int, party: str, by_name: bool) -> None:
        """Set the words that name the version, the party and what is typed to prove who signs."""
        self.has_read.label.text = _("I have read version %(number)s", number=number)
        self.has_right.label.text = _("I have the right to sign for %(party)s", party=party)
        self.proof.label.text = _("Type the name on your demo card") if by_name else _("Your password")


class SignPasswordForm(SignForm):
    proof = PasswordField()


class ReasonForm(KitForm):
    reason = text(_l("What must be changed"), LONGEST_REASON, needed(_l("Write the reason.")))


class ActivateForm(KitForm):
    reason = text(_l("Why the agreement holds from a day that has passed"), LONGEST_REASON)


class EndForm(KitForm):
    last_day = DayField(_l("Last day in force"), [needed(_l("Give the last day."))])
    reason = text(_l("Why it is ended"), 200, needed(_l("Write the reason.")))
    by_consent = BooleanField(_l("All parties agree to end it without the notice"))
    know = BooleanField(_l("I know that the children listed need a new place"))


class FileForm(KitForm):
    kind = SelectField(_l("Kind of file"))
    file = FileField(_l("File"))


class HandSignedForm(KitForm):
    mandate = SelectField(_l("Who signed"), default="")
    signed_on = DayField(_l("Signed on"), [needed(_l("Give the day of the signature."))])
    file = FileField(_l("Scan of the signed original"))
