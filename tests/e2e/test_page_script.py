"""What the script and htmx do together in a real browser, so that an upgrade of either cannot change it unseen.

The pages are a handful of invented ones on the real layout, without the rest of the application.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template, render_template_string, request
from jinja2 import StrictUndefined
from markupsafe import Markup
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.browser

PAGE = """
{% extends "_layout/base.html" %}
{% from "macros/progress.html" import pause_updates %}
{% block title %}Trial{% endblock %}
{% block heading %}Trial{% endblock %}
{% block content %}
  <div id="row"><button type="button" id="lock" hx-post="/lock" hx-target="#row" hx-swap="outerHTML">Lock</button></div>
  <form id="wish" method="post" action="/wish" hx-post="/wish" hx-target="#wish" hx-swap="outerHTML">
    <input id="text" name="text"><button type="submit" id="send">Send</button>
  </form>
  {% for status in [401, 404, 409, 500, 502] %}
    <button type="button" id="ask-{{ status }}" hx-post="/answer/{{ status }}" hx-target="#place">{{ status }}</button>
  {% endfor %}
  <div id="place">untouched</div>
  <form id="slow" method="post" action="/slow" hx-post="/slow" hx-target="#place">
    <button type="submit" id="slow-send">Slow</button>
  </form>
  {{ pause_updates() }}
  <div id="beat" data-poll hx-get="/beat" hx-trigger="load delay:100ms, resume" hx-swap="outerHTML">0</div>
{% endblock %}
"""


def trial() -> Flask:
    """Return the invented pages; what they were sent is kept in `seen`."""
    app = Flask(__name__, static_folder=str(ROOT / "placement/static"), template_folder=str(ROOT / "templates"))
    app.secret_key = "only for this trial"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(
        lambda text: text, lambda one, many, n: one if n == 1 else many, newstyle=True
    )
    seen = app.extensions["seen"] = {"beat": 0, "slow": 0, "tokens": []}
    released = app.extensions["released"] = threading.Event()
    for endpoint, url in {"today.show": "/today", "auth.login": "/login", "account.show": "/settings"}.items():
        app.add_url_rule(url, endpoint, lambda: "")
    app.add_url_rule("/demo", "auth.demo", lambda: "")
    app.add_url_rule("/logout", "auth.logout", lambda: "")

    @app.context_processor
    def shared() -> dict[str, object]:
        return {
            "actor": {"name": "Aava", "role_label": "social worker", "organisation_name": "Trial county"},
            "demo": True, "nav_items": [], "lang": "en", "languages": [("en", "English")], "demo_accounts": [],
            "theme": None, "title_error": False, "csrf_token": lambda: "token-of-the-session",
            "csrf_field": lambda: Markup('<input type="hidden" name="csrf_token" value="t">'),
            "current_url_for_lang": lambda code: f"?lang={code}",
            "session_ends": {"seconds": 1800, "warn_seconds": 300, "keep_url": "/beat"},
        }  # fmt: skip

    @app.after_request
    def strict(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; "
            "img-src 'self'; connect-src 'self'; form-action 'self'"
        )
        return response

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE)

    @app.post("/lock")
    def lock() -> str:
        seen["tokens"].append(request.headers.get("X-CSRFToken"))
        return '<div id="row"><button type="button" id="lock">Locked</button></div>'

    @app.post("/wish")
    def wish() -> tuple[str, int]:
        return '<form id="wish"><h2 id="fault" tabindex="-1" data-focus="fault">There is a problem</h2></form>', 422

    @app.post("/answer/<int:status>")
    def answer(status: int) -> tuple[str, int]:
        if status == 502:
            return "<html><body>upstream nginx/1.2</body></html>", 502
        return render_template("errors/_problem.html", status=status, expired=True), status

    @app.post("/slow")
    def slow() -> str:
        seen["slow"] += 1
        released.wait(5)
        return "done"

    @app.get("/beat")
    def beat() -> str:
        seen["beat"] += 1
        return (
            '<div id="beat" data-poll hx-get="/beat" hx-trigger="load delay:100ms, resume" hx-swap="outerHTML">'
            f"{seen['beat']}</div>"
        )

    return app


@pytest.fixture(scope="module")
def app() -> Flask:
    return trial()


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    refused: list[str] = []
    opened.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    opened.on("pageerror", lambda error: refused.append(str(error)))
    opened.goto(address)
    opened.wait_for_selector("body.js-enabled")
    yield opened
    context.close()
    assert refused == []


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.tagName"))


def press(page: Page, name: str) -> None:
    page.focus(f"#{name}")
    page.keyboard.press("Enter")


def test_focus_stays_on_a_button_that_was_swapped_and_the_token_is_sent(page: Page, app: Flask):
    press(page, "lock")
    page.wait_for_selector("text=Locked")

    assert focused(page) == "lock"
    assert set(app.extensions["seen"]["tokens"]) == {"token-of-the-session"}


def test_a_refused_form_is_shown_again_and_its_fault_has_the_focus(page: Page):
    page.fill("#text", "a wish")
    press(page, "send")
    page.wait_for_selector("#fault")

    expect(page.locator("#fault")).to_be_focused()


def test_a_conflict_is_shown_where_the_answer_was_to_go(page: Page):
    press(page, "ask-409")
    page.wait_for_selector("#place #problem")

    expect(page.locator("#problem-title")).to_be_focused()


@pytest.mark.parametrize("status", [404, 500])
def test_other_refusals_leave_the_page_and_the_focus_as_they_were(page: Page, status: int):
    press(page, f"ask-{status}")
    page.wait_for_selector("#alert #problem")

    assert page.inner_text("#place") == "untouched"
    assert focused(page) == f"ask-{status}"


def test_an_answer_that_is_not_ours_is_told_in_our_words(page: Page):
    press(page, "ask-502")
    page.wait_for_selector("#alert p")

    assert "nginx" not in page.content()
    assert "Try again" in page.inner_text("#alert")


def test_a_poll_that_succeeds_does_not_take_a_refusal_away(page: Page):
    press(page, "ask-404")
    page.wait_for_selector("#alert #problem")
    for _ in range(3):
        expect(page.locator("#beat")).not_to_have_text(page.inner_text("#beat"))

    assert page.is_visible("#alert #problem")


def test_an_ended_session_opens_a_dialog_over_what_was_typed(page: Page):
    page.fill("#text", "an hour's work")
    press(page, "ask-401")
    page.wait_for_selector("dialog[open]")

    assert focused(page) == "dialog-title"
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")
    expect(page.locator("#ask-401")).to_be_focused()
    assert page.input_value("#text") == "an hour's work"


def test_a_form_pressed_three_times_is_sent_once_and_can_be_sent_again(page: Page, app: Flask):
    seen = app.extensions["seen"]
    seen["slow"] = 0
    app.extensions["released"].clear()
    for _ in range(3):
        press(page, "slow-send")
    assert page.get_attribute("#slow-send", "aria-disabled") == "true"
    app.extensions["released"].set()
    expect(page.locator("#place")).to_have_text("done")
    page.wait_for_timeout(300)  # what else was waiting to be sent has been sent by now

    assert seen["slow"] == 1
    assert focused(page) == "slow-send"
    with page.expect_response("**/slow"):
        press(page, "slow-send")
    assert seen["slow"] == 2


def test_updates_stop_while_paused_and_go_on_afterwards(page: Page):
    page.click("#pause-updates")
    expect(page.locator("#beat.htmx-request")).to_have_count(0)
    stopped = page.inner_text("#beat")
    page.wait_for_timeout(600)

    assert page.inner_text("#beat") == stopped
    page.click("#pause-updates")
    expect(page.locator("#beat")).not_to_have_text(stopped)


def test_the_warning_before_a_session_ends_can_be_answered_and_keeps_the_text(browser: Any, address: str):
    context = browser.new_context()
    page = context.new_page()
    page.clock.install()
    page.goto(address)
    page.wait_for_selector("body.js-enabled")
    page.fill("#text", "an hour's work")
    page.clock.fast_forward("24:00")
    assert not page.is_visible("dialog")
    page.clock.fast_forward("02:00")
    page.wait_for_selector("dialog[open]")
    assert "5 minutes" in page.inner_text("dialog")
    page.click("#session-keep")
    page.wait_for_selector("dialog:not([open])", state="attached")

    assert page.input_value("#text") == "an hour's work"
    context.close()


def test_nothing_of_a_page_is_left_in_the_browsers_store(page: Page):
    press(page, "lock")
    page.wait_for_selector("text=Locked")

    assert page.evaluate("Object.keys(localStorage).length") == 0
    assert "Locked" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_the_page_works_without_a_script(browser: Any, address: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.fill("#text", "a wish")
    page.click("#send")

    assert page.inner_text("h2") == "There is a problem"
    context.close()
