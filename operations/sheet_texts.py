"""What the export of the Subscription List writes for a licence, to tell what a sheet differs in and cannot change.

The columns of admin_views/subscription_list.py are the same, and a test holds the two together.
"""

from collections.abc import Mapping

from licensing.moment import Moment
from licensing.status_words import status_sentence
from operations.countries import country_name
from queries.licences import licence_of_row
from queries.subscriptions import SubscriptionRow


def unchangeable_texts(row: SubscriptionRow, *, moment: Moment) -> Mapping[str, str]:
    """By the title of their columns, the texts that no sheet changes."""
    status = status_sentence(licence_of_row(row), row.open_state, now=moment.now, zone=moment.zone)
    return {
        "Reseller": row.reseller,
        "Company Name": row.company_name,
        "City": row.city,
        "Country": country_name(row.country),
        "Product": row.product,
        "SKU": row.sku,
        "Activation Code": row.activation_code or "",
        "Status": str(status),
        "User": f"{row.name or ''} {row.surname or ''}".strip(),
    }
