"""Forms of review, payment and correction. Nothing is required here: what an act must hold is the domain's business."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField

from placement.reimbursed.words import REASONS
from placement.web import review_words as words
from placement.web.child_forms import KitForm, line, text
from placement.web.fields import CentsField, DayField, SignedCentsField, WholeField

VERDICTS = {
    "approve": _l("Approve"),
    "part": _l("Approve in part"),
    "reject": _l("Reject"),
    "park": _l("Park to next claim"),
}
LONG, SHORT = 1000, 200


def _why() -> list[tuple[str, str]]:
    return [("", _("Choose")), *((code, words.say(REASONS, code)) for code in REASONS if code != "correction")]


class VerdictForm(KitForm):
    """What is said of one line; `seen` is how many verdicts the page showed."""

    seen = HiddenField(default="0")
    verdict = RadioField(_l("Verdict"), validate_choice=False)
    cents = SignedCentsField(_l("Sum approved"))
    code = SelectField(_l("Reason"), validate_choice=False)
    text = text(_l("Reason in words, for the county"), LONG)

    def offer(self) -> None:
        self.verdict.choices = words.choices(VERDICTS)
        self.code.choices = _why()


class FilterForm(KitForm):
    status = SelectField(_l("Status"), validate_choice=False)
    waits = SelectField(_l("Waiting for"), validate_choice=False)
    whose = SelectField(_l("Assigned to"), validate_choice=False)
    county = SelectField(_l("County"), validate_choice=False)

    def offer(self, counties: list[tuple[str, str]]) -> None:
        every = [("", _("All"))]
        self.status.choices = [*every, *words.choices(words.STATUSES)]
        self.waits.choices = [*every, *words.choices(words.WAITS)]
        self.whose.choices = [*every, ("mine", _("Me")), ("nobody", _("Nobody"))]
        self.county.choices = [*every, *counties]


class AskForm(KitForm):
    lines = SelectMultipleField(_l("Lines"), validate_choice=False)
    question = text(_l("What do you need to know?"), LONG)
    due_on = DayField(_l("Answer by"))


class HearingForm(KitForm):
    about = text(_l("What is about to be decided and why"), LONG)
    due_on = DayField(_l("Answer by"))


class StatementForm(KitForm):
    statement = text(_l("The county's view"), 2000)


class SampleForm(KitForm):
    size = WholeField(_l("Number of lines"))
    seed = WholeField(_l("Seed"))


class SecondForm(KitForm):
    remark = text(_l("Remark to the reviewer"), LONG)


class DecisionForm(KitForm):
    version = HiddenField(default="0")
    legal = RadioField(_l("Language of the legal text"), validate_choice=False)
    valid_from = DayField(_l("First day that the decision covers"))
    valid_to = DayField(_l("Last day that the decision covers"))

    def offer(self) -> None:
        self.legal.choices = words.choices(words.LEGAL_LANGUAGES)


class IdentityForm(KitForm):
    purpose = text(_l("Why you must know who the child is"), 500)


class ConfirmForm(KitForm):
    cents = CentsField(_l("Instalment"))
    set_off = BooleanField(_l("Set off against what the county owes back"))
    net = BooleanField(_l("Net against advances"))


class BankForm(KitForm):
    bank_reference = line(_l("Payment reference of the bank"), 40)


class BackForm(KitForm):
    reason = line(_l("Why the bank sent it back"), SHORT)


class AdvanceForm(KitForm):
    county = SelectField(_l("County"), validate_choice=False)
    year = WholeField(_l("Year of care"))
    cents = CentsField(_l("Sum"))


class CorrectionForm(KitForm):
    """Why a decision is corrected; the sums of the lines are fields of their own (`line-1`, `line-2` …)."""

    ground = SelectField(_l("Ground"), validate_choice=False)
    reason = text(_l("Reason"), LONG)

    def offer(self, grounds: tuple[str, ...]) -> None:
        self.ground.choices = [("", _("Choose")), *((code, words.say(words.GROUNDS, code)) for code in grounds)]


class DueForm(KitForm):
    due_on = DayField(_l("Answer by"))


class OrderForm(KitForm):
    reason = text(_l("Reason"), LONG)
    legal = RadioField(_l("Language of the legal text"), validate_choice=False)

    def offer(self) -> None:
        self.legal.choices = words.choices(words.LEGAL_LANGUAGES)


class SettleForm(KitForm):
    cents = CentsField(_l("Principal that came back"))
    paid_on = DayField(_l("Paid on"))
    reference = line(_l("Payment reference of the bank"), 40)


class RemedyForm(KitForm):
    kind = RadioField(_l("What was received"), validate_choice=False)
    served_on = DayField(_l("The decision was served on"))
    received_on = DayField(_l("Received on"))
    wanted = text(_l("What change is wanted and why"), LONG)

    def offer(self) -> None:
        self.kind.choices = words.choices(words.REMEDIES)


class OutcomeForm(KitForm):
    outcome = RadioField(_l("Outcome"), validate_choice=False)
    reason = text(_l("Reason"), LONG)

    def offer(self) -> None:
        self.outcome.choices = words.choices(words.OUTCOMES)


class FindingForm(KitForm):
    line_no = WholeField(_l("Line"))
    category = SelectField(_l("Kind of finding"), validate_choice=False)
    text = text(_l("What was found"), LONG)
    cents = CentsField(_l("Sum concerned"))

    def offer(self) -> None:
        self.category.choices = [("", _("Choose")), *words.choices(words.CATEGORIES)]


class AnswerForm(KitForm):
    answer = text(_l("Answer to the finding"), LONG)
