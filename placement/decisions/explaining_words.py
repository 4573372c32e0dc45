"""A decision explained to the child in easy language: rows in, one page out, in six languages.

Finnish, Swedish and English come from the catalogues. The sentences in other languages stand in a file of their own
with whether a translator reviewed them; an unreviewed page says so. It explains and decides nothing: the legal text
is the decision. Duty to explain in a language the child understands: 681/2023 § 4.2.
"""

from __future__ import annotations

from collections.abc import Callable

from placement.catalogues import catalogue
from placement.children.tables import Child
from placement.decisions import content_rules
from placement.decisions.letters import Facts, day
from placement.decisions.tables import DecisionKind
from placement.documents.explanation import Explanation, Part, Quote, translations
from placement.reference import has_own_right_to_speak, language

OWN = ("fi", "sv", "en")
OTHERS = ("ar", "prs", "so")
LANGUAGES = (*OWN, *OTHERS)
Say = Callable[[str], str]
Texts = dict[str, str]


def best_language(spoken: dict[str, int]) -> str:
    """Return the language to explain in: the one the child speaks best among those there are, else English."""
    known = [(-level, LANGUAGES.index(code), code) for code, level in spoken.items() if code in LANGUAGES]
    return min(known)[2] if known else "en"


def explanation(facts: Facts, child: Child, worker: str | None, code: str) -> Explanation:
    """Return the page in one of LANGUAGES; raises KeyError for another."""
    texts, reviewed = _texts(code)
    locale = language(code, facts.decided_on).locale if code in OTHERS else code
    lang, _sep, region = locale.partition("_")
    known = _values(facts, child, worker, code)

    def say(*keys: str) -> tuple[str, ...]:
        return tuple(texts[key] % known for key in keys)

    decision = facts.decision
    heard = decision.child_hearing == content_rules.HEARD
    own = has_own_right_to_speak(child.birth_date, facts.decided_on)
    quote = Quote(decision.language, decision.child_opinion.strip()) if heard and decision.child_opinion else None
    urgent = decision.kind is DecisionKind.URGENT
    where = ("lives", "from") if facts.confirms is None else ("stays", "no_move")
    named = "representative" if child.representative_name else "no_representative"
    return Explanation(
        lang=lang,
        region=region or None,
        right_to_left=code in OTHERS and language(code, facts.decided_on).right_to_left,
        title=texts["title" if facts.confirms is None else "title_stays"],
        authority=facts.county.name(code),
        number=decision.case_number or "",
        written_on=facts.decided_on,
        sections=(
            Part(texts["what"], say(*where, "who", *(["urgent"] if urgent else []))),
            Part(texts["asked"], say("heard" if heard else "not_heard"), quote),
            Part(texts["why"], say("best")),
            Part(texts["next"], say(*(["review"] if decision.review_on else []), "change")),
            Part(texts["rights"], say("school", "interpreter", "family")),
            Part(texts["object"], say("ask_again", "own_right" if own else "with_help")),
            Part(texts["help"], say(*(["worker"] if worker else []), named)),
        ),
        note=None if reviewed else texts["unreviewed"],
        demo=catalogue(code if code in OWN else "en").gettext("DEMO – invented data") if facts.demo else None,
    )


def _values(facts: Facts, child: Child, worker: str | None, code: str) -> dict[str, str]:
    decision = facts.decision
    tongue = code if code in OWN else "fi"
    return {
        "unit": facts.unit.name,
        "start": day(decision.start, tongue),
        "county": facts.county.name(code),
        "decider": facts.decider.name,
        "heard": day(decision.child_heard_on, tongue),
        "review": day(decision.review_on, tongue),
        "worker": worker or "",
        "representative": child.representative_name or "",
    }


def _texts(code: str) -> tuple[Texts, bool]:
    if code in OWN:
        return _catalogue_texts(catalogue(code).gettext), True
    stored = translations()[code]
    return {key: str(text) for key, text in stored.items()}, stored["reviewed"] is True


def _catalogue_texts(_: Say) -> Texts:
    return {
        "title": _("Your new home"),
        "title_stays": _("Your home"),
        "what": _("What was decided?"),
        "lives": _("You will live here: %(unit)s."),
        "from": _("You move there on this day: %(start)s."),
        "stays": _("You go on living here: %(unit)s."),
        "no_move": _("You do not have to move."),
        "who": _("This was decided by %(county)s. The person who decided is %(decider)s."),
        "urgent": _("You need a place now. We find out later what help you need, and then we decide again."),
        "asked": _("What did you say?"),
        "heard": _("We asked what you think on this day: %(heard)s. We wrote down what you said:"),
        "not_heard": _("This time we did not ask what you think. The decision says why."),
        "why": _("Why this place?"),
        "best": _("We thought about what is best for you: your language, school, relatives, friends and health."),
        "next": _("What happens now?"),
        "review": _("We look at this decision again on this day at the latest: %(review)s."),
        "change": _("If something in your life changes, tell us. The place can be changed."),
        "rights": _("Your rights"),
        "school": _("You have a right to school, to a doctor, to rest and to play."),
        "interpreter": _("You have a right to an interpreter. It costs you nothing, and what you say stays secret."),
        "family": _("You have a right to keep in touch with your family and friends, if it is safe."),
        "object": _("If you do not agree"),
        "ask_again": _("You can ask us to look at the decision again. You have 30 days from the day you get it."),
        "own_right": _("You are 15 or older, so you can ask this yourself."),
        "with_help": _("Your representative helps you and asks this with you."),
        "help": _("Who helps you?"),
        "worker": _("Your social worker: %(worker)s."),
        "representative": _("Your representative: %(representative)s."),
        "no_representative": _("You have no representative yet. We ask the court for one."),
    }
