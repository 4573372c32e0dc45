"""For machines: alive, ready, figures. Figures only from this machine itself or with the token."""

from __future__ import annotations

import hmac
import os

import sqlalchemy as sa
from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Histogram, generate_latest

from placement import migration
from placement.web.edge import kit
from placement.web.guard import public

bp = Blueprint("health", __name__)
REQUESTS = Counter("placement_requests_total", "Answers by page and status", ["endpoint", "status"])
SECONDS = Histogram("placement_request_seconds", "Server time by page", ["endpoint"])


@bp.get("/healthz")
@public
def alive() -> Response:
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """Tell whether the database answers, stands at this code's migration, and how many runs wait."""
    state: dict[str, object] = {"database": "down", "migration": None, "queue": None}
    try:
        with kit().database.reader.connect() as connection:
            state["database"] = "up"
            state["queue"] = connection.execute(sa.text("SELECT count(*) FROM run WHERE status = 'queued'")).scalar()
        state["migration"] = migration.current(kit().database.reader)
    except sa.exc.SQLAlchemyError as wrong:
        state["fault"] = type(wrong).__name__
    good = state["database"] == "up" and state["migration"] == migration.head()
    return jsonify(status="ok" if good else "not ready", **state), 200 if good else 503


@bp.get("/metrics")
@public
def metrics() -> Response:
    token = os.environ.get("PLACEMENT_METRICS_TOKEN", "")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    local = request.remote_addr in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
    if not local and not (token and hmac.compare_digest(token, given)):
        abort(404)
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
