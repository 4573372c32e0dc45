"""Single keys as shortcuts: what each does, where none may fire, and that off means off before any script runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.judging import axe_faults, scrolls_sideways

pytestmark = pytest.mark.browser
KEYS = ("/", "j", "k", "?")


def where(page: Any) -> str:
    return str(page.url).split("/", 3)[-1]


def focused(page: Any) -> str:
    return str(page.evaluate("() => document.activeElement.id || document.activeElement.tagName"))


def enter(open_page: Any, *, width: int = 1280) -> Any:
    page = open_page(width=width)
    page.goto("/login?lang=en")
    page.click("#start-social-worker")
    page.wait_for_url("**/today")
    return page


def ready(page: Any, path: str) -> None:
    page.goto(path)
    page.wait_for_selector("body.js-enabled")


def pressed_go(page: Any, path: str, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_url(f"**/{path}")


def test_each_key_does_what_the_help_says(open_page):
    page = enter(open_page)
    ready(page, "/services")
    rows = page.eval_on_selector_all("#services-table tbody a", "all => all.map(one => one.id)")
    page.keyboard.press("j")
    assert focused(page) == rows[0]
    page.keyboard.press("j")
    assert focused(page) == rows[1]
    assert page.evaluate("() => document.activeElement.matches(':focus-visible')"), "the focus can be seen"
    page.keyboard.press("k")
    assert focused(page) == rows[0]
    page.keyboard.press("k")
    assert focused(page) == rows[0], "above the first row is nothing to go to"
    pressed_go(page, "today", "g", "t")
    page.wait_for_selector("body.js-enabled")
    page.keyboard.press("j")
    assert focused(page).startswith("today-")
    pressed_go(page, "search#q", "/")
    page.wait_for_selector("body.js-enabled")
    assert focused(page) == "q", "the field is ready to be written in"
    ready(page, "/search")
    page.keyboard.press("/")
    assert focused(page) == "q"
    assert page.input_value("#q") == "", "the key itself is not written"
    ready(page, "/children")
    pressed_go(page, "help/shortcuts", "?")
    assert axe_faults(page) == []


def test_none_fires_in_a_field_with_a_modifier_over_a_dialog_or_late(open_page):
    page = enter(open_page)
    ready(page, "/search")
    page.click("#q")
    page.keyboard.type("gt/j?k")
    assert page.input_value("#q") == "gt/j?k"
    ready(page, "/services?show=late")
    page.focus("#kind")
    for key in (*KEYS, "g", "t"):
        page.keyboard.press(key)
    assert (where(page), focused(page)) == ("services?show=late", "kind")
    page.evaluate("() => document.activeElement.blur()")
    for key in ("Control+j", "Alt+j", "Meta+j"):
        page.keyboard.press(key)
    assert focused(page) == "BODY"
    page.keyboard.press("t")
    page.keyboard.press("g")
    page.keyboard.press("x")
    page.keyboard.press("t")
    assert where(page) == "services?show=late", "t is one only after g"
    page.evaluate(
        "() => { const one = document.getElementById('dialog'); one.textContent = 'Trial'; one.showModal(); }"
    )
    for key in KEYS:
        page.keyboard.press(key)
    assert where(page) == "services?show=late"
    assert not focused(page).startswith("child-")


def test_off_means_off_and_on_again_is_on(open_page):
    page = enter(open_page, width=320)
    for path in ("/settings", "/help/shortcuts"):
        ready(page, path)
        assert axe_faults(page) == []
        assert scrolls_sideways(page) == 0
    ready(page, "/settings")
    page.uncheck("#shortcuts-on")
    page.click("#save-shortcuts")
    page.wait_for_load_state("load")
    ready(page, "/services")
    assert page.get_attribute("body", "data-key-help") is None, "the server says it, before any script"
    for key in (*KEYS, "g", "t"):
        page.keyboard.press(key)
    assert (where(page), focused(page)) == ("services", "BODY")
    page.click("#shortcuts-link")
    page.wait_for_url("**/help/shortcuts")
    assert "switched the shortcuts off" in page.inner_text("#shortcuts-state")
    page.click("#to-settings")
    page.check("#shortcuts-on")
    page.click("#save-shortcuts")
    page.wait_for_load_state("load")
    ready(page, "/services")
    page.keyboard.press("j")
    assert focused(page).startswith("child-")
