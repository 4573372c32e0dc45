"""Agreements for tests: the parties of the demo's first county, versions with their signatures, places and prices."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from agreements.tables import (
    Agreement,
    AgreementKind,
    AgreementParty,
    AgreementQuota,
    AgreementRate,
    AgreementSignature,
    AgreementUnit,
    AgreementVersion,
    PartyRole,
    PartySide,
    VersionStatus,
)
from placement import references
from placement.demo.accounts import body
from placement.people.queries import mandates_of
from tests.placing import TODAY, person

HASH = "a" * 64
DAY = timedelta(days=1)


class AnyProof:
    """A way of signing that asks for nothing: for tests about what is signed, not about who it is."""

    code = "built-in"

    def proves(self, _request: Any) -> bool:
        return True


class Maker:
    """Writes agreements of the tour's county with Tampere and the deciding centre as parties."""

    def __init__(self, session):
        self.session = session
        self.county = body(session, "county", "08", TODAY)
        self.town = body(session, "municipality", "837", TODAY)
        self.centre = body(session, "authority", "edc-sisa-suomi", TODAY)
        self.ely = body(session, "authority", "ely-pirkanmaa", date(2025, 6, 1))

    def agreement(self, kind=AgreementKind.THREE_PARTY, county=True, title="Koivu"):
        row = Agreement(
            ref=references.new("AG"),
            kind=kind,
            county_id=self.county.id if county else None,
            title=title,
            case_number="TEST/1/2026",
        )
        self.session.add(row)
        self.session.flush()
        return row

    def version(self, agreement, parties, number=1, **changes):
        values: dict[str, Any] = {
            "status": VersionStatus.SIGNED,
            "valid_from": TODAY - 30 * DAY,
            "valid_to": TODAY + 400 * DAY,
            "activated_on": TODAY - 30 * DAY,
            "content_hash": HASH,
            "predecessor": number - 1 or None,
            **changes,
        }
        row = AgreementVersion(agreement_id=agreement.id, number=number, **values)
        self.session.add(row)
        self.session.flush()
        for organisation, side, role, signer in parties:
            party = AgreementParty(version_id=row.id, organisation_id=organisation.id, side=side, role=role)
            self.session.add(party)
            self.session.flush()
            if signer:
                user = person(self.session, signer)
                self.session.add(
                    AgreementSignature(
                        version_id=row.id,
                        party_id=party.id,
                        user_id=user.id,
                        mandate_id=mandates_of(self.session, user.id, TODAY)[0].id,
                        method="built-in",
                        content_hash=HASH,
                        signed_at=datetime(2026, 10, 20, 9, tzinfo=UTC),
                    )
                )
        self.session.flush()
        return row

    def three(self, county="county-signatory", town="municipality-signatory", state="state-signatory"):
        return [
            (self.county, PartySide.COUNTY, PartyRole.SIGNATORY, county),
            (self.town, PartySide.MUNICIPALITY, PartyRole.SIGNATORY, town),
            (self.centre, PartySide.STATE, PartyRole.SIGNATORY, state),
        ]

    def covers(self, version, unit, places=7, cents=24_550, until=None):
        self.session.add(
            AgreementUnit(
                version_id=version.id,
                unit_id=unit.id,
                valid_from=version.valid_from,
                valid_to=version.valid_to,
                places=places,
            )
        )
        self.session.add(AgreementQuota(version_id=version.id, unit_id=unit.id, county_id=None, places=places))
        self.session.add(
            AgreementRate(
                version_id=version.id,
                unit_id=unit.id,
                valid_from=version.valid_from,
                valid_to=until or version.valid_to,
                day_cents=cents,
                empty_day_cents=20_000,
            )
        )
        self.session.flush()
