"""Sentences of the decision pages: each broken rule, each changed part of a proposal, each missing answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from placement.decisions.letters import ways
from placement.decisions.rules import Broken
from placement.reference import code_label, codes, legal_bases, service
from placement.web.i18n import day, label, language_name

BROKEN = {
    "dates-order": _l("The leaving day must be after the first day."),
    "before-entry": _l("The child came on %(day)s; the stay cannot begin before that."),
    "right-ended": _l("The right to the place ends on %(day)s; the stay cannot last longer."),
    "child-has-stay": _l("The child already has a stay that begins on %(day)s."),
    "same-unit": _l("The child already lives in this unit."),
    "unit-full": _l("The unit is full on %(day)s."),
    "unit-closed": _l("The unit is closed on %(day)s."),
    "unit-closing": _l("The unit is closing places: none is given to anybody new on %(day)s."),
    "unit-not-registered": _l("The unit is not registered on %(day)s."),
    "agreement-not-in-force": _l("No agreement on the unit is in force on %(day)s."),
    "forbidden-unit": _l("It is recorded that the child may not live in this unit."),
    "apart-pair": _l("Somebody the child must be kept apart from has a place here."),
    "age-below": _l("The child is %(age)s years old; the unit takes children from %(least)s."),
    "age-above": _l("The child is %(age)s years old; the unit takes children up to %(most)s."),
    "gender": _l("The unit is for: %(for)s."),
    "support-level": _l("The child needs support of level %(level)s; the unit gives levels %(least)s to %(most)s."),
    "service-missing": _l("The unit does not give: %(service)s."),
    "language-missing": _l(
        "No common language, and %(hours)s h of interpreting a week are needed; there are %(have)s h."
    ),
    "hours-short": _l("%(resource)s: %(need)s h a week are needed and %(have)s h are left."),
    "county-quota": _l("The agreement allows at most %(most)s children of the county at one time."),
    "siblings-must": _l("Siblings who must live together have a place elsewhere."),
    "agreement-ends": _l("The agreement on the unit ends before %(day)s."),
    "registration-ends": _l("The unit's registration ends before %(day)s."),
}

CHANGED = {
    "child-age": _l("The child's date of birth was corrected"),
    "child-gender": _l("The child's gender was corrected"),
    "child-county": _l("The responsible county changed"),
    "child-languages": _l("The child's languages changed"),
    "child-services": _l("The services the child needs changed"),
    "child-hours": _l("The child's hours or level of support changed"),
    "child-relatives": _l("Where the child's relatives live changed"),
    "child-school": _l("The child's place in a school changed"),
    "child-dates": _l("The days for which the place is needed changed"),
    "child-wishes": _l("The child's wishes changed"),
    "child-bans": _l("The units where the child may not live changed"),
    "child-siblings": _l("The sibling group changed"),
    "child-apart": _l("The persons to be kept apart changed"),
    "child-stays": _l("The child's stays changed"),
    "child-waiting": _l("The child no longer waits, or waits again"),
    "unit-rules": _l("Whom the unit takes changed"),
    "unit-hours": _l("The unit's hours changed"),
    "unit-languages": _l("The unit's languages changed"),
    "unit-services": _l("The unit's services changed"),
    "unit-quota": _l("The county's quota in the unit changed"),
    "unit-price": _l("The unit's price changed"),
    "unit-places": _l("The unit's places, agreement or registration changed"),
    "unit-residents": _l("Who lives in the unit changed"),
}

RESOURCES = {
    "care": _l("Care"),
    "interpreter": _l("Interpreting"),
}


def broken_sentence(broken: Broken) -> str:
    """Return a broken rule as a sentence with its numbers, in the reader's language."""
    about: dict[str, object] = dict(broken.about)
    if "day" in about:
        about["day"] = day(date.fromisoformat(str(about["day"])))
    if "for" in about:
        about["for"] = label(about["for"])
    if "service" in about:
        about["service"] = service_word(str(about["service"]))
    if "resource" in about:
        about["resource"] = _resource(str(about["resource"]))
    return str(BROKEN[broken.code]) % about


def _resource(resource: str) -> str:
    kind, _colon, code = resource.partition(":")
    if kind == "language":
        return language_name(code)
    return service_word(code) if kind == "service" else str(RESOURCES[kind])


def service_word(code: str) -> str:
    return str(_(service(code, date.max).label))


def changed_sentence(part: str) -> str:
    """Return what changed since a proposal was calculated, as a sentence."""
    return str(CHANGED[part])


def kind_choices() -> list[tuple[str, str]]:
    return [
        ("placement", _("The assessment of service needs, which is ready")),
        ("urgent", _("Urgent need: the assessment is not ready yet")),
    ]


def hearing_choices(on: date) -> list[tuple[str, str]]:
    """Return the answers to "was the child heard?": yes, or one of the two grounds of 681/2023 § 4.3."""
    grounds = [(one.key, _(one.label)) for one in codes("hearing_exception", on)]
    return [("heard", _("Yes, the child was heard")), *grounds]


def representative_choices() -> list[tuple[str, str]]:
    return [
        ("heard", _("Yes, the representative was heard")),
        ("not-heard", _("No, although there is a representative")),
        ("no-representative", _("No representative has been appointed yet")),
    ]


def way_choices() -> list[tuple[str, str]]:
    return list(ways(_).items())


def basis_choices(unit_kind: str, on: date) -> list[tuple[str, str]]:
    """Return the provisions a placement decision may rest on that day: (code, citation and what it is about)."""
    from placement.reference import cite
    from placement.web.i18n import lang

    return [
        (basis.about, f"{'; '.join(cite(basis.source, lang()))} – {_(code_label('legal_basis', basis.about, on))}")
        for basis in legal_bases("placement", on, unit_kind)
    ]


def time_left(until: datetime, at: datetime) -> str:
    """Return how long a place is still held, in words and whole minutes."""
    minutes = max(0, -(-(until - at) // timedelta(minutes=1)))
    return str(ngettext("%(num)s minute left", "%(num)s minutes left", minutes))
