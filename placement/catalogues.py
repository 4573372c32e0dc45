"""The catalogues of the product's words, for pages and for documents alike. English is the message id.

`translations/<language>/<area>.po` are read as they are: there is no compile step to forget.
"""

from __future__ import annotations

import functools
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "translations"


@functools.cache
def catalogue(language: str) -> NullTranslations:
    """Return all areas of one language merged; English has none and shows the message ids."""
    merged = Translations()
    for file in sorted((FOLDER / language).glob("*.po")):
        with file.open("rb") as stream:
            source = read_po(stream, locale=language)
        compiled = BytesIO()
        write_mo(compiled, source)
        compiled.seek(0)
        area = Translations(compiled)
        merged.merge(area)
        merged.plural = area.plural  # merge() leaves the language's plural rule behind
    return merged
