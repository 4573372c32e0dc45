"""The words of a placement decision: rows in, the letter in Finnish, Swedish and English out.

The legal text is the one in the decision's own language (fi or sv); the other two say on the first page that
they are translations and which text holds. What an official typed stands in every one as it was written.
Content: 434/2003 §§ 44-45 and 49 (authority, parties, decision, reasons, provisions, remedy, contact).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from sqlmodel import Session

from placement.catalogues import catalogue
from placement.children.tables import Child
from placement.decisions import content_rules
from placement.decisions.tables import Decision, DecisionDocument, DecisionKind
from placement.documents.letter import Letter, Section, Words, pdf
from placement.people.tables import Organisation, User
from placement.reference import (
    cite,
    code_label,
    has_own_right_to_speak,
    language,
    legal_bases,
    remedy,
    unit_kind,
)
from placement.units.tables import Unit

LANGUAGES = ("fi", "sv", "en")
KIND = "placement"
Say = Callable[[str], str]


@dataclass(frozen=True)
class Facts:
    """The rows a decision's letter is written from."""

    decision: Decision
    child: Child
    unit: Unit
    county: Organisation
    decider: User
    second: User | None
    decided_on: date
    demo: bool
    confirms: Decision | None = None


def documents(session: Session, decision: Decision, *, demo: bool) -> list[DecisionDocument]:
    """Return the decision's documents in all three languages, not yet added to the session.

    Raises SignNotShown when something typed cannot be printed.
    """
    if decision.decided_on is None or decision.decided_by is None:
        raise AssertionError("documents are written of a decision that was made")
    facts = Facts(
        decision=decision,
        child=session.get_one(Child, decision.child_id),
        unit=session.get_one(Unit, decision.unit_id),
        county=session.get_one(Organisation, decision.county_id),
        decider=session.get_one(User, decision.decided_by),
        second=session.get_one(User, decision.second_official_id) if decision.second_official_id else None,
        decided_on=decision.decided_on,
        demo=demo,
        confirms=session.get_one(Decision, decision.confirms_id) if decision.confirms_id else None,
    )
    made = []
    for code in LANGUAGES:
        content = pdf(letter(facts, code))
        made.append(
            DecisionDocument(
                decision_id=decision.id or 0,
                language=code,
                legal_text=code == decision.language,
                sha256=hashlib.sha256(content).hexdigest(),
                content=content,
            )
        )
    return made


def letter(facts: Facts, lang: str) -> Letter:
    """Return the letter in fi, sv or en."""
    _ = catalogue(lang).gettext
    number = facts.decision.case_number or ""
    return Letter(
        language=lang,
        title=(_("Urgent placement decision") if _is_urgent(facts) else _("Placement decision")) + " " + number,
        authority=facts.county.name(lang),
        number=number,
        written_on=facts.decided_on,
        facts=_facts(facts, lang, _),
        sections=(
            _what_was_decided(facts, lang, _),
            *_hearing(facts, lang, _),
            *_weighing(facts, lang, _),
            _provisions(facts, lang, _),
            _how_to_object(facts, lang, _),
            _who_decided(facts, lang, _),
        ),
        note=_translation_note(facts.decision.language, lang, _),
        demo=_("DEMO – invented data") if facts.demo else None,
    )


def _is_urgent(facts: Facts) -> bool:
    return facts.decision.kind is DecisionKind.URGENT


def day(value: date | None, lang: str) -> str:
    if value is None:
        return ""
    if lang == "en":
        return format_date(value, "d MMMM y", locale="en_GB")
    return f"{value.day}.{value.month}.{value.year}"


def _translation_note(legal: str, lang: str, _: Say) -> str | None:
    if lang == legal:
        return None
    return (
        {
            "fi": _("This is a translation. The legal text of the decision is in Finnish."),
            "sv": _("This is a translation. The legal text of the decision is in Swedish."),
        }[legal]
        + " "
        + _("What the official wrote in own words is shown in the language it was written in.")
    )


def _facts(facts: Facts, lang: str, _: Say) -> tuple[tuple[str, str], ...]:
    child, unit, decision = facts.child, facts.unit, facts.decision
    rows = [
        (_("Case number"), decision.case_number or ""),
        (_("Day of the decision"), day(facts.decided_on, lang)),
        (_("Authority"), facts.county.name(lang)),
        (_("Child"), f"{child.first_name} {child.last_name}"),
        (_("Date of birth"), day(child.birth_date, lang)),
        (_("Representative"), child.representative_name or _("No representative has been appointed yet")),
        (_("Unit"), unit.name),
        (_("Kind of care"), _(unit_kind(unit.kind.value, facts.decided_on).label)),
        (_("First day"), day(decision.start, lang)),
        (_("Leaving day at the latest"), day(decision.end, lang)),
        (_("Looked at again by"), day(decision.review_on, lang)),
    ]
    return tuple(rows)


def _what_was_decided(facts: Facts, lang: str, _: Say) -> Section:
    decision = facts.decision
    known = {"county": facts.county.name(lang), "unit": facts.unit.name, "start": day(decision.start, lang)}
    sentence = _("%(county)s places the child in the unit %(unit)s from %(start)s.")
    if facts.confirms is not None:
        sentence = _(
            "%(county)s decides that the child goes on living in the unit %(unit)s. The decision confirms the urgent "
            "and provisional decision %(number)s of %(day)s from %(start)s."
        )
        known |= {"number": facts.confirms.case_number or "", "day": day(facts.confirms.decided_on, lang)}
    if _is_urgent(facts):
        basis = _(
            "The decision is urgent and provisional. It was made before the assessment of service needs was ready, and "
            "it is looked at again on %(day)s at the latest. A decision is then made on the assessment."
        ) % {"day": day(decision.review_on, lang)}
    else:
        basis = _("The decision rests on the assessment of service needs of %(day)s.") % {
            "day": day(decision.assessment_on, lang)
        }
    return Section(_("What was decided"), texts=(Words(sentence % known, lang), Words(basis, lang)))


def _typed(facts: Facts, text: str | None) -> tuple[Words, ...]:
    return (Words(text.strip(), facts.decision.language),) if text and text.strip() else ()


def ways(_: Say) -> dict[str, str]:
    """Return the word for each way of hearing a child."""
    return {
        "conversation": _("In a conversation, face to face"),
        "video": _("By video"),
        "phone": _("By phone"),
        "writing": _("In writing"),
        "observation": _("By play and observation"),
    }


def _hearing(facts: Facts, lang: str, _: Say) -> tuple[Section, Section]:
    decision = facts.decision
    if decision.child_hearing == content_rules.HEARD:
        spoken = decision.child_heard_language or "fi"
        rows = (
            (_("Heard on"), day(decision.child_heard_on, lang)),
            (_("How"), ways(_)[decision.child_heard_how or "conversation"]),
            (_("Language"), language(spoken, facts.decided_on).name(lang)),
            (_("Interpreter"), _("Yes") if decision.child_interpreter else _("No")),
        )
        child = Section(_("What the child said"), texts=_typed(facts, decision.child_opinion), rows=rows)
    else:
        ground = code_label("hearing_exception", decision.child_hearing or "", facts.decided_on)
        child = Section(
            _("Why the child was not heard"),
            texts=(Words(_(ground), lang), *_typed(facts, decision.child_not_heard_reason)),
        )
    if decision.representative_hearing == content_rules.HEARD:
        representative = Section(
            _("What the representative said"),
            texts=_typed(facts, decision.representative_opinion),
            rows=((_("Heard on"), day(decision.representative_heard_on, lang)),),
        )
    else:
        representative = Section(
            _("Why the representative was not heard"), texts=_typed(facts, decision.representative_not_heard_reason)
        )
    return child, representative


def rule_words(_: Say) -> dict[str, str]:
    """Return what was set aside, for each rule that a second official may allow to be broken."""
    return {
        "age-below": _("The child is younger than the unit's age band"),
        "age-above": _("The child is older than the unit's age band"),
        "gender": _("The unit is for children of another gender"),
        "support-level": _("The child's level of support is outside the unit's band"),
        "service-missing": _("The unit does not give a service the child needs"),
        "language-missing": _("No common language and not enough interpreting"),
        "hours-short": _("The unit's weekly hours do not reach for all"),
        "county-quota": _("The county has more children in the unit than agreed"),
        "siblings-must": _("Siblings who must live together are placed apart"),
        "agreement-ends": _("The agreement on the unit ends during the stay"),
        "registration-ends": _("The unit's registration ends during the stay"),
    }


def _weighing(facts: Facts, lang: str, _: Say) -> tuple[Section, ...]:
    decision = facts.decision
    found = [
        *([Section(_("Why it is urgent"), texts=_typed(facts, decision.urgent_reason))] if _is_urgent(facts) else []),
        Section(_("Alternatives that were weighed"), texts=_typed(facts, decision.alternatives)),
        Section(_("Reasons"), texts=_typed(facts, decision.reasons)),
    ]
    codes = dict.fromkeys(one["code"] for one in json.loads(decision.broken_rules))
    if decision.deviation_reason or codes:
        texts = _typed(facts, decision.deviation_reason)
        if facts.second is not None:
            confirmed = _("Confirmed by a second official: %(name)s, %(day)s.") % {
                "name": facts.second.name,
                "day": day(decision.second_official_at.date() if decision.second_official_at else None, lang),
            }
            texts += (Words(confirmed, lang), *_typed(facts, decision.second_official_reason))
        words = rule_words(_)
        found.append(
            Section(
                _("Why the decision differs from the proposal or a rule"),
                texts=texts,
                items=tuple(words[code] for code in codes),
            )
        )
    if decision.siblings_apart_reason:
        found.append(Section(_("Why siblings are placed apart"), texts=_typed(facts, decision.siblings_apart_reason)))
    return tuple(found)


def _provisions(facts: Facts, lang: str, _: Say) -> Section:
    chosen = set(json.loads(facts.decision.legal_bases))
    bases = legal_bases(KIND, facts.decided_on, facts.unit.kind.value)
    items = tuple(text for basis in bases if basis.about in chosen for text in cite(basis.source, lang))
    return Section(_("Provisions applied"), items=tuple(dict.fromkeys(items)))


def _how_to_object(facts: Facts, lang: str, _: Say) -> Section:
    rule = remedy(KIND, facts.decided_on)
    own_right = has_own_right_to_speak(facts.child.birth_date, facts.decided_on)
    texts = [
        Words(_(sentence.text), lang)
        for sentence in rule.sentences
        if own_right or sentence.key != "rectification_child"
    ]
    address = (_("The request is sent to"), facts.county.name(lang))
    served = (
        _("The decision is served on the child and on the representative; each day of service is recorded.")
        if own_right
        else _("The decision is served on the representative; the day of service is recorded.")
    )
    return Section(_("How to request a rectification"), texts=(*texts, Words(served, lang)), rows=(address,))


def _who_decided(facts: Facts, lang: str, _: Say) -> Section:
    return Section(
        _("Decided by"),
        rows=(
            (_("Official"), f"{facts.decider.name}, {_role(facts.decider.title, _)}"),
            (_("Authority"), facts.county.name(lang)),
            (_("More information"), _("From the official who decided.")),
        ),
    )


def _role(title: str, _: Say) -> str:
    return {"social worker": _("social worker"), "county lead": _("county lead")}.get(title, title)
