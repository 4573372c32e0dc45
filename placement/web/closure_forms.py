"""Forms of closing places: which and when, and how new places are sought."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.validators import ValidationError

from agreements.period import Period
from placement.decisions.closing import ClosureCommand
from placement.decisions.closing_plans import Wishes
from placement.refusals import Refusal
from placement.web.child_forms import KitForm, needed, text
from placement.web.edge import today
from placement.web.fields import DayField, WholeField

REASON = 400


class ClosureForm(KitForm):
    valid_from = DayField(_l("First day without these places"), [needed(_l("Write the first day."))])
    valid_to = DayField(_l("Last day without these places"))
    how = RadioField(_l("How many places"), default="all")
    places = WholeField(_l("Places to close"))
    reason = text(_l("Why the places are closed; nothing about a child"), REASON, needed(_l("Write the reason.")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.how.choices = [("all", _("All places of the unit")), ("some", _("Some of the places"))]

    def validate_places(self, field: Any) -> None:
        if self.how.data == "some" and not field.data:
            raise ValidationError(_("Write how many places are closed."))

    def to_command(self, *, emergency: bool) -> ClosureCommand:
        first = today() if emergency else self.valid_from.data
        if self.valid_to.data is not None and self.valid_to.data < first:
            raise Refusal("ends-before-start", field="valid_to")
        places = self.places.data if self.how.data == "some" else None
        return ClosureCommand(Period(first, self.valid_to.data), places, self.reason.data or "", emergency)


class WishesForm(KitForm):
    version = HiddenField()
    freeze_until = DayField(_l("Do not move children before"), [needed(_l("Write the day."))])
    siblings_together = BooleanField(_l("Keep siblings together"))

    def to_wishes(self) -> Wishes:
        return Wishes(self.freeze_until.data, bool(self.siblings_together.data))
