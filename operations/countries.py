"""The countries a customer can be in: ISO 3166 alpha-2 and Kosovo, which has a code of its own by use (XK)."""

from functools import cache

import pycountry

from licensing.search_key import search_key

_BY_USE = {"XK": "Kosovo"}


@cache
def countries() -> dict[str, str]:
    """Code to English name, in the order of the names."""
    listed = {country.alpha_2: getattr(country, "common_name", country.name) for country in pycountry.countries}
    named = {**listed, **_BY_USE}
    return dict(sorted(named.items(), key=lambda entry: search_key(entry[1])))


def country_name(code: str) -> str:
    """The English name of a country, or the code itself where it is not known."""
    return countries().get(code, code)
