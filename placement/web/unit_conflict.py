"""Two people saved one unit: the page with both versions, field by field, and the form to send again."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response
from flask_babel import gettext as _

from placement.units.changes import Change
from placement.web import errors
from placement.web.i18n import day, moment, money

PLAIN = {"price_day": "price_day_cents", "price_empty_day": "price_empty_day_cents", "municipality": "municipality_id",
         "building": "building_id", "provider": "provider_id"}  # fmt: skip
UNTOLD = ("address", "notes", "name")
"""The trail keeps no free text of these, so there is no "before" to show."""


def conflict_page(mine: Any, theirs: Any, change: Change, version: int, action: str) -> Response:
    """Return the 409 page: fields that differ as choices, everything else sent along unseen."""
    rows, hidden = [], [("version", str(version))]
    for field in mine:
        yours, stored = _sent(field), _sent(theirs[field.name])
        if yours == stored:
            hidden += [(field.name, yours)] if yours or field.type != "BooleanField" else []
            continue
        rows.append(
            {
                "label": field.label.text,
                "name": field.name,
                "before": _before(field, change),
                "yours": _shown(field, field.data),
                "theirs": _shown(field, theirs[field.name].data),
                "yours_value": yours,
                "theirs_value": stored,
            }
        )
    return errors.page(
        409,
        conflict_rows=rows,
        conflict_by=change.by,
        conflict_at=moment(change.at) if change.at else None,
        conflict_action=action,
        conflict_hidden=hidden,
        retry_url=action,
    )


def _sent(field: Any) -> str:
    """Return what a browser sends for the field; an unticked box sends nothing."""
    if field.type == "BooleanField":
        return "y" if field.data else ""
    return str(field._value() if hasattr(field, "_value") else field.data or "")


def _shown(field: Any, value: Any) -> str:
    if field.type == "BooleanField":
        return str(_("Yes") if value else _("No"))
    if value is None or value == "":
        return ""
    if field.type == "DayField":
        return day(value)
    if field.type == "CentsField":
        return money(value)
    if hasattr(field, "choices") and field.choices:
        return str(dict(field.choices).get(str(value), value))
    return str(value)


def _before(field: Any, change: Change) -> str:
    group, _sep, code = field.name.partition("_")
    if group in ("language", "service"):
        hours = change.before.get(f"{group}s", {}).get(code)
        return "" if hours is None else str(hours)
    column = PLAIN.get(field.name, field.name)
    if column not in change.before or field.name in UNTOLD:
        return ""
    value = change.before[column]
    if field.type == "DayField" and value:
        return day(date.fromisoformat(value))
    return _shown(field, value)
