"""Writes invented rows the way the services would leave them. One writer, one seed, dates relative to one day."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session

from placement import references
from placement.children.tables import (
    CaseRelation,
    Child,
    ChildLanguage,
    ChildNeed,
    ChildWish,
    Gender,
    RelationKind,
    SiblingGroup,
    SiblingMember,
    SiblingMode,
)
from placement.crypto import vault
from placement.demo import names
from placement.people.tables import Organisation, User
from placement.reference import FEMALE, MALE, adult_from, demo_identity_code, right_ends
from placement.units.tables import Building, GenderPolicy, Unit, UnitCapacity, UnitKind, UnitLanguage, UnitService

HOME_SERVICES = {"prep_education": 20, "trauma": 8, "psychiatric": 6, "school_support": 14}
CARE_HOURS_A_PLACE = 24


@dataclass
class Writer:
    """The session and the chance that a demo is built with. `on` is the day of loading.

    `letters`: each decision gets its documents when it is written, as a real one does. Without, the first look at
    one draws them: a third of the small demo's loading would go into them.
    """

    session: Session
    rng: random.Random
    at: datetime
    on: date
    people: Mapping[str, User]
    letters: bool = False
    serial: int = 0
    used: set[str] = field(default_factory=set)
    used_names: set[tuple[str, str]] = field(default_factory=set)
    others: dict[str, User] = field(default_factory=dict)
    cases: dict[tuple[int, int], int] = field(default_factory=dict)

    def reference(self, kind: str) -> str:
        """Return a reference that repeats with the seed."""
        while True:
            symbols = "".join(self.rng.choice(references.ALPHABET) for _ in range(8))
            found = f"{kind}-{symbols[:4]}-{symbols[4:]}"
            if found not in self.used:
                self.used.add(found)
                return found

    def days(self, count: int) -> date:
        """Return the day `count` days from the day of loading (negative = before)."""
        return self.on + timedelta(days=count)

    def building(self, county: Organisation, municipality: Organisation, name: str) -> Building:
        row = Building(county_id=_key(county), municipality_id=_key(municipality), name=name, address=f"{name}nkuja 1")
        self.session.add(row)
        self.session.flush()
        return row

    def unit(
        self,
        county: Organisation,
        municipality: Organisation,
        name: str,
        *,
        places: int,
        kind: UnitKind = UnitKind.FAMILY_GROUP_HOME,
        languages: Sequence[str] = ("so", "ar"),
        services: Mapping[str, int] | None = None,
        opened: int = -900,
        building: Building | None = None,
        ages: tuple[int, int] | None = None,
        gender: GenderPolicy = GenderPolicy.ANY,
        price_cents: int = 24_550,
        interpreter_hours: int = 12,
        two_carers: bool = False,
        secret_address: bool = False,
    ) -> Unit:
        """Add a unit with its places, staff languages and services; `ages` in whole years, both inclusive."""
        low, high = ages or ((16, 22) if kind is not UnitKind.FAMILY_GROUP_HOME else (7, 17))
        home = kind is UnitKind.FAMILY_GROUP_HOME
        row = Unit(
            ref=self.reference("UN"),
            county_id=_key(county),
            municipality_id=_key(municipality),
            building_id=building.id if building else None,
            name=name,
            kind=kind,
            two_carers=two_carers,
            opened_on=self.days(opened),
            age_min_months=low * 12,
            age_max_months=high * 12 + 11,
            gender=gender,
            support_min=1,
            support_max=4 if home else 3,
            care_hours=places * (CARE_HOURS_A_PLACE if home else 14),
            interpreter_hours=interpreter_hours,
            registered_from=self.days(opened),
            registered_to=self.days(3_000),
            price_day_cents=price_cents,
            price_empty_day_cents=price_cents * (8 if home else 5) // 10,
            secret_address=secret_address,
            address=f"{name}ntie {self.rng.randint(1, 40)}",
            updated_at=self.at,
        )
        self.session.add(row)
        self.session.flush()
        key = _key(row)
        self.session.add(
            UnitCapacity(unit_id=key, valid_from=self.days(opened), places=places, care_workers=7 if home else 2)
        )
        self.session.add_all(UnitLanguage(unit_id=key, code=code, hours=places * 3) for code in languages)
        self.session.add(UnitLanguage(unit_id=key, code="fi", hours=0))
        offered = HOME_SERVICES if services is None else services
        self.session.add_all(UnitService(unit_id=key, code=code, hours=hours) for code, hours in offered.items())
        return row

    def child(
        self,
        county: Organisation,
        municipality: Organisation,
        *,
        age_years: float,
        language: str,
        gender: str = "M",
        worker: User | None = None,
        waiting_days: int | None = None,
        needs: Mapping[str, int] | None = None,
        other_languages: Mapping[str, int] | None = None,
        priority: int = 2,
        support_level: int = 2,
        protected: bool = False,
        relatives: Organisation | None = None,
        temporary_number: bool = False,
        in_finland_days: int = 500,
        place_in_days: int = 7,
        own_view: str = "",
        family_name: str | None = None,
    ) -> Child:
        """Add a child of `age_years` on the day of loading; `waiting_days` None = does not wait.

        Who waits needs a place in `place_in_days` days.
        """
        birth = self.on - timedelta(days=round(age_years * 365.25))
        self.serial += 1
        first, last = self._name(language, gender, family_name)
        code = demo_identity_code(birth, FEMALE if gender == "F" else MALE, self.serial % 50)
        number = f"9{self.serial:07d}"
        row = Child(
            ref=self.reference("CH"),
            county_id=_key(county),
            municipality_id=_key(municipality),
            first_name=first,
            last_name=last,
            identity_code=None if temporary_number else code,
            identity_index=None if temporary_number else vault.blind_index(code),
            temporary_number=number if temporary_number else None,
            temporary_index=vault.blind_index(number) if temporary_number else None,
            birth_date=birth,
            gender=Gender(gender),
            protected=protected,
            protected_until=self.days(500) if protected else None,
            eligibility_ground="permit_after_application",
            permit_on=self.days(-in_finland_days),
            entered_on=self.days(-in_finland_days - 200),
            residence_from=self.days(-in_finland_days + 30),
            representative_name=self.rng.choice(names.REPRESENTATIVES) if age_years < 18 else None,
            representative_contact="edustaja@demo.invalid" if age_years < 18 else None,
            representative_from=self.days(-in_finland_days) if age_years < 18 else None,
            support_level=support_level,
            care_hours={1: 8, 2: 15, 3: 24, 4: 38}[support_level],
            language_hours=2,
            interpreter_hours=2,
            priority=priority,
            relatives_municipality_id=relatives.id if relatives else None,
            own_view=own_view or None,
            own_view_on=self.days(-10) if own_view else None,
            own_view_how="talk" if own_view else None,
            waiting_since=None if waiting_days is None else self.days(-waiting_days),
            place_from=None if waiting_days is None else self.days(place_in_days),
            worker_id=worker.id if worker else None,
            created_at=self.at,
            updated_at=self.at,
        )
        self.session.add(row)
        self.session.flush()
        key = _key(row)
        spoken = {language: 5, "fi": 2 if age_years > 10 else 1, **(other_languages or {})}
        self.session.add_all(ChildLanguage(child_id=key, code=code, level=level) for code, level in spoken.items())
        self.session.add_all(ChildNeed(child_id=key, code=code, hours=h) for code, h in (needs or {}).items())
        if worker is not None:
            self.session.add(
                CaseRelation(child_id=key, user_id=_key(worker), kind=RelationKind.CASE, valid_from=self.days(-30))
            )
        return row

    def _name(self, language: str, gender: str, family: str | None) -> tuple[str, str]:
        """Return an invented name, a new one as long as the lists last."""
        for _ in range(40):
            found = self.rng.choice(names.GIVEN[language][gender]), family or self.rng.choice(names.FAMILY)
            if found not in self.used_names:
                break
        self.used_names.add(found)
        return found

    def wish(self, child: Child, *units: Unit) -> None:
        self.session.add_all(
            ChildWish(child_id=_key(child), unit_id=_key(unit), rank=rank) for rank, unit in enumerate(units, start=1)
        )

    def siblings(self, county: Organisation, *children: Child, mode: SiblingMode = SiblingMode.MUST) -> SiblingGroup:
        group = SiblingGroup(county_id=_key(county), mode=mode)
        self.session.add(group)
        self.session.flush()
        self.session.add_all(SiblingMember(child_id=_key(child), group_id=_key(group)) for child in children)
        return group

    def last_day(self, child: Child, on: date) -> date:
        """Return the day a place ends at the latest: the 18th birthday, or for a grown one the end of the right."""
        adult = adult_from(child.birth_date)
        return adult if on < adult else right_ends(child.birth_date, on)


def _key(row: Organisation | Unit | Building | Child | User | SiblingGroup) -> int:
    if row.id is None:
        raise AssertionError("the row was not flushed")
    return row.id
