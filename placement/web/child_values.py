"""What a form holds, as words: for the check page and for the page that shows two versions side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, SelectField, StringField

from placement.web.child_forms import SECTION_FIELDS, KitForm, leaves
from placement.web.fields import DayField
from placement.web.i18n import day


def shown(field: Any) -> str:
    """Return the answer in words: a choice's label, a day in the reader's form, yes for a ticked box."""
    if isinstance(field, BooleanField):
        return _("Yes") if field.data else ""
    if isinstance(field, SelectField):
        words = {str(choice[0]): str(choice[1]) for choice in field.choices or ()}
        return words.get(str(field.data), "") if field.data else ""
    if isinstance(field, DayField) and field.data is not None:
        return day(field.data)
    return str(field._value())


def sent(field: Any) -> str:
    """Return the one value by which a form sends this answer."""
    if isinstance(field, BooleanField):
        return "y" if field.data else ""
    if isinstance(field, SelectField):
        return str(field.data or "")
    return str(field._value()) if isinstance(field, StringField) else str(field._value() or "")


def of_section(section: str, form: KitForm) -> list[Any]:
    """Return the single controls of one section of a form, in order."""
    names = {name for base in SECTION_FIELDS[section] for name in vars(base)}
    if section == "needs":
        names |= {field.name for field in form if field.name.startswith(("need_", "hours_"))}
    return [leaf for field in form if field.name in names for leaf in leaves([field])]


def shown_rows(section: str, form: KitForm) -> list[dict[str, Any]]:
    """Return rows for a summary list: every answer given; the level of a language only beside the language."""
    found = []
    fields = of_section(section, form)
    by_name = {field.name: field for field in fields}
    for field in fields:
        if field.name.endswith("-level") and not by_name[field.name.replace("-level", "-code")].data:
            continue
        words = shown(field)
        if words:
            found.append({"label": field.label.text, "value": words, "actions": []})
    return found or [{"label": _("Answers"), "value": None, "actions": []}]


def conflict_rows(mine: KitForm, theirs: KitForm, before: KitForm) -> list[dict[str, Any]]:
    """Return the fields that differ between what I typed and what stands, with what stood when I began."""
    then = {field.name: field for field in leaves(before)}
    stands = {field.name: field for field in leaves(theirs)}
    rows = []
    for field in leaves(mine):
        other, old = stands.get(field.name), then.get(field.name)
        if other is not None and sent(field) == sent(other):
            continue
        if other is None and not sent(field):
            continue
        rows.append(
            {
                "label": field.label.text,
                "name": field.name,
                "before": shown(old) if old is not None else "",
                "yours": shown(field),
                "theirs": shown(other) if other is not None else "",
                "yours_value": sent(field),
                "theirs_value": sent(other) if other is not None else "",
            }
        )
    return rows


def values(fields: Iterable[Any]) -> list[tuple[str, str]]:
    """Return (name, value) of every control, as hidden fields send them."""
    return [(field.name, sent(field)) for field in fields]
