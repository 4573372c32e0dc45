"""The import pages: templates, preview with errors in the cells, one import however often it is sent, undo."""

from __future__ import annotations

import io
import re

import pytest
from sqlmodel import Session, col, func, select

from placement.children.tables import Child
from placement.imports import sheet
from placement.imports.plan import COLUMNS
from placement.imports.tables import ImportUpload
from placement.imports.words import fold
from placement.units.tables import Unit
from tests.integration.test_imports import PLANTED, sheet_of_500
from tests.unit.placement.imports.sheets import CHILD_HEADER, UNIT_HEADER, child_row, csv_file, unit_row, xlsx_file


def send(client, content: bytes, what="children", name="sheet.csv", status=303):
    answer = client.post("/import", {"what": what, "file": (io.BytesIO(content), name)}, status=status)
    answer.request.environ["wsgi.input"].close()  # the test client leaves the body of a large form open
    return answer


def preview_of(client, content: bytes, what="children", name="sheet.csv") -> tuple[str, str]:
    url = send(client, content, what, name).headers["Location"]
    return url, client.get(url).get_data(as_text=True)


def key_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(idempotency_key|leave_out)" value="([^"]+)"', page))


def stored(app, table) -> int:
    with app.extensions["placement"].database.read_only() as session:
        return session.exec(select(func.count()).select_from(table)).one()


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_pages_are_complete_in_each_language(sign_in, lang):
    client = sign_in("coordinator", lang)
    client.get("/import")
    preview_of(client, csv_file(sheet_of_500(faults=True)[:40]))
    preview_of(client, csv_file([("Nimi", "kind", "colour"), ("a", "b", "c")]), "units")


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
@pytest.mark.parametrize("what", ["units", "children"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_template_has_every_column_and_is_read_back(sign_in, lang, what, kind):
    answer = sign_in("coordinator", lang).get(f"/import/template/{what}.{kind}")
    header = sheet.read(f"t.{kind}", answer.data).header.cells

    assert header == tuple(column.name(lang) for column in COLUMNS[what])
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_headers_of_the_template_name_one_column_each():
    for columns in COLUMNS.values():
        for lang in ("fi", "sv", "en"):
            names = [fold(column.name(lang)) for column in columns]
            assert len(set(names)) == len(names)
        owner: dict[str, str] = {}
        for column in columns:
            for name in column.names:
                assert owner.setdefault(fold(name), column.key) == column.key


@pytest.mark.parametrize(("name", "file"), [("a.csv", csv_file), ("a.xlsx", xlsx_file)])
def test_the_preview_names_all_planted_faults_in_their_cells_and_saves_nothing(sign_in, app, name, file):
    _, page = preview_of(sign_in("coordinator"), file(sheet_of_500(faults=True)), name=name)
    for (row, _column), (index, _text) in PLANTED.items():
        place = sheet.letters(index)
        assert f'href="#cell-{row}-{place}"' in page
        cell = page.split(f'id="cell-{row}-{place}"')[1].split("</td>")[0]
        assert "govuk-error-message" in cell
    assert "Import 480 rows (20 left out)" in page
    assert stored(app, Child) == 0


def test_the_corrected_file_sent_twice_is_written_once(sign_in, app):
    client = sign_in("coordinator")
    url, page = preview_of(client, csv_file(sheet_of_500(faults=False)[:51]))
    first = client.post(f"{url}/confirm", key_of(page))
    second = client.post(f"{url}/confirm", key_of(page))

    assert first.headers["Location"] == second.headers["Location"]
    assert stored(app, Child) == 50
    done = client.get(first.headers["Location"]).get_data(as_text=True)
    assert "50 rows were imported" in done


def test_good_rows_are_imported_and_the_others_can_be_downloaded_corrected_and_uploaded(sign_in, app):
    client = sign_in("coordinator")
    rows = [CHILD_HEADER, child_row(0), child_row(1), child_row(2)]
    rows[2][5] = "no day"
    url, page = preview_of(client, csv_file(rows))
    done = client.post(f"{url}/confirm", key_of(page)).headers["Location"]
    client.get(done)
    left = client.get(f"{url}/refused.csv")
    assert stored(app, Child) == 2

    again = left.data.decode("utf-8-sig").replace("no day", "1.4.2026")
    url, page = preview_of(client, again.encode())
    client.post(f"{url}/confirm", key_of(page))
    assert stored(app, Child) == 3


def test_the_columns_are_told_before_the_rows(sign_in):
    rows = [[*UNIT_HEADER[1:], "colour"], [*unit_row(0)[1:], "no day"]]
    _, page = preview_of(sign_in("coordinator"), csv_file(rows), "units")

    assert "No column has this name" in page
    assert "Name of the unit" in page
    assert 'id="bad-rows"' not in page
    assert "/confirm" not in page


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "The file is empty"),
        ("a.pdf", b"%PDF-1.7", "Choose a CSV or XLSX file"),
        ("a.csv", b"PK\x03\x04rest", "holds something else"),
        ("a.xlsx", b"name;kind", "holds something else"),
        ("a.xlsx", b"PK\x03\x04rest", "damaged"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0rest", "protected by a password"),
        ("a.csv", b"name;kind", "no rows"),
        ("a.csv", b"x" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_at_its_field(sign_in, app, name, content, words):
    page = send(sign_in("coordinator"), content, name=name, status=422).get_data(as_text=True)

    assert words in page
    assert "<title>Error:" in page
    assert stored(app, ImportUpload) == 0


def test_without_a_file_the_page_asks_for_one(sign_in):
    page = sign_in("coordinator").post("/import", {"what": "units"}, status=422).get_data(as_text=True)
    assert "Choose a file." in page


def test_an_upload_belongs_to_who_sent_it(sign_in, app):
    url, page = preview_of(sign_in("coordinator"), csv_file([CHILD_HEADER, child_row(0)]))
    other = sign_in("social-worker")

    other.get(url, status=404)
    other.get(f"{url}/refused.csv", status=404)
    other.post(f"{url}/confirm", key_of(page), status=404)
    other.post(f"{url}/confirm", {}, status=404)
    assert stored(app, Child) == 0


def test_who_imports_children_only_is_not_offered_units(sign_in):
    client = sign_in("social-worker")
    assert 'value="units"' not in client.get("/import").get_data(as_text=True)
    send(client, csv_file([UNIT_HEADER, unit_row(0)]), "units", status=422)
    client.get("/import/template/units.csv", status=404)


def test_the_file_on_the_server_is_encrypted_and_goes_after_the_import(sign_in, app):
    client = sign_in("coordinator")
    url, page = preview_of(client, csv_file([CHILD_HEADER, child_row(0)]))
    database = app.extensions["placement"].database
    with database.reader.connect() as connection:
        raw = connection.exec_driver_sql("SELECT content, file_name FROM import_upload").one()
    assert b"Malli0" not in raw[0]
    assert b"sheet.csv" not in raw[1]

    client.post(f"{url}/confirm", key_of(page))
    assert stored(app, ImportUpload) == 0


def test_an_import_is_undone_on_its_page(sign_in, app):
    client = sign_in("coordinator")
    url, page = preview_of(client, csv_file([UNIT_HEADER, unit_row(0), unit_row(1)]), "units")
    done = client.post(f"{url}/confirm", key_of(page)).headers["Location"]
    assert stored(app, Unit) == 2

    client.post(f"{done}/undo")
    client.post(f"{done}/undo")
    assert stored(app, Unit) == 0
    assert "The import was undone" in client.get(done).get_data(as_text=True)


def test_an_import_of_a_child_that_was_opened_since_cannot_be_undone(sign_in, app):
    client = sign_in("coordinator")
    url, page = preview_of(client, csv_file([CHILD_HEADER, child_row(0)]))
    done = client.post(f"{url}/confirm", key_of(page)).headers["Location"]
    with app.extensions["placement"].database.read_only() as session:
        ref = session.exec(select(Child.ref)).one()
    client.get(f"/children/{ref}")

    assert ref in client.post(f"{done}/undo", status=409).get_data(as_text=True)
    assert stored(app, Child) == 1


def test_rows_that_are_here_already_are_said_to_be(sign_in, app):
    client = sign_in("coordinator")
    content = csv_file([CHILD_HEADER, child_row(0)])
    url, page = preview_of(client, content)
    client.post(f"{url}/confirm", key_of(page))
    _, again = preview_of(client, content)

    assert "This file has been imported before" in again
    assert "already there: CH-" in again
    assert "/confirm" not in again


def test_what_looks_like_a_formula_or_markup_stays_text(sign_in):
    rows = [CHILD_HEADER, child_row(0)]
    rows[1][1], rows[1][5] = "=HYPERLINK(1)", "<img src=x onerror=alert(1)>"
    client = sign_in("coordinator")
    url, page = preview_of(client, csv_file(rows))
    left = client.get(f"{url}/refused.csv").data.decode("utf-8-sig")

    assert "<img" not in page
    assert "'=HYPERLINK(1)" in left


def _session(app) -> Session:
    return app.extensions["placement"].database.read_only()


def test_the_children_of_an_import_belong_to_the_importers_county(sign_in, app):
    client = sign_in("other-social-worker")
    rows = [CHILD_HEADER, child_row(0)]
    rows[1][3] = ""
    url, page = preview_of(client, csv_file(rows))
    client.post(f"{url}/confirm", key_of(page))
    with _session(app) as session:
        child = session.exec(select(Child).order_by(col(Child.id))).one()
        county = session.connection().exec_driver_sql(
            f"SELECT county_code FROM organisation WHERE id = {child.county_id}"
        )
        assert county.scalar() == "04"
