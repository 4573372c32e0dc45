"""Two claims officers edit one claim: the later one sees both versions, loses nothing, and hits no other line."""

from __future__ import annotations

import html
import re
import shutil

import pytest
from sqlmodel import select

from agreements.claim_tables import ClaimStatus
from agreements.claim_values import Basis
from placement.people.tables import User, UserMandate
from placement.permissions import Role
from tests.client import JudgingClient
from tests.web import claims_world as world
from tests.web.claims_world import text, words

COLLEAGUE, THEIR_NAME = "claims-approver", "Harri Hakala"


@pytest.fixture
def app(demo_with_work, tmp_path, make_app):
    file = tmp_path / "two.db"
    shutil.copy(demo_with_work, file)
    app = make_app(PLACEMENT_DATABASE_URL=f"sqlite:///{file}")
    with world.database(app).transaction() as session:
        user = session.exec(select(User).where(User.demo_key == COLLEAGUE)).one()
        session.exec(select(UserMandate).where(UserMandate.user_id == user.id)).one().role = Role.CLAIMS_OFFICER
    return app


@pytest.fixture
def mine(app, sign_in):
    return sign_in("claims-officer")


@pytest.fixture
def theirs(app, sign_in):
    return sign_in(COLLEAGUE)


def fields(page: str, action: str) -> dict[str, str]:
    """What a browser would send of the form with this action, untouched."""
    form = next(one for one in page.split("<form")[1:] if f'action="{action}"' in one).split("</form>")[0]
    found = {}
    for tag in re.findall(r"<(?:input|textarea)[^>]*>", form):
        name, value = re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and ('type="radio"' not in tag or "checked" in tag):
            found[name.group(1)] = html.unescape(value.group(1)) if value else ""
    for name, body in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = html.unescape(body.strip())
    for name, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)"[^>]* selected', body)
        found[name] = chosen.group(1) if chosen else ""
    return found


def costs(app, ref):
    return {one.voucher: one for one in world.lines(app, ref) if one.cost_entry_id}


def version(app, ref):
    return {"version": str(world.by_ref(app, ref).version)}


def test_a_cost_changed_by_both_is_chosen_field_by_field_on_the_line_it_was_opened_on(app, mine, theirs):
    ref = world.start(mine)
    world.add_cost(mine, app, ref, voucher="R-20")
    opened = f"/claims/{ref}/lines/{costs(app, ref)['R-20'].line_no}/change"
    typed = fields(text(mine.get(opened)), opened)
    world.add_cost(theirs, app, ref, voucher="R-19", cost_kind="hobbies", first_day="1.10.2026")
    now_at = f"/claims/{ref}/lines/{costs(app, ref)['R-20'].line_no}/change"
    theirs.post(now_at, {**fields(text(theirs.get(now_at)), now_at), "net": "4 100,00", "supplier": "Talo Oy"})

    page = text(mine.post(opened, {**typed, "net": "4 300,00", "vat": "10,00"}, status=409))

    assert THEIR_NAME in page
    assert all(one in words(page) for one in ("4 300,00", "4100,00", "Talo Oy", "Vuokra Oy"))
    choice = fields(page, now_at)
    assert (choice["net"], choice["supplier"]) == ("4 300,00", "Vuokra Oy"), "mine is chosen beforehand"
    mine.post(now_at, {**choice, "supplier": "Talo Oy"})
    cost = costs(app, ref)["R-20"]
    assert (cost.claimed_cents, cost.supplier) == (430_000, "Talo Oy")
    assert costs(app, ref)["R-19"].claimed_cents == 421_500


def test_a_cost_somebody_removed_shows_what_was_typed_about_it(app, mine, theirs):
    ref = world.start(mine)
    world.add_cost(mine, app, ref, voucher="R-20")
    opened = f"/claims/{ref}/lines/{costs(app, ref)['R-20'].line_no}/change"
    typed = fields(text(mine.get(opened)), opened)
    theirs.post(opened.replace("change", "delete"), version(app, ref))

    page = words(text(mine.post(opened, {**typed, "net": "4 300,00"}, status=409)))

    assert f"{THEIR_NAME} saved a change" in page
    assert "no longer in it" in page
    assert all(one in page for one in ("4 300,00", "R-20", "Vuokra Oy"))


@pytest.mark.parametrize("gate", ["payment", "cost"])
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_cost_put_in_comes_again_as_typed_below_what_the_other_saved(app, mine, sign_in, gate, lang):
    theirs = sign_in(COLLEAGUE, lang)
    ref = world.start(mine, "1.1.2027", "30.6.2027", gate=gate)
    url = f"/claims/{ref}/lines"
    row = {"first_day": "1.1.2027", "last_day": "31.1.2027", "note": "Laskettu viime vuodesta"}
    typed = {**fields(text(theirs.get(url)), url), **world.rent(**row, voucher="R-31")}
    mine.post(url, {**fields(text(mine.get(url)), url), **world.rent(**row, voucher="R-30", net="99,00")})
    before = len(world.lines(app, ref))

    page = text(theirs.post(url, typed, status=409))

    again = fields(page, url)
    assert "Karoliina Kallio" in page
    assert "99" in page[page.index('id="lines"') :], "their cost stands in the list"
    assert {name: again[name] for name in typed if name not in ("version", "csrf_token", "idempotency_key")
            and name in again} == {name: typed[name] for name in again
                                   if name not in ("version", "csrf_token", "idempotency_key")}  # fmt: skip
    theirs.post(url, again)
    assert len(world.lines(app, ref)) == before + 1


def test_a_cost_left_out_by_both_shows_both_reasons(app, mine, theirs):
    ref = world.start(mine)
    world.add_cost(mine, app, ref, voucher="R-20")
    url = f"/claims/{ref}/lines/{costs(app, ref)['R-20'].line_no}/leave-out"
    typed = fields(text(mine.get(url)), url)
    theirs.post(url, {**fields(text(theirs.get(url)), url), "reason": "Kuuluu ensi vuoteen."})

    page = text(mine.post(url, {**typed, "reason": "Laskua ei hyväksytty."}, status=409))

    assert all(one in page for one in (THEIR_NAME, "Laskua ei hyväksytty.", "Kuuluu ensi vuoteen."))
    mine.post(url, fields(page, url))
    assert costs(app, ref)["R-20"].note == "Laskua ei hyväksytty."


def test_a_cost_left_out_while_the_other_saved_something_else_comes_again_as_typed(app, mine, theirs):
    ref = world.start(mine)
    world.add_cost(mine, app, ref, voucher="R-20")
    url = f"/claims/{ref}/lines/{costs(app, ref)['R-20'].line_no}/leave-out"
    typed = fields(text(mine.get(url)), url)
    world.add_cost(theirs, app, ref, voucher="R-19", cost_kind="hobbies")
    page = text(mine.post(url, {**typed, "reason": "Laskua ei hyväksytty."}, status=409))
    assert f"{THEIR_NAME} saved a change" in words(page)
    now_at = f"/claims/{ref}/lines/{costs(app, ref)['R-20'].line_no}/leave-out"
    mine.post(now_at, fields(page, now_at))
    assert [one.basis is Basis.LEFT_OUT for one in costs(app, ref).values()].count(True) == 1
    assert costs(app, ref)["R-20"].basis is Basis.LEFT_OUT


def test_days_left_out_and_a_difference_explained_by_both_keep_what_was_typed(app, mine, theirs):
    ref = world.claim(app, ClaimStatus.DRAFT).ref
    line = next(one for one in world.lines(app, ref) if one.invoiced_cents != one.ceiling_cents)
    url = f"/claims/{ref}/days/{line.line_no}/explain"
    typed = fields(text(mine.get(url)), url)
    theirs.post(url, {**fields(text(theirs.get(url)), url), "why": "own", "own": "Hinta tarkistettiin."})
    page = text(mine.post(url, {**typed, "why": "own", "own": "Lasku on väärä."}, status=409))
    assert all(one in page for one in (THEIR_NAME, "Hinta tarkistettiin.", "Lasku on väärä."))
    mine.post(url, fields(page, url))
    assert next(one for one in world.lines(app, ref) if one.line_no == line.line_no).note == "Lasku on väärä."

    line = next(one for one in world.lines(app, ref) if one.basis is Basis.PLACE_DAY and one.days > 20)
    url = f"/claims/{ref}/days/{line.line_no}/leave-out"
    typed = fields(text(mine.get(url)), url)
    theirs.post(f"/claims/{ref}/refresh", version(app, ref))
    page = text(mine.post(url, {**typed, "reason": "Laskutetaan erikseen"}, status=409))
    assert f"{THEIR_NAME} saved a change" in words(page)
    mine.post(url, fields(page, url))
    assert "Laskutetaan erikseen" in {one.note for one in world.lines(app, ref)}


def test_an_invoice_and_a_reason_to_give_up_come_again_as_typed(app, mine, theirs):
    ref = world.start(mine)
    line = next(one for one in world.lines(app, ref) if one.note == "invoice-missing" and one.days > 30)
    url = f"/claims/{ref}/days/{line.line_no}/invoice"
    typed = fields(text(mine.get(url)), url) | {
        "first_day": "1.10.2026", "last_day": "31.10.2026", "net": "7 610,50", "voucher": "HP-1",
        "voucher_on": "31.10.2026",
    }  # fmt: skip
    give_up = f"/claims/{ref}/withdraw"
    reason = fields(text(mine.get(give_up)), give_up) | {"reason": "Aloitettu vahingossa."}
    world.add_cost(theirs, app, ref, voucher="R-19")
    page = text(mine.post(url, typed, status=409))
    assert f"{THEIR_NAME} saved a change" in words(page)
    mine.post(url, fields(page, url))
    assert "HP-1" in {one.voucher for one in world.lines(app, ref)}
    page = text(mine.post(give_up, reason, status=409))
    mine.post(give_up, fields(page, give_up))
    assert world.by_ref(app, ref).status is ClaimStatus.WITHDRAWN


def test_a_press_of_a_button_on_an_old_page_does_nothing_and_names_the_other(app, mine, theirs):
    ref = world.start(mine)
    world.add_cost(mine, app, ref, voucher="R-20")
    line = costs(app, ref)["R-20"].line_no
    mine.post(f"/claims/{ref}/lines/{line}/leave-out", {"reason": "Ei kuulu", **version(app, ref)})
    old = version(app, ref)
    world.add_cost(theirs, app, ref, voucher="R-19", cost_kind="hobbies")
    stood = [one.model_dump(exclude={"id"}) for one in world.lines(app, ref)]
    for button in (f"lines/{line}/restore", f"lines/{line}/delete", f"days/{line}/take-in", "refresh"):
        page = words(text(mine.post(f"/claims/{ref}/{button}", old, status=409)))
        assert f"{THEIR_NAME} saved a change" in page, button
    assert [one.model_dump(exclude={"id"}) for one in world.lines(app, ref)] == stood


def test_a_file_chosen_for_lines_stays_chosen_for_the_same_lines(app, mine, theirs):
    ref = world.claim(app, ClaimStatus.DRAFT).ref
    world.add_cost(mine, app, ref, voucher="R-20", first_day="1.8.2026", last_day="31.8.2026")
    url = f"/claims/{ref}/evidence"
    page = text(mine.get(url))
    number = costs(app, ref)["R-20"].line_no
    file = re.search(r'<option value="(\d+)"', page).group(1)
    typed = fields(page, f"{url}/use") | {"chosen": file, "line": str(number)}
    world.add_cost(theirs, app, ref, voucher="R-19", cost_kind="hobbies", first_day="1.8.2026", last_day="31.8.2026")
    page = text(mine.post(f"{url}/use", typed, status=409))
    assert f"{THEIR_NAME} saved a change" in words(page)
    ticked = re.findall(r'name="line" value="(\d+)" checked', page)
    assert ticked == [str(costs(app, ref)["R-20"].line_no)]
    mine.post(f"{url}/use", fields(page, f"{url}/use") | {"line": ticked[0]})
    assert str(costs(app, ref)["R-20"].evidence_id) == file


def test_why_a_claim_is_late_comes_again_as_typed(app, make_app):
    later = make_app(PLACEMENT_DATABASE_URL=str(world.database(app).url), PLACEMENT_CLOCK="2027-01-02T09:00:00+00:00")
    mine, theirs = JudgingClient(later), JudgingClient(later)
    mine.sign_in("claims-officer")
    theirs.sign_in(COLLEAGUE)
    ref = world.start(mine, "1.7.2024", "31.12.2024")
    check, late = f"/claims/{ref}/check", f"/claims/{ref}/late"
    typed = fields(text(mine.get(check)), late) | {"reason": "Urakoitsija laskutti myöhään."}
    theirs.post(f"/claims/{ref}/refresh", version(app, ref))
    page = text(mine.post(late, typed, status=409))
    assert f"{THEIR_NAME} saved a change" in words(page)
    mine.post(late, fields(page, late))
    assert {one.late_reason for one in world.lines(app, ref) if one.claimed_cents} == {typed["reason"]}
