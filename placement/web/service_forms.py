"""Forms of services: owing one, a pathway, reporting, confirming, closing, assigning, and the board's filters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField

from placement.integration.service import LONGEST_TEXT, NewService
from placement.web import service_words as words
from placement.web.child_forms import KitForm, needed, text
from placement.web.fields import DayField

Names = Mapping[str, str]


class OweForm(KitForm):
    kind = SelectField(_l("Service"), [needed(_l("Choose the service."))], default="")
    member = SelectField(_l("For whom"), default="")
    event_on = DayField(
        _l("Counted from"),
        [needed(_l("Write the day from which the time is counted."))],
        description=_l("The permit, the request, the plan or the other event that makes the service due."),
    )
    giver = SelectField(_l("Who gives it"), default="")
    owner = SelectField(_l("Who sees to it"), default="")

    def offer(self, *, on: date, members: Mapping[str, str], givers: Names, owners: Names) -> None:
        self.kind.choices = [("", _("Choose")), *words.service_choices(on)]
        self.member.choices = [("", _("The child")), *members.items()]
        self.giver.choices = [("", _("Nobody yet")), *givers.items()]
        self.owner.choices = [("", _("The child's own worker")), *owners.items()]

    def to_new(self) -> NewService:
        return NewService(
            kind=self.kind.data,
            event_on=self.event_on.data,
            organisation_id=key(self.giver.data),
            owner_id=key(self.owner.data),
            family_number=key(self.member.data),
        )


class PathwayForm(KitForm):
    pathway = HiddenField()
    begins = DayField(_l("Begins on"), [needed(_l("Write the day on which the pathway begins."))])
    steps = SelectMultipleField(_l("Steps to add"), choices=[], validate_choice=False)


class ReportForm(KitForm):
    version = HiddenField()
    reported_on = DayField(_l("Given on"), [needed(_l("Write the day on which the service was given."))])
    report = text(_l("What was given"), LONGEST_TEXT, needed(_l("Write what was given.")))


class ConfirmForm(KitForm):
    version = HiddenField()
    delivered_on = DayField(_l("Delivered on"), [needed(_l("Write the day on which the service was delivered."))])
    evidence = text(_l("What shows it"), LONGEST_TEXT, needed(_l("Write what shows that the service was given.")))


class CloseForm(KitForm):
    version = HiddenField()
    how = RadioField(_l("Why it is closed"), [needed(_l("Choose why the service is closed."))], validate_choice=False)
    closed_reason = text(_l("Reason"), LONGEST_TEXT, needed(_l("Write the reason.")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.how.choices = [
            ("not-needed", _("It is not needed, or another plan meets the need")),
            ("declined", _("The child does not want it")),
        ]


class AssignForm(KitForm):
    version = HiddenField()
    giver = SelectField(_l("Who gives it"), default="")
    owner = SelectField(_l("Who sees to it"), default="")

    def offer(self, *, givers: Names, owners: Names) -> None:
        self.giver.choices = [("", _("Nobody yet")), *givers.items()]
        self.owner.choices = [("", _("Nobody")), *owners.items()]


class BoardForm(KitForm):
    """The filters of the board; a GET form, so what it does not know finds nothing."""

    show = SelectField(_l("Show"), default="open")
    kind = SelectField(_l("Service"), default="")
    side = SelectField(_l("Who answers for it"), default="")
    unit = SelectField(_l("Unit"), default="")
    municipality = SelectField(_l("Municipality"), default="")
    owner = SelectField(_l("Who sees to it"), default="")


def key(typed: str | None) -> int | None:
    """Return a key chosen from a list, None where nothing was chosen."""
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else None
