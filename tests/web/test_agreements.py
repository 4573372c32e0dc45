from __future__ import annotations

import re
from datetime import date

import pytest

from agreements.tables import AgreementKind, PartyRole, PartySide, VersionStatus
from placement.demo.accounts import body
from tests.agreement_data import DAY, Maker
from tests.placing import TODAY, add_unit

LANGUAGES = ["fi", "sv", "en"]


def text(answer):
    return answer.get_data(as_text=True)


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def world(app):
    """An agreement in each state, one of the old law and one on municipal places."""
    found = {}
    with app.extensions["placement"].database.transaction() as session:
        make = Maker(session)
        unit = add_unit(session, "Koivu", places=7, agreed=False)
        found["unit"] = unit
        heard = [
            (make.county, PartySide.COUNTY, PartyRole.SIGNATORY, "county-signatory"),
            (make.centre, PartySide.STATE, PartyRole.SIGNATORY, "state-signatory"),
            (make.town, PartySide.MUNICIPALITY, PartyRole.HEARD, None),
        ]
        found["force"] = make.agreement()
        make.covers(make.version(found["force"], make.three()), unit)
        found["draft"] = make.agreement(AgreementKind.FOUNDING, title="Luonnos")
        make.version(found["draft"], heard[:1], status=VersionStatus.DRAFT, activated_on=None, content_hash=None)
        found["signing"] = make.agreement(title="Uusipesä")
        make.version(found["signing"], make.three(town=None), status=VersionStatus.IN_SIGNING, activated_on=None)
        found["hearing"] = make.agreement(AgreementKind.FOUNDING, title="Kuultava")
        make.version(
            found["hearing"],
            [(b, s, r, None) for b, s, r, _ in heard],
            status=VersionStatus.HEARING,
            activated_on=None,
            hearing_requested_on=TODAY - 40 * DAY,
            hearing_due_on=TODAY - 10 * DAY,
        )
        found["ending"] = make.agreement(title="Päättyvä")
        ending = make.version(found["ending"], make.three(), valid_to=TODAY + 40 * DAY)
        make.covers(ending, unit, until=TODAY + 10 * DAY)
        found["returned"] = make.agreement(title="Palautettu")
        make.version(found["returned"], make.three(state=None), status=VersionStatus.RETURNED, activated_on=None)
        make.version(found["returned"], make.three(), number=2, status=VersionStatus.DRAFT, activated_on=None)
        found["ended"] = make.agreement(title="Vanha")
        make.version(found["ended"], make.three(), valid_to=TODAY - DAY)
        found["old_law"] = make.agreement(AgreementKind.LEGACY_28, title="Vanhan lain")
        make.version(
            found["old_law"],
            [(make.ely, PartySide.STATE, PartyRole.SIGNATORY, None), *heard[:1]],
            valid_from=date(2024, 3, 1),
            activated_on=date(2024, 3, 1),
        )
        found["places"] = make.agreement(AgreementKind.MUNICIPAL_PLACES, county=False, title="Kuntapaikat")
        make.version(
            found["places"],
            [
                (make.town, PartySide.MUNICIPALITY, PartyRole.SIGNATORY, "municipality-signatory"),
                (make.centre, PartySide.STATE, PartyRole.SIGNATORY, "state-signatory"),
                (make.county, PartySide.COUNTY, PartyRole.HEARD, None),
            ],
            heard_on=TODAY - 50 * DAY,
            valid_to=None,
        )
    return found


STATES = ("force", "draft", "signing", "hearing", "ending", "returned", "ended", "old_law", "places")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_and_the_page_of_every_state_are_sound_in_each_language(sign_in, world, lang):
    client = sign_in("coordinator", lang)
    page = text(client.get("/agreements"))
    for state in STATES:
        assert world[state].ref in page
        assert world[state].ref in text(client.get(f"/agreements/{world[state].ref}"))


def test_what_was_sent_is_not_headed_as_if_it_could_be_sent_or_changed(sign_in, world):
    client = sign_in("coordinator")
    draft, signing = (text(client.get(f"/agreements/{world[state].ref}/check")) for state in ("draft", "signing"))
    assert "Check and send" in draft
    assert "Change<" in draft
    assert "Content that was sent" in signing
    assert "Check and send" not in signing
    assert "Change<" not in signing


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("force", "In force"),
        ("draft", "Draft"),
        ("signing", "In signing 2/3"),
        ("hearing", "In hearing"),
        ("ending", "Ends in 40 days"),
        ("returned", "Returned"),
        ("ended", "Ended"),
    ],
)
def test_each_status_has_its_word_in_the_list(sign_in, world, state, said):
    page = text(sign_in("county-signatory").get("/agreements"))
    row = re.search(rf'id="row-{world[state].ref}".*?</tr>', page, re.S).group(0)
    if state == "returned":
        assert "Draft" in words(row)  # the newest version stands for it
    else:
        assert said in words(row)


@pytest.mark.parametrize(
    ("query", "states"),
    [
        ("status=in-signing", {"signing"}),
        ("status=ended", {"ended"}),
        ("kind=municipal_places", {"places"}),
        ("ending=y", {"ending"}),
        ("status=nonsense", set()),
    ],
)
def test_filters_narrow_the_list(sign_in, world, query, states):
    page = text(sign_in("coordinator").get(f"/agreements?{query}"))
    assert {state for state in STATES if f'id="row-{world[state].ref}"' in page} == states
    assert states or "No agreements match these filters." in page


def test_the_list_answers_htmx_with_its_fragment(sign_in, world):
    page = text(sign_in("coordinator").get("/agreements?ending=y", htmx=True))
    assert page.strip().startswith('<div id="filters-result">')


def test_a_county_without_agreements_is_told_what_needs_one(sign_in):
    assert "A family group home needs one." in text(sign_in("coordinator").get("/agreements"))


@pytest.mark.parametrize("account", ["reviewer", "state-signatory", "municipality-worker", "municipality-signatory"])
def test_a_party_sees_all_but_the_countys_drafts(sign_in, world, account):
    page = text(sign_in(account).get("/agreements"))
    assert world["force"].ref in page
    assert world["draft"].ref not in page
    assert "Draft" not in words(re.search(rf'id="row-{world["returned"].ref}".*?</tr>', page, re.S).group(0))
    sign_in(account).get(f"/agreements/{world['draft'].ref}", status=404)


@pytest.mark.parametrize("account", ["other-social-worker", "other-reviewer"])
def test_another_county_and_centre_find_nothing_and_missing_is_the_same(sign_in, world, account):
    client = sign_in(account)
    assert "AG-" not in text(client.get("/agreements"))
    for state in STATES:
        client.get(f"/agreements/{world[state].ref}", status=404)
    client.get("/agreements/AG-0000-0000", status=404)


def test_a_successor_sees_what_the_earlier_body_signed_and_the_page_keeps_its_name(app, sign_in, world):
    page = text(sign_in("coordinator").get(f"/agreements/{world['old_law'].ref}"))
    assert "Body until 31 December 2025; what it signed stays in force" in page
    assert world["old_law"].ref in text(sign_in("reviewer").get("/agreements"))


def test_the_page_says_which_chapter_binds_whom_and_on_what_law(sign_in, world):
    page = text(sign_in("coordinator").get(f"/agreements/{world['force'].ref}"))
    founding = words(re.search(r'id="chapter-founding".*?</section>', page, re.S).group(0))
    assert "Integration Act (681/2023) section 33(3)" in founding
    assert "Municipality Is heard Tampere" in founding
    assert "State authority Is a signatory" in founding
    reimbursement = words(re.search(r'id="chapter-reimbursement".*?</section>', page, re.S).group(0))
    assert "section 55(1)(7)" in reimbursement
    assert "Municipality" not in reimbursement


def test_a_missing_side_is_named_with_who_is_competent(app, sign_in, world):
    page = words(text(sign_in("coordinator").get(f"/agreements/{world['draft'].ref}")))
    assert "Missing" in page
    with app.extensions["placement"].database.read_only() as session:
        centre = body(session, "authority", "edc-sisa-suomi", TODAY).name_en
    assert f"Competent by law: {centre}" in page


def test_silence_past_the_hearing_passes_as_heard(sign_in, world):
    page = words(text(sign_in("coordinator").get(f"/agreements/{world['hearing'].ref}")))
    assert "Passes as heard: no answer by 14 November 2026" in page


def test_a_gap_in_the_prices_is_shown(sign_in, world):
    page = words(text(sign_in("coordinator").get(f"/agreements/{world['ending'].ref}")))
    assert "Prices of Koivu do not fit" in page
    assert "No price 5 December 2026" in page


def test_prices_are_shown_by_the_day_and_for_all_places(sign_in, world):
    page = text(sign_in("coordinator", "fi").get(f"/agreements/{world['force'].ref}")).replace("\xa0", " ")
    assert "245,50 €" in page
    assert "1 718,50 €" in page


def test_municipal_places_are_reviewed_within_four_years(sign_in, world):
    page = words(text(sign_in("coordinator").get(f"/agreements/{world['places'].ref}")))
    assert "Review at the latest 25 October 2030" in page


def test_the_law_of_a_later_day_does_not_know_an_old_kind(app, sign_in, world):
    with app.extensions["placement"].database.transaction() as session:
        make = Maker(session)
        agreement = make.agreement(AgreementKind.LEGACY_28, title="Liian myöhään")
        make.version(agreement, make.three(None, None, None), status=VersionStatus.DRAFT, activated_on=None)
    page = text(sign_in("coordinator").get(f"/agreements/{agreement.ref}"))
    assert "The law of that day does not know this kind of agreement" in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_today_tells_a_signatory_what_waits_and_everyone_what_ends(sign_in, world, lang):
    waiting = text(sign_in("municipality-signatory", lang).get("/today"))
    assert 'id="group-agreements-to-sign"' in waiting
    assert 'id="group-agreements-ending"' in waiting
    assert 'id="group-agreements-to-sign"' not in text(sign_in("county-signatory", lang).get("/today"))


def test_a_unit_leads_to_its_agreement(sign_in, world):
    page = text(sign_in("coordinator").get(f"/units/{world['unit'].ref}"))
    assert f'href="/agreements/{world["force"].ref}"' in page or f'href="/agreements/{world["ending"].ref}"' in page


def test_those_without_a_part_in_agreements_are_refused(sign_in, world):
    sign_in("unit-manager").get("/agreements", status=403)
    sign_in("payer").get(f"/agreements/{world['force'].ref}", status=403)
