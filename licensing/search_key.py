"""The key by which names are found and ordered, the same on every database: no case, no accents.

It is stored beside the name and compared code point by code point.
"""

import unicodedata

# Letters of European names that Unicode does not decompose.
_LETTERS = str.maketrans(
    {"đ": "dj", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_INVISIBLE = frozenset({"Mn", "Me", "Cf"})


def search_key(text: str) -> str:
    """Casefolded, accents and invisible marks removed, đ → dj, ß → ss, white space collapsed.

    "Prerada  VOĆA" gives "prerada voca" (product.md, Subscription List). The key of a key is the key.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).casefold()
    visible = "".join(letter for letter in folded if unicodedata.category(letter) not in _INVISIBLE)
    return " ".join(visible.translate(_LETTERS).split())
