"""Forms of the county's claims. What a claim must hold is the domain's business; here texts become values."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField, TextAreaField

from placement.reimbursed.costs import ENTERED_KINDS, CostInput
from placement.web import claim_words as words
from placement.web.child_forms import KitForm, line, needed, text
from placement.web.fields import CentsField, DayField

LONGEST_REASON = 300


class StartForm(KitForm):
    """Which claim to begin: its kind and its period."""

    gate = RadioField(_l("What do you apply for?"), [needed(_l("Choose what you apply for."))])
    first = DayField(_l("First day of the period"), [needed(_l("Give the first day."))])
    last = DayField(_l("Last day of the period"), [needed(_l("Give the last day."))])


class LineForm(KitForm):
    """A form about one line: the version of the claim it was opened in, and what tells the line from the others."""

    version = HiddenField()
    about = HiddenField()


class LeaveOutForm(LineForm):
    """Days of a child that are left out, and why."""

    first = DayField(_l("First day left out"), [needed(_l("Give the first day."))])
    last = DayField(_l("Last day left out"), [needed(_l("Give the last day."))])
    reason = line(_l("Why the days are left out"), LONGEST_REASON, needed(_l("Write the reason.")))


class ExplainForm(LineForm):
    """Why an invoice is not the days at their price: a ready reason, or words of one's own."""

    why = RadioField(_l("Why does the invoice differ?"), [needed(_l("Choose why the invoice differs."))])
    own = line(_l("In your own words"), LONGEST_REASON)

    def note(self) -> str:
        """Return what is kept: the code of a ready reason, or the typed words."""
        return (self.own.data or "") if self.why.data == "own" else str(self.why.data or "")


class CostForm(LineForm):
    """A cost of the county's books, net of value added tax."""

    cost_kind = SelectField(_l("Kind of cost"), [needed(_l("Choose the kind of cost."))], validate_choice=False)
    unit = SelectField(_l("Unit"), validate_choice=False)
    child = line(_l("Child, if the cost is one child's"), 12)
    first_day = DayField(_l("First day"), [needed(_l("Give the first day."))])
    last_day = DayField(_l("Last day"), [needed(_l("Give the last day."))])
    net = CentsField(_l("Sum without value added tax"), [needed(_l("Give the sum."))])
    vat = CentsField(_l("Value added tax"))
    other_income = CentsField(_l("Paid for the same by somebody else"))
    supplier = line(_l("Supplier"), 120, needed(_l("Write the supplier.")))
    voucher = line(_l("Number of the voucher"), 60, needed(_l("Write the number of the voucher.")))
    voucher_on = DayField(_l("Date of the voucher"), [needed(_l("Give the date of the voucher."))])

    def offer(self, units: list[tuple[str, str]]) -> None:
        """Fill in the choices: kinds of cost, the county's units, and several units at once."""
        self.cost_kind.choices = [("", _("Choose")), *((code, words.kind(code)) for code in ENTERED_KINDS)]
        self.unit.choices = [("", _("The county as a whole")), *units, ("shared", _("Shared by the units by days"))]

    def value(self) -> CostInput:
        """Return what was typed, once it validates."""
        return CostInput(
            cost_kind=self.cost_kind.data,
            unit_id=int(self.unit.data) if (self.unit.data or "").isdigit() else None,
            child_ref=(self.child.data or "").upper() or None,
            first_day=self.first_day.data,
            last_day=self.last_day.data,
            net_cents=self.net.data,
            supplier=self.supplier.data,
            voucher=self.voucher.data,
            voucher_on=self.voucher_on.data,
            vat_cents=self.vat.data or 0,
            other_income_cents=self.other_income.data or 0,
        )


class InvoiceForm(LineForm):
    """A provider's invoice for days of a child, net of value added tax."""

    first_day = DayField(_l("First day of the invoice"), [needed(_l("Give the first day."))])
    last_day = DayField(_l("Last day of the invoice"), [needed(_l("Give the last day."))])
    net = CentsField(_l("Sum without value added tax"), [needed(_l("Give the sum."))])
    supplier = line(_l("Service provider"), 120, needed(_l("Write the service provider.")))
    voucher = line(_l("Number of the invoice"), 60, needed(_l("Write the number of the invoice.")))
    voucher_on = DayField(_l("Date of the invoice"), [needed(_l("Give the date of the invoice."))])


class BudgetForm(LineForm):
    """A row of a cost application: what a kind of cost may come to."""

    cost_kind = SelectField(_l("Kind of cost"), [needed(_l("Choose the kind of cost."))], validate_choice=False)
    unit = SelectField(_l("Unit"), validate_choice=False)
    first_day = DayField(_l("First day"), [needed(_l("Give the first day."))])
    last_day = DayField(_l("Last day"), [needed(_l("Give the last day."))])
    net = CentsField(_l("Estimate without value added tax"), [needed(_l("Give the sum."))])
    note = line(_l("How it was counted"), LONGEST_REASON)


class PasteForm(KitForm):
    """Rows copied from a spreadsheet: columns apart by tabs, the first row names them."""

    version = HiddenField()
    rows = TextAreaField(
        _l("Rows from a spreadsheet"), [needed(_l("Paste the rows, with the names of the columns first."))]
    )


class EvidenceForm(KitForm):
    """A file that proves costs."""

    file = FileField(_l("File"))


class UseFileForm(KitForm):
    """A file that is here already, for lines that have none."""

    version = HiddenField()
    chosen = SelectField(_l("File"), [needed(_l("Choose the file."))], validate_choice=False)


class DeclarationForm(KitForm):
    """The declaration that a claim is right."""

    confirm = BooleanField(_l("I confirm"))


class ReasonForm(KitForm):
    """Why something is taken back or given up."""

    version = HiddenField()
    reason = text(_l("Reason"), LONGEST_REASON, needed(_l("Write the reason.")))


class LineReasonForm(LineForm):
    """Why a line is left out."""

    reason = text(_l("Reason"), LONGEST_REASON, needed(_l("Write the reason.")))


class LateForm(KitForm):
    """Why a claim comes after the last day to apply, by year of care."""

    version = HiddenField()
    reason = text(_l("Why the claim is late"), LONGEST_REASON, needed(_l("Write the reason.")))


def said(form: Any) -> Any:
    """Return the form with the ready reasons for a difference and words of one's own."""
    form.why.choices = [*words.choices(words.EXPLANATIONS), ("own", _("Another reason"))]
    return form
