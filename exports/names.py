"""File names that tell what they hold, in letters every system takes (product.md, Exports)."""

import re
import unicodedata
from datetime import date

_MAX_PART = 60
_LATIN = {"đ": "dj", "ð": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
# fmt: off
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ђ": "dj", "е": "e", "ж": "z",
    "з": "z", "и": "i", "ј": "j", "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n",
    "њ": "nj", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "c", "у": "u",
    "ф": "f", "х": "h", "ц": "c", "ч": "c", "џ": "dz", "ш": "s",
}
# fmt: on
_LETTERS = str.maketrans(_LATIN | _CYRILLIC)


def slug(text: str) -> str:
    """The text in a-z, 0-9 and single hyphens, at most 60 characters: "Prerada voća d.o.o." is prerada-voca-d-o-o.

    Empty where nothing of it can be written so.
    """
    # Cyrillic ж, ћ, ч, ш lose their marks here as their Latin twins ž, ć, č, š do.
    letters = text.casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX_PART].strip("-")


def file_name(*parts: str | date, extension: str) -> str:
    """The slugs of the parts joined by hyphens, and the extension: reseller-report-2017-07-bluth-company.docx.

    Empty parts are left out; a date is written yyyy-mm-dd.
    """
    slugs = [slug(part.isoformat() if isinstance(part, date) else part) for part in parts]
    return f"{'-'.join(filter(None, slugs))}.{extension}"
