"""Envelopes written by hand, for tests of the simulator's SOAP wire alone."""

import urllib.error
import urllib.request

from lxml import etree

from tests.simulator.process import SimulatorProcess

ENVELOPE = """<?xml version='1.0' encoding='utf-8'?>
<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:k="http://schemas.kaspersky.com/services/subscription/2.0/">
<e:Header><k:AccessInfo><k:UserName>{user}</k:UserName><k:Password>{password}</k:Password></k:AccessInfo></e:Header>
<e:Body><k:SubscriptionRequestContainer><k:Timestamp>2017-07-23T12:00:00Z</k:Timestamp>
<k:TransactionId>{transaction_id}</k:TransactionId>
<k:SubscriptionRequest>{items}</k:SubscriptionRequest></k:SubscriptionRequestContainer></e:Body></e:Envelope>"""


def item(operation: str, subscriber_id: str, **attributes: str) -> str:
    """One item of a batch."""
    values = {"UnitId": "1", "SubscriberId": subscriber_id, **attributes}
    return f"<k:{operation} " + " ".join(f'{name}="{value}"' for name, value in values.items()) + "/>"


def activate(subscriber_id: str, **attributes: str) -> str:
    """An Activate that is accepted."""
    plain = {
        "StartTime": "2017-07-23T12:00:00Z",
        "EndTime": "indefinite",
        "LicenseCount": "12",
        "ProductId": "KL4864XIKMG",
        "ActivationType": "Standard",
    }
    return item("Activate", subscriber_id, **{**plain, **attributes})


def get_info(subscriber_id: str, **attributes: str) -> str:
    """A GetInfo that is answered."""
    return item("GetInfo", subscriber_id, **{"InfoSection": "Subscription", **attributes})


def soap_body(items: str, *, transaction_id: str = "t", user: str = "seatdesk", password: str = "") -> bytes:
    return ENVELOPE.format(items=items, transaction_id=transaction_id, user=user, password=password).encode()


def post_soap(simulator: SimulatorProcess, items: str, **parts: str) -> tuple[int, etree._Element]:
    """One request and the element in the answer's Body, whatever its status."""
    address = simulator.address + "/soap/upi"
    request = urllib.request.Request(address, data=soap_body(items, **parts), method="POST")  # noqa: S310  loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, _told(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, _told(error.read())


def _told(content: bytes) -> etree._Element:
    return etree.fromstring(content)[0][0]


def entries(told: etree._Element, name: str) -> dict[str, dict[str, str]]:
    """The entries of SubscriptionResponse or SubscriptionError by their UnitId."""
    return {entry.get("UnitId"): dict(entry.attrib) for entry in told.iterfind(f"{{*}}{name}/*")}
