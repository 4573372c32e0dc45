"""Where the national demo's units stand: 12 counties with their towns, and what each has."""

from __future__ import annotations

from dataclasses import dataclass

from placement.demo.accounts import FIRST_COUNTY, OTHER_COUNTY

TREES = (
    "Koivu", "Haapa", "Mänty", "Kuusi", "Leppä", "Pihlaja", "Tuomi", "Vaahtera", "Saarni", "Jalava", "Tammi", "Kataja",
    "Paju", "Lehmus", "Raita", "Visakoivu", "Orapihlaja", "Omenapuu", "Kirsikka", "Lumipallo", "Heisi", "Humala",
    "Vanamo", "Kielo", "Kanerva", "Suopursu", "Variksenmarja", "Karpalo", "Lakka", "Mesimarja", "Mustikka", "Puolukka",
    "Vadelma", "Ahomansikka", "Kurjenkello", "Niittyleinikki", "Ruiskaunokki", "Sinivuokko", "Valkovuokko",
    "Päivänkakkara",
)  # fmt: skip


@dataclass(frozen=True)
class Area:
    """A county of the demo: where its units stand and how many it has of each kind."""

    county: str
    towns: tuple[str, ...]
    homes: int
    housing: int
    foster: int
    flats: int


AREAS = (
    Area(FIRST_COUNTY, ("837", "536", "980"), homes=2, housing=1, foster=1, flats=1),
    Area(OTHER_COUNTY, ("092", "245"), homes=1, housing=1, foster=1, flats=1),
    Area("90", ("091",), homes=2, housing=1, foster=1, flats=1),
    Area("03", ("049", "444"), homes=1, housing=1, foster=1, flats=0),
    Area("05", ("853", "680"), homes=1, housing=1, foster=1, flats=1),
    Area("19", ("564", "139"), homes=1, housing=1, foster=1, flats=1),
    Area("21", ("698", "240"), homes=1, housing=0, foster=1, flats=1),
    Area("17", ("905", "499"), homes=0, housing=0, foster=1, flats=1),
    Area("15", ("179", "992"), homes=1, housing=0, foster=1, flats=1),
    Area("13", ("297", "749"), homes=0, housing=1, foster=1, flats=1),
    Area("10", ("285", "286"), homes=1, housing=0, foster=1, flats=0),
    Area("12", ("491", "740"), homes=1, housing=0, foster=1, flats=0),
)
SERVED = {"prep_education": 20, "trauma": 9, "psychiatric": 7, "school_support": 16, "somatic_care": 6}
