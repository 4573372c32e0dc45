"""Invented names for the demo. Given names of many languages; family names that nobody bears."""

from __future__ import annotations

GIVEN: dict[str, dict[str, tuple[str, ...]]] = {
    "so": {"M": ("Abdi", "Liban", "Guled", "Warsame", "Bilal"), "F": ("Hodan", "Ifrah", "Sahra", "Ayaan")},
    "prs": {"M": ("Farid", "Jawad", "Nasir", "Reza", "Samim"), "F": ("Laila", "Parwana", "Zahra", "Mina")},
    "ar": {"M": ("Karim", "Tariq", "Yusuf", "Sami", "Anas"), "F": ("Nour", "Rima", "Salma", "Dalia")},
    "uk": {"M": ("Danylo", "Marko", "Taras", "Bohdan"), "F": ("Daryna", "Olesia", "Solomiia")},
    "ps": {"M": ("Khalid", "Rahim", "Zmarai", "Idris"), "F": ("Spozhmai", "Gulalai")},
    "ckb": {"M": ("Aras", "Rebin", "Shwan", "Diyar"), "F": ("Shilan", "Nazdar")},
    "ti": {"M": ("Filmon", "Natnael", "Yonas", "Robel"), "F": ("Selam", "Bethel")},
    "ru": {"M": ("Artjom", "Kirill"), "F": ("Alina", "Vera")},
    "fr": {"M": ("Moussa", "Christian"), "F": ("Aminata", "Grâce")},
    "ln": {"M": ("Exaucé", "Merveil"), "F": ("Divine", "Plamedi")},
}
FAMILY = (
    "Aavaranta", "Hopeasuo", "Kaarnalaiva", "Kaislamaa", "Lumikello", "Mesiniitty", "Oravapolku", "Pihlajatie",
    "Revontuli", "Sinivuokko", "Suopursu", "Tuulikannel", "Usvajärvi", "Vaskikello", "Vesikaari", "Ystävänlahti",
)  # fmt: skip
# Share of each mother tongue in a hundred.
LANGUAGES = (
    ("so", 24), ("prs", 15), ("ar", 14), ("uk", 12), ("ps", 7), ("ckb", 7), ("ti", 6), ("ru", 5), ("fr", 5), ("ln", 5),
)  # fmt: skip
REPRESENTATIVES = ("Pirjo Edustaja", "Matti Edustaja", "Sanna Edustaja", "Jukka Edustaja")
