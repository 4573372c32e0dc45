"""create_app(): the only place that wires the web together. Importing this module has no effect."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request, url_for
from flask_wtf.csrf import CSRFProtect, generate_csrf
from jinja2 import StrictUndefined
from markupsafe import Markup
from sqlmodel import col, select
from werkzeug.routing import BaseConverter

from placement import config, log
from placement.clock import frozen, system_clock
from placement.crypto import vault
from placement.db import Database
from placement.people.passwords import Passwords
from placement.web import errors, guard, headers, health, i18n, navigation
from placement.web.edge import Kit
from placement.web.sessions import DatabaseSessions

HERE = Path(__file__).parent


class RefConverter(BaseConverter):
    """A typed reference in a URL; whatever does not look like one is no page."""

    regex = r"[A-Z]{2}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}"


def create_app(settings: Mapping[str, object] | None = None) -> Flask:
    """Build an application. `settings` by environment name stand above the environment.

    Raises BadSetting when one is missing or unsafe. No database is touched before the first request.
    """
    values = config.load(settings)
    vault.open(values.encryption_keys, values.secret_key)
    log.set_up()
    app = Flask("placement", static_folder=str(HERE / "static"), template_folder=str(_templates()))
    app.config.update(
        SECRET_KEY=values.secret_key,
        MAX_CONTENT_LENGTH=12 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SEND_FILE_MAX_AGE_DEFAULT=86_400,
        TESTING=values.env == "test",
        RAISE_FAULTS=values.env == "test",
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.converters["ref"] = RefConverter
    app.session_interface = DatabaseSessions()
    app.extensions["placement"] = Kit(
        settings=values,
        database=Database(values.database_url),
        clock=frozen(values.clock) if values.clock else system_clock,
        passwords=Passwords(cheap=values.cheap_hashing),
        wake=_wake(values),
    )
    _install_templates(app)
    i18n.install(app)
    CSRFProtect(app)
    guard.install(app)
    errors.install(app)
    headers.install(app)
    _install_metrics(app)
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)
    return app


def _templates() -> Path:
    """Return the template folder: beside the packages in a checkout, inside the package in a wheel."""
    inside = HERE / "templates"
    return inside if inside.is_dir() else HERE.parent / "templates"


def _wake(values: config.Settings) -> Callable[[int], None]:
    def wake(run_id: int) -> None:
        from placement import jobs

        jobs.wake(values, run_id)

    return wake


def _blueprints() -> list[Any]:
    from placement.web import (
        account,
        agreement_pages,
        agreements,
        audit,
        auth,
        child_edit,
        child_merge,
        child_new,
        child_path,
        child_services,
        children,
        claim_pages,
        closures,
        compare,
        corrections,
        decisions,
        deliveries,
        directions,
        explanation,
        handing_over,
        help_pages,
        how,
        imports,
        ledger,
        looking_ahead,
        moves,
        payments,
        placement_life,
        places_out,
        proposals,
        protocols,
        recoveries,
        reports,
        residents,
        review,
        review_decision,
        review_talk,
        runs,
        saved_views,
        searching,
        services,
        supervision,
        today,
        transfers,
        units,
        waiting,
    )

    return [
        auth.bp,
        today.bp,
        child_new.bp,
        child_edit.bp,
        child_merge.bp,
        child_path.bp,
        child_services.bp,
        services.bp,
        handing_over.bp,
        children.bp,
        waiting.bp,
        explanation.bp,
        decisions.bp,
        units.bp,
        places_out.bp,
        closures.bp,
        protocols.bp,
        residents.bp,
        placement_life.bp,
        moves.bp,
        looking_ahead.bp,
        supervision.bp,
        searching.bp,
        transfers.bp,
        compare.bp,
        agreements.bp,
        agreement_pages.bp,
        directions.bp,
        deliveries.bp,
        account.bp,
        help_pages.bp,
        health.bp,
        runs.bp,
        saved_views.bp,
        proposals.bp,
        how.bp,
        imports.bp,
        claim_pages.bp,
        reports.bp,
        review.bp,
        review_talk.bp,
        review_decision.bp,
        payments.bp,
        recoveries.bp,
        ledger.bp,
        corrections.bp,
        audit.bp,
    ]


def _install_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    def csrf_field() -> Markup:
        return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())

    @app.context_processor
    def shared() -> dict[str, object]:
        kit: Kit = app.extensions["placement"]
        who = g.get("actor")
        return {
            "actor": _shown(who),
            "can": (lambda permission: who is not None and permission in who.permissions),
            "demo": kit.settings.demo,
            "nav_items": navigation.items(who, set(app.view_functions)),
            "lang": i18n.lang(),
            "languages": list(i18n.LANGUAGES.items()),
            "csrf_field": csrf_field,
            "csrf_token": generate_csrf,
            "demo_accounts": _demo_accounts(kit, who),
            "current_url_for_lang": _url_for_lang,
            "theme": None,
            "title_error": False,
            "shortcuts": bool(who and g.get("shortcuts")),
            "session_ends": {
                "seconds": kit.settings.session_idle_minutes * 60,
                "warn_seconds": 300,
                "keep_url": url_for("account.stay"),
            }
            if who
            else None,
        }


def _shown(who: Any) -> dict[str, object] | None:
    if who is None:
        return None
    return {
        "name": who.name,
        "role": str(who.role),
        "role_label": i18n.label(who.role),
        "organisation_name": who.organisation_name,
    }


def _demo_accounts(kit: Kit, who: Any) -> list[dict[str, object]]:
    if not kit.settings.demo or who is None:
        return []
    from placement.people.tables import User
    from placement.web.demo_cards import CARDS

    with kit.database.read_only() as session_:
        people = session_.exec(select(User).where(col(User.demo_key).is_not(None)).order_by(col(User.id))).all()
    return [
        {"key": key, "label": f"{one.name} – {CARDS[key].role}", "current": one.id == who.user_id}
        for one in people
        if (key := one.demo_key or "") in CARDS
    ]


def _url_for_lang(code: str) -> str:
    """Return this page in another language; a page that answered a POST leads to its own GET address."""
    from urllib.parse import urlencode

    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{request.path}?{urlencode([*kept, ('lang', code)])}"


def _install_metrics(app: Flask) -> None:
    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        health.REQUESTS.labels(endpoint, str(response.status_code)).inc()
        if "started" in g:
            health.SECONDS.labels(endpoint).observe(time.perf_counter() - g.started)
        return response
