"""The field macros: what a screen reader is told about a field and its fault."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import html5lib
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from wtforms import BooleanField, Form, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

TEMPLATES = Path(__file__).parents[3] / "templates"
KINDS = [SelectChoice("home", "Family group home"), SelectChoice("foster", "Foster care")]


class Wish(Form):
    name = StringField("Name", description="As in the papers")
    wish = TextAreaField("Wish")
    kind = RadioField("Kind", choices=KINDS)
    languages = SelectMultipleField("Languages", choices=[SelectChoice("so", "Somali"), SelectChoice("fi", "Finnish")])
    read = BooleanField("I have read this")


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"],
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.install_gettext_callables(lambda text: text, lambda one, many, n: one if n == 1 else many, newstyle=True)
    return made


def draw(call: str, **context: object):
    """Return the parsed fragment that a macro call draws; forms.html is imported as f, data.html as d."""
    source = '{% import "macros/forms.html" as f %}{% import "macros/data.html" as d %}{{ ' + call + " }}"
    text = environment().from_string(source).render(context)
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(text)
    assert parser.errors == []
    return tree


def faulty(**messages: str) -> Wish:
    form = Wish()
    for name, message in messages.items():
        form[name].errors = [message]
    return form


def test_a_faulty_field_is_invalid_and_described_by_its_hint_and_its_error():
    tree = draw("f.text(form.name)", form=faulty(name="Write a name"))
    field = tree.find(".//input")

    assert field.get("aria-invalid") == "true"
    described = [tree.find(f".//*[@id='{name}']") for name in field.get("aria-describedby").split()]
    assert ["".join(part.itertext()).split() for part in described] == [
        ["As", "in", "the", "papers"],
        ["Error:", "Write", "a", "name"],
    ]


def test_a_field_without_fault_says_nothing_about_one():
    field = draw("f.textarea(form.wish)", form=Wish()).find(".//textarea")

    assert field.get("aria-invalid") is None
    assert field.get("aria-describedby") is None


def test_a_counted_text_is_described_by_its_limit_without_a_script():
    tree = draw("f.textarea(form.wish, max_length=500)", form=Wish())

    limit = tree.find(f".//*[@id='{tree.find('.//textarea').get('aria-describedby')}']")
    assert "".join(limit.itertext()).strip() == "At most 500 characters"


def test_a_script_counts_with_the_percent_sign_its_texts_need():
    counter = draw("f.textarea(form.wish, max_length=500)", form=Wish()).find(".//*[@data-maxlength]")

    assert counter.get("data-i18n.characters-under-limit.other") == "%{count} characters left"


@pytest.mark.parametrize("name", ["name", "wish", "kind", "languages", "read"])
def test_the_error_summary_leads_to_a_control_of_that_field(name: str):
    form = faulty(**{name: "Put this right"})
    macro = {"name": "text", "wish": "textarea", "kind": "radios", "languages": "checkboxes", "read": "checkbox"}[name]
    link = draw("f.error_summary(form)", form=form).find(".//li/a")
    control = draw(f"f.{macro}(form[name])", form=form, name=name).find(f".//*[@id='{link.get('href')[1:]}']")

    assert control.tag in {"input", "textarea"}
    assert control.get("name") == name


def test_faultless_forms_have_no_error_summary():
    assert len(draw("f.error_summary(form)", form=Wish())) == 0


def test_a_faulty_choice_tells_its_group_and_keeps_the_choice_made():
    form = Wish(data={"kind": "foster"})
    form.kind.errors = ["Choose a kind"]
    tree = draw("f.radios(form.kind)", form=form)

    assert tree.find(".//fieldset").get("role") == "radiogroup"
    assert tree.find(".//fieldset").get("aria-invalid") == "true"
    assert [radio.get("value") for radio in tree.iter("input") if radio.get("checked") is not None] == ["foster"]


def test_what_belongs_to_a_choice_stands_right_after_it():
    """The style sheet shows it while the choice is made; a gap between them would break that."""
    tree = draw("f.radios(form.kind, conditional={'foster': 'More about it'})", form=Wish())
    group = tree.find(".//div[@class='govuk-radios']")
    classes = [node.get("class") for node in group]

    after = classes.index("govuk-radios__conditional") - 1
    assert group[after].find("input").get("value") == "foster"


def test_what_a_person_typed_is_never_markup():
    form = Wish(data={"name": '"><script>', "wish": "</textarea><script>"})

    assert draw("f.text(form.name)", form=form).find(".//script") is None
    assert draw("f.text(form.name)", form=form).find(".//input").get("value") == '"><script>'
    assert draw("f.textarea(form.wish)", form=form).find(".//textarea").text == "</textarea><script>"


def test_a_button_says_in_a_row_of_alike_buttons_whose_it_is():
    button = draw("f.button('Lock', context='CH-7K3M-9QXT', id='lock')").find(".//button")

    assert "".join(button.itertext()).strip() == "Lock CH-7K3M-9QXT"
    assert button.get("type") == "submit"


def test_a_status_is_a_word_and_not_only_a_colour():
    assert draw("d.status('Waiting', 'warning')").find("strong").text == "Waiting"


def test_one_page_has_no_page_links_and_many_mark_the_present_one():
    class Paging:
        number = 3
        pages = 9

        def url(self, n: int) -> str:
            return f"?page={n}"

    class OnePage(Paging):
        number = pages = 1

    links = draw("d.pagination(paging)", paging=Paging()).findall(".//a")

    assert len(draw("d.pagination(paging)", paging=OnePage())) == 0
    assert [link.get("href") for link in links if link.get("aria-current") == "page"] == ["?page=3"]
    assert {"?page=1", "?page=2", "?page=4", "?page=9"} < {link.get("href") for link in links}
