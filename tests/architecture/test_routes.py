"""Every route declares who may use it; what declares nothing is refused."""

from __future__ import annotations

from placement.web import guard
from placement.web.guard import requires

PUBLIC_PREFIXES = (
    "/login", "/help", "/accessibility", "/privacy", "/whats-new", "/how-proposals-are-made", "/healthz", "/readyz",
    "/metrics", "/openapi.json", "/static/",
)  # fmt: skip


def test_every_route_declares_its_permission(app):
    undeclared = [rule.rule for rule in app.url_map.iter_rules() if guard.declared(app, rule.endpoint) is None]
    assert undeclared == []


def test_only_the_named_pages_are_public(app):
    public = {rule.rule for rule in app.url_map.iter_rules() if guard.declared(app, rule.endpoint) == frozenset()}
    assert [one for one in sorted(public) if one != "/" and not one.startswith(PUBLIC_PREFIXES)] == []


def test_a_route_that_declares_nothing_is_refused(make_app, sign_in):
    app = make_app()
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    from tests.client import JudgingClient

    client = JudgingClient(app)
    client.sign_in("administrator")
    assert "secret" not in client.get("/forgotten", status=403).get_data(as_text=True)


def test_a_declared_permission_is_data_on_the_view():
    @requires("x")
    def view():
        return ""

    assert view.__permissions__ == {"x"}


def test_no_get_route_shares_its_view_with_a_writing_method(app):
    """One view is either read or written: a GET that also handles POST hides a change behind a link."""
    shared = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.methods & {"POST", "PUT", "PATCH", "DELETE"}
    ]
    assert shared == []
