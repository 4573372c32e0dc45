"""Languages: which one this reader has, the catalogues, and each language's form of dates, numbers and money.

Field codes (kinds, statuses, needs) become words through `label`.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, get_day_names
from babel.numbers import format_currency, format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale

from placement.catalogues import catalogue
from placement.clock import HELSINKI
from placement.reference import UnknownCode, language

LANGUAGES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
COOKIE = "placement_lang"


class AreaDomain(Domain):
    """Flask-Babel's domain over our catalogues."""

    def get_translations(self) -> Any:
        return catalogue(lang())


class Languages(Babel):
    """Flask-Babel with our domain as the default one."""

    domain_instance = AreaDomain()


def lang() -> str:
    """Return the language of this reader: fi, sv or en."""
    locale = get_locale()
    return locale.language if locale is not None and locale.language in LANGUAGES else "fi"


def choose_language() -> str:
    """The choice in the URL, then the remembered one, then the browser's, then Finnish."""
    if not has_request_context():
        return "fi"
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return str(asked)
    for kept in (request.cookies.get(COOKIE), g.get("user_language")):
        if kept in LANGUAGES:
            return str(kept)
    return request.accept_languages.best_match(list(LANGUAGES)) or "fi"


def install(app: Flask) -> None:
    Languages(app, locale_selector=choose_language, default_timezone="Europe/Helsinki")
    app.jinja_env.filters.update(
        day=day,
        moment=moment,
        clock_time=clock_time,
        money=money,
        number=number,
        label=label,
        language_name=language_name,
    )

    @app.after_request
    def remember(response: Any) -> Any:
        asked = request.args.get("lang")
        page = response.mimetype == "text/html"  # a document in another language changes nothing for the reader
        if page and asked in LANGUAGES and request.cookies.get(COOKIE) != asked:
            response.set_cookie(
                COOKIE,
                asked,
                max_age=365 * 86_400,
                httponly=True,
                samesite="Lax",
                path="/",
                secure=app.extensions["placement"].settings.secure_cookies,
            )
        response.headers.setdefault("Content-Language", lang())
        return response


def day(value: date | None) -> str:
    """1.4.2026 · 1.4.2026 · 1 April 2026; an empty text for none."""
    if value is None:
        return ""
    language = lang()
    return (
        format_date(value, "d MMMM y", locale="en_GB")
        if language == "en"
        else f"{value.day}.{value.month}.{value.year}"
    )


def month_words(value: date) -> str:
    """marraskuu 2026 · november 2026 · November 2026."""
    return str(format_skeleton("yMMMM", value, locale=lang()))


def weekday_words() -> list[str]:
    """Return the short names of the days of the week, from Monday."""
    names = get_day_names("abbreviated", context="stand-alone", locale=lang())
    return [str(names[number]) for number in range(7)]


def clock_time(value: datetime | None) -> str:
    """klo 14.32 · kl. 14.32 · 14:32, in Helsinki."""
    if value is None:
        return ""
    local = value.astimezone(HELSINKI)
    return {"fi": f"klo {local:%H.%M}", "sv": f"kl. {local:%H.%M}"}.get(lang(), f"{local:%H:%M}")


def moment(value: datetime | None) -> str:
    if value is None:
        return ""
    return f"{day(value.astimezone(HELSINKI).date())} {clock_time(value)}"


def money(cents: int) -> str:
    """1 234,50 € · 1 234,50 € · €1,234.50, from integer cents, with no-break spaces."""
    locale = {"fi": "fi_FI", "sv": "sv_FI"}.get(lang(), "en_IE")
    return str(format_currency(Decimal(cents).scaleb(-2), "EUR", locale=locale))


def number(value: float) -> str:
    return format_decimal(value, locale={"fi": "fi_FI", "sv": "sv_FI"}.get(lang(), "en_GB"))


def language_name(code: str) -> str:
    """Return the name of a language in the reader's language; one that is in no list keeps its code.

    The reference table says what Babel calls it (Dari is `fa_AF` there) and its names are the shorter ones.
    """
    try:
        return language(code, date.max).name(lang())
    except UnknownCode:
        return str(Locale(lang()).languages.get(code, code))


def label(value: object) -> str:
    """Return the word for a field code (`family_group_home`, `in-signing`) in the reader's language."""
    from placement.web.labels import LABELS

    return str(LABELS[str(value)])
