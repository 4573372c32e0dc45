"""Words for services: states with their tones, who answers for them, and the provisions they rest on."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from placement.integration.due_rules import ServiceState
from placement.reference import cite_briefly, integration_service, integration_services, pathways
from placement.reference.dated import NotInForce
from placement.reference.integration_rules import integration_service_keys
from placement.web.i18n import lang

STATES = {
    ServiceState.OWED: _l("Owed"),
    ServiceState.LATE: _l("Late"),
    ServiceState.REPORTED: _l("Reported"),
    ServiceState.DELIVERED: _l("Delivered"),
    ServiceState.DECLINED: _l("Declined by the child"),
    ServiceState.NOT_NEEDED: _l("Not needed"),
}
TONES = {
    ServiceState.OWED: "info",
    ServiceState.LATE: "danger",
    ServiceState.REPORTED: "warning",
    ServiceState.DELIVERED: "quiet",
    ServiceState.DECLINED: "quiet",
    ServiceState.NOT_NEEDED: "quiet",
}
SIDES = {
    "county": _l("Wellbeing services county"),
    "municipality": _l("Municipality"),
    "employment_authority": _l("Employment authority"),
    "school": _l("School"),
    "third_sector": _l("Organisation of the third sector"),
}
SHOWS = {
    "open": _l("Owed and late"),
    "late": _l("Late"),
    "unserved": _l("Nobody gives it"),
    "unrecorded": _l("Owed by law, not recorded"),
    "reported": _l("Reported, to be confirmed"),
    "delivered": _l("Delivered"),
    "closed": _l("Declined or not needed"),
}
ORIGINS = {
    "manual": _l("Recorded by hand"),
    "assessment": _l("Recognised in an assessment"),
    "hearing": _l("Follows a hearing"),
    "guardian": _l("A guardian arrived"),
    "protocol": _l("A protocol was made"),
    "urgent-decision": _l("An urgent decision was made"),
}


def service_name(kind: str) -> str:
    """Return the name of a service in the reader's language, whenever it was owed."""
    for day in (date.max, date(2024, 12, 31)):
        try:
            return str(_(integration_service(kind, day).label))
        except NotInForce:
            continue
    raise KeyError(kind)


def origin_words(origin: str) -> str:
    """Return where a service comes from: a pathway, another service it follows, or an act."""
    if origin.startswith("pathway-"):
        names = {one.key: one.label for one in pathways(date.max)}
        return str(_("Pathway: %(name)s", name=_(names[origin.removeprefix("pathway-")])))
    if origin.startswith("follows-"):
        whole = next(key for key in integration_service_keys() if key.startswith(origin.removeprefix("follows-")))
        return str(_("Follows: %(name)s", name=service_name(whole)))
    return str(ORIGINS[origin])


def provisions(source: str) -> str:
    """Return the provisions a service rests on as an official cites them, each act named once."""
    return cite_briefly(source, lang())


def service_choices(on: date, group: str | None = None) -> list[tuple[str, str]]:
    return [(one.key, _(one.label)) for one in integration_services(on, group)]


def pathway_choices(on: date) -> list[tuple[str, str]]:
    return [(one.key, _(one.label)) for one in pathways(on)]
