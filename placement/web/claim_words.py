"""Words of the county's claim pages by code: where a claim stands, its steps, what stands against it, its moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import get_month_names
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlmodel import Session

from agreements.claim_tables import ClaimLine
from agreements.claim_values import Gate, Problem
from agreements.period import ONE_DAY, Period
from placement.agreed import words as agreed
from placement.reimbursed import doubts, words
from placement.reimbursed.comparing_rules import Change
from placement.units.tables import Unit
from placement.web import review_words
from placement.web.i18n import day, lang, money

STATES = {
    "draft": _l("Draft"),
    "to-approver": _l("With the approver"),
    "sent": _l("Sent"),
    "in-review": _l("In review"),
    "asked": _l("Answer a question"),
    "decided": _l("Decided"),
    "withdrawn": _l("Withdrawn"),
    "to-be-paid": _l("Decided, to be paid"),
    "part-paid": _l("Paid in part"),
    "paid": _l("Paid"),
    "overpaid": _l("Overpaid"),
    "waits-appropriation": _l("Waits for an appropriation"),
}
TONES = {
    "draft": "neutral",
    "to-approver": "info",
    "sent": "info",
    "in-review": "info",
    "asked": "warning",
    "decided": "good",
    "withdrawn": "quiet",
    "to-be-paid": "good",
    "part-paid": "good",
    "paid": "quiet",
    "overpaid": "danger",
    "waits-appropriation": "warning",
}
COUNTY_DOUBTS = {
    "difference-unexplained": _l(
        "The invoice is %(invoiced)s, days times price make %(ceiling)s. Explain the difference."
    ),
    "days-not-accepted": _l("The days of %(children)s children have not been accepted yet."),
    "not-declared": _l("The claim has not been declared right."),
    "period-not-over": _l("The period runs until %(last)s: days after today are not in this claim."),
    "invoice-missing": _l("No invoice has come for %(days)s days. They are left out of this claim."),
}
LEFT_OUT = {
    "before-right": _l("Before the first municipality of residence or the permit"),
    "after-right": _l("From the birthday on which the right ends"),
    "agreement-missing": _l("No agreement on the unit is in force"),
    "invoice-missing": _l("The provider's invoice has not come"),
    "price-missing": _l("No price has been agreed"),
}
EXPLANATIONS = {
    "price-raised": _l("A price was raised and the agreement follows later"),
    "extra-service": _l("The invoice holds a service that is not in the place-day"),
    "days-differ": _l("The invoice counts the days in another way"),
    "days-not-invoiced": _l("Some days are invoiced later"),
    "rounding": _l("Rounding of the provider"),
}
SUMS = doubts.SUMS
MOVES = review_words.ACTIONS
PLACES = review_words.PLACES


def say(table: Mapping[str, Any], code: object) -> str:
    """Return the word of a code in the reader's language; a code without one is a fault (KeyError)."""
    word = table[str(code)]
    return str(_(word)) if isinstance(word, str) else str(word)


def choices(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(code, say(table, code)) for code in table]


def gate(value: Gate) -> str:
    return say(words.GATES, value.value)


def kind(code: str) -> str:
    return say(words.COST_KINDS, code)


def span(first: date, last: date) -> str:
    """Return days as a reader writes them; one day alone."""
    return day(first) if first == last else f"{day(first)} – {day(last)}"


FINNISH_MONTHS = (
    "tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu",
)  # fmt: skip


def period(value: Period, *, of: bool = False) -> str:
    """Return July–December 2026 for whole months of a year, else the days; `of`: Finnish in the genitive."""
    last = value.last or value.first
    whole = value.first.day == 1 and (last + ONE_DAY).day == 1 and value.first.year == last.year
    if not whole:
        return span(value.first, last)
    if lang() == "fi":
        stem = FINNISH_MONTHS[last.month - 1] + ("kuun" if of else "kuu")
        start = f"{FINNISH_MONTHS[value.first.month - 1]}–" if value.first.month != last.month else ""
        return f"{start}{stem} {last.year}"
    names = get_month_names("wide", context="stand-alone", locale=lang())
    start = f"{names[value.first.month]}–" if value.first.month != last.month else ""
    return f"{start}{names[last.month]} {last.year}"


def note(line: ClaimLine) -> str:
    """Return why days are left out, a difference explained, a cost shared: a code's word, or what was typed."""
    for table in (LEFT_OUT, EXPLANATIONS):
        if line.note in table:
            return say(table, line.note)
    if line.note == "recounted":
        return str(_("Recounted after a change of stay, price or birth date"))
    if line.note == "by-days":
        return str(_("Shared by days, largest remainder"))
    return line.note


def change(one: Change) -> str:
    """Return why a kind of cost in a unit is dearer or cheaper than in the claim before, each part with its sum."""
    if one.new_cents:
        return str(_("Not in the earlier claim: %(sum)s.", sum=money(one.new_cents)))
    if one.gone_cents:
        return str(_("Not in this claim any more: %(sum)s.", sum=money(one.gone_cents)))
    if one.other_cents > 0:
        return str(_("The costs are %(sum)s higher.", sum=money(one.other_cents)))
    if one.other_cents < 0:
        return str(_("The costs are %(sum)s lower.", sum=money(-one.other_cents)))
    parts = []
    more, made = one.days_now - one.days_before, money(one.days_cents)
    if more > 0:
        parts.append(ngettext("%(num)s day more: %(sum)s.", "%(num)s days more: %(sum)s.", more, sum=made))
    if more < 0:
        parts.append(ngettext("%(num)s day less: %(sum)s.", "%(num)s days less: %(sum)s.", -more, sum=made))
    if one.price_cents:
        now, before = money(one.day_now_cents), money(one.day_before_cents)
        told = _("A day costs %(now)s on average, before %(before)s: %(sum)s.", now=now, before=before,
                 sum=money(one.price_cents))  # fmt: skip
        parts.append(told)
    return " ".join(map(str, parts)) or str(_("No change."))


def clause_link(line: ClaimLine) -> dict[str, str] | None:
    """Return the words and the address of the clause a line rests on: agreement, version, places or prices."""
    if not line.clause:
        return None
    ref, number, part = [*line.clause.split(" "), "", "", ""][:3]
    if part not in ("units", "rates"):
        return None
    words_ = _("Prices") if part == "rates" else _("Units and places")
    text = _("%(ref)s v%(number)s: %(part)s", ref=ref, number=number.lstrip("v"), part=words_)
    href = url_for("agreements.show", ref=ref, _anchor=part)
    return {"text": str(text), "href": href}


def problem(session: Session, one: Problem) -> str:
    """Return what stands against a claim as a sentence with days, sums and names instead of codes."""

    def write(name: str, text: str) -> str:
        if name in SUMS and text.lstrip("-").isdigit():
            return money(int(text))
        if name in doubts.DAYS:
            return day(date.fromisoformat(text))
        if name == "unit" and text.isdigit():
            unit = session.get(Unit, int(text))
            return unit.name if unit is not None else text
        if name == "kind":
            return kind(text)
        if name == "category":
            return say(agreed.CATEGORIES, text)
        return text

    if one.code in COUNTY_DOUBTS:
        return str(COUNTY_DOUBTS[one.code]) % {name: write(name, text) for name, text in one.facts}
    return doubts.sentence(one, _, write)
