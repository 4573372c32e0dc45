"""The words of an agreement: its frozen content in, the document in Finnish, Swedish and English out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency

from agreements.life import Typeset
from placement.agreed import words
from placement.catalogues import catalogue
from placement.documents.agreement import Clause, Paper, Table, pdf

Say = Callable[[str], str]
LOCALES = {"fi": "fi_FI", "sv": "sv_FI", "en": "en_IE"}
LANGUAGE_NAMES = {"fi": "Suomi", "sv": "Svenska"}


def typesetter(frozen_on: date, *, demo: bool) -> Typeset:
    """Return the function that sets a frozen content as a PDF in one language."""

    def typeset(values: Mapping[str, Any], content_hash: str, language: str) -> bytes:
        return pdf(paper(values, content_hash, language, frozen_on, demo=demo))

    return typeset


def paper(values: Mapping[str, Any], content_hash: str, lang: str, frozen_on: date, *, demo: bool) -> Paper:
    """Return the document in fi, sv or en; the text in the binding language is the one that holds."""
    _ = catalogue(lang).gettext
    content, names = values["content"], values["names"]
    binding = content["language"]
    return Paper(
        language=lang,
        title=word(_, words.KINDS, content["kind"]),
        number=content["agreement"] + ", " + _("version %(number)s") % {"number": content["number"]},
        content_hash=content_hash,
        hash_label="SHA-256",
        frozen_on=frozen_on,
        facts=_facts(content, lang, _),
        tables=tuple(
            table
            for table in (
                _parties(content, names, lang, _),
                _units(content, names, _),
                _rates(content, names, lang, _),
                _duties(content, _),
                _budget(content, lang, _),
            )
            if table.rows
        ),
        clauses_title=_("Clauses"),
        clauses=tuple(_clause(one, binding, lang, _) for one in content["clauses"]),
        note=None
        if lang == binding
        else _("This is a translation. The text in %(language)s holds.") % {"language": LANGUAGE_NAMES[binding]},
        demo=_("DEMO – invented data") if demo else None,
    )


def word(say: Say, table: Mapping[str, str], key: str) -> str:
    """Return the word of a code in the language of `say`."""
    return say(table[key])


def _facts(content: Mapping[str, Any], lang: str, _: Say) -> tuple[tuple[str, str], ...]:
    terms = content["terms"]
    rows = [
        (_("Subject"), content["title"]),
        (_("Case number"), content["case_number"] or "–"),
        (_("Validity"), span(content["valid_from"], content["valid_to"], lang)),
        (_("Target group"), f"{terms['age_from']}–{terms['age_to']} {terms['target_group']}".strip()),
    ]
    shown = ("cost_basis", "advances", "claim_period", "day_count", "equipment_owner", "disputes")
    rows += [(word(_, words.TERMS, name), word(_, words.CHOICES[name], terms[name])) for name in shown]
    numbers = ("option_places", "guarantee_percent", "review_months", "notice_months", "run_down_months")
    rows += [(word(_, words.TERMS, name), str(terms[name])) for name in numbers]
    rows += [
        (word(_, words.TERMS, name), _("Yes") if terms[name] else _("No")) for name in ("start_up_paid", "closing_paid")
    ]
    return tuple(rows)


def _name(names: Mapping[str, Any], key: object, lang: str) -> str:
    found = names["organisations"].get(str(key), {})
    return str(found.get(lang, key))


def _parties(content: Mapping[str, Any], names: Mapping[str, Any], lang: str, _: Say) -> Table:
    rows = [
        (
            _name(names, one["organisation_id"], lang),
            word(_, words.SIDES, one["side"]),
            word(_, words.ROLES, one["role"]),
            word(_, words.CHAPTERS, one["chapter"]) if one["chapter"] else _("The whole"),
        )
        for one in content["parties"]
    ]
    return Table(_("Parties"), (_("Party"), _("Side"), _("Role"), _("Chapter")), tuple(rows))


def _units(content: Mapping[str, Any], names: Mapping[str, Any], _: Say) -> Table:
    rows = [
        (
            names["units"].get(str(one["unit_id"]), str(one["unit_id"])),
            span(one["valid_from"], one["valid_to"], "fi"),
            str(one["places"]),
        )
        for one in content["units"]
    ]
    return Table(_("Units and places"), (_("Unit"), _("Days"), _("Places")), tuple(rows), numeric=(2,))


def _rates(content: Mapping[str, Any], names: Mapping[str, Any], lang: str, _: Say) -> Table:
    rows = [
        (
            names["units"].get(str(one["unit_id"]), "") if one["unit_id"] else _("Every unit"),
            span(one["valid_from"], one["valid_to"], "fi"),
            euros(one["day_cents"], lang),
            euros(one["empty_day_cents"], lang),
        )
        for one in content["rates"]
    ]
    return Table(_("Prices"), (_("Unit"), _("Days"), _("Place-day"), _("Empty place-day")), tuple(rows), numeric=(2, 3))


def _duties(content: Mapping[str, Any], _: Say) -> Table:
    rows = [
        (word(_, words.SERVICES, one["stands_for"]), word(_, words.GIVERS, one["side"]), one["what"] or "–")
        for one in content["terms"]["duties"]
    ]
    return Table(_("Services and who gives them"), (_("Service to the child"), _("Given by"), _("What")), tuple(rows))


def _budget(content: Mapping[str, Any], lang: str, _: Say) -> Table:
    rows = [
        (str(one["year"]), word(_, words.CATEGORIES, one["category"]), euros(one["cents"], lang))
        for one in content["terms"]["budget"]
    ]
    return Table(_("Yearly budget"), (_("Year"), _("Category"), _("Sum")), tuple(rows), numeric=(2,))


def _clause(one: Mapping[str, Any], binding: str, lang: str, _: Say) -> Clause:
    written = lang if lang in one["text"] else binding
    title = one["title"][lang] if one["title"] else _("Own clause")
    return Clause(title, one["text"][written], written)


def span(first: str, last: str | None, lang: str) -> str:
    """Return days from a first to a last as people write them; without an end: until further notice."""
    start = _day(first)
    return f"{start}–{_day(last)}" if last else f"{start}– {catalogue(lang).gettext('until further notice')}"


def _day(text: str) -> str:
    value = date.fromisoformat(text)
    return f"{value.day}.{value.month}.{value.year}"


def euros(cents: int, lang: str) -> str:
    return str(format_currency(Decimal(cents).scaleb(-2), "EUR", locale=LOCALES[lang]))


def names_of(bodies: Sequence[Any], units: Sequence[Any]) -> dict[str, Any]:
    """Return the names that bodies and units have now, by key: the frozen text keeps them for good."""
    return {
        "organisations": {str(row.id): {lang: row.name(lang) for lang in ("fi", "sv", "en")} for row in bodies},
        "units": {str(row.id): row.name for row in units},
    }
