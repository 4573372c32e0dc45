"""Forms of the life of a placement: arrival, departure, absence, a move, a transfer, what a unit answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField

from placement.moves.absences import AbsenceCommand
from placement.moves.life import Reason
from placement.reference import codes
from placement.refusals import Refusal, Refusals
from placement.web.child_forms import KitForm, needed, text
from placement.web.edge import today
from placement.web.fields import DayField
from placement.web.i18n import day
from placement.web.sentences import sentence

NOTE = 1000


def coded(list_name: str) -> list[tuple[str, str]]:
    """Return the codes of a list with their words, as choices."""
    return [(one.key, _(one.label)) for one in codes(list_name, today())]


class ArrivalForm(KitForm):
    version = HiddenField()
    arrived_on = DayField(_l("The child came on"), [needed(_l("Write the day."))])


class NotBegunForm(KitForm):
    version = HiddenField()
    code = RadioField(_l("Why the stay never began"), [needed(_l("Choose the reason."))])
    note = text(_l("More about it"), NOTE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code.choices = coded("not_begun_reason")

    def to_reason(self) -> Reason:
        return Reason(self.code.data, self.note.data)


class DepartureForm(KitForm):
    version = HiddenField()
    left_on = DayField(_l("The child left on"), [needed(_l("Write the day."))])
    code = RadioField(_l("Why the child left"), [needed(_l("Choose the reason."))])
    needs_place = BooleanField(_l("The child needs another place and waits for it from that day on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code.choices = coded("departure_reason")


class AbsenceForm(KitForm):
    version = HiddenField()
    kind = RadioField(_l("What kind of absence"), [needed(_l("Choose the kind of absence."))])
    started_on = DayField(_l("Away from"), [needed(_l("Write the day."))])
    expected_back_on = DayField(_l("Expected back on"))
    back_on = DayField(_l("Came back on"))
    police_told_on = DayField(_l("The police were told on"))
    representative_told_on = DayField(_l("The representative was told on"))
    note = text(_l("More about it"), NOTE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = coded("absence_kind")

    def to_command(self) -> AbsenceCommand:
        return AbsenceCommand(
            kind=self.kind.data,
            started_on=self.started_on.data,
            back_on=self.back_on.data,
            expected_back_on=self.expected_back_on.data,
            police_told_on=self.police_told_on.data,
            representative_told_on=self.representative_told_on.data,
            note=self.note.data,
        )


class MoveForm(KitForm):
    move_on = DayField(_l("Day of the move"), [needed(_l("Write the day."))])
    unit = SelectField(_l("Unit to move to"), validate_choice=False)
    reason = text(_l("Why the child moves"), NOTE, needed(_l("Write the reason.")))
    keep_school = BooleanField(_l("The child stays in the same school"))


class TransferForm(KitForm):
    to_county = SelectField(_l("County that would take over"), [needed(_l("Choose the county."))])
    from_day = DayField(_l("From"), [needed(_l("Write the day."))])
    reason = text(_l("Why the responsibility would move; no name"), NOTE, needed(_l("Write the reason.")))
    handed = SelectMultipleField(_l("What is handed over"), validate_choice=False)


class RefuseTransferForm(KitForm):
    version = HiddenField()
    code = RadioField(_l("Why the county does not take over"), [needed(_l("Choose the reason."))])
    note = text(_l("More about it"), NOTE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code.choices = coded("transfer_refusal")


class AnswerForm(KitForm):
    reason_code = RadioField(_l("Why the unit cannot take the child"), validate_choice=False)
    note = text(_l("More about it; no name"), NOTE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason_code.choices = coded("unit_refusal")


def put(form: Any, refused: Refusal) -> None:
    """Write each refusal's sentence at its field, days in the reader's form; without a field above the form."""
    for one in refused.faults if isinstance(refused, Refusals) else [refused]:
        facts = {name: day(value) if isinstance(value, date) else value for name, value in one.facts.items()}
        words = sentence(Refusal(one.code, field=one.field, **facts))
        if one.field in form:
            form[one.field].errors = [*form[one.field].errors, words]
        else:
            form.form_errors.append(words)
