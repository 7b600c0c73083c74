"""What a gateway shows of a licence, in the words of the rules."""

from gateways.base import LicensingGateway, Snapshot
from licensing.commands import NotFound, Unreadable
from licensing.vendor_licence import VendorLicence


def read_licence(gateway: LicensingGateway, subscription_id: str) -> VendorLicence | NotFound | Unreadable:
    """The licence as the vendor has it now. Whatever breaks on the way leaves it unread."""
    try:
        shown = gateway.read_details(subscription_id)
    except Exception as broken:  # noqa: BLE001 - a reader that breaks says nothing about the licence
        return Unreadable(reason=f"The reading failed: {type(broken).__name__}")
    return _licence(shown) if isinstance(shown, Snapshot) else shown


def _licence(shown: Snapshot) -> VendorLicence:
    return VendorLicence(
        quantity=shown.quantity,
        expires_on=shown.expires_on,
        cancelled_on=shown.cancelled_on,
        status=shown.status,
        customer=shown.customer,
        evidence=shown.evidence,
    )
