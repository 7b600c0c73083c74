"""The subscription service's wire, SOAP 1.1: a request read into a call, an answer written as XML. Knows no rule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from simulator.licences import SOAP_COMMANDS, SOAP_READS, Answer, Call

PATH = "/soap/upi"
CONTENT_TYPE = "text/xml; charset=utf-8"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "http://schemas.kaspersky.com/services/subscription/2.0/"
ACTION = "http://schemas.kaspersky.com/services/subscription/subscriptionRequest"


class SoapUnreadable(ValueError):
    """The body is no request of this service; the message says why."""


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """A batch as a call, and who sends it."""

    call: Call
    user_name: str
    password: str


def read_request(body: bytes) -> SoapRequest:
    """Read an envelope. SoapUnreadable for anything that is none of this service's."""
    envelope = _parsed(body)
    container = _only(envelope, f"{{{SOAP}}}Body/{{{SERVICE}}}SubscriptionRequestContainer")
    batch = [_item(item) for item in _only(container, f"{{{SERVICE}}}SubscriptionRequest")]
    if not batch:
        raise SoapUnreadable("The request holds nothing.")
    transaction_id = _text(container, "TransactionId")
    fields = {"Timestamp": _text(container, "Timestamp"), "TransactionId": transaction_id, "Items": batch}
    header = f"{{{SOAP}}}Header/{{{SERVICE}}}AccessInfo/{{{SERVICE}}}"
    return SoapRequest(
        call=Call(operation=_name_of(batch), fields=fields, reference=transaction_id),
        user_name=envelope.findtext(f"{header}UserName") or "",
        password=envelope.findtext(f"{header}Password") or "",
    )


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        envelope = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SoapUnreadable("The body is no XML.") from None
    if b"<!DOCTYPE" in body or envelope.tag != f"{{{SOAP}}}Envelope":
        raise SoapUnreadable("The body is no SOAP 1.1 envelope.")
    return envelope


def _only(parent: etree._Element, path: str) -> etree._Element:
    found = parent.findall(path)
    if len(found) != 1:
        raise SoapUnreadable(f"There must be one {path.rsplit('}', maxsplit=1)[-1]}.")
    return found[0]


def _text(container: etree._Element, name: str) -> str:
    return _only(container, f"{{{SERVICE}}}{name}").text or ""


def _item(item: etree._Element) -> dict[str, str]:
    operation = etree.QName(item).localname
    if operation not in (*SOAP_COMMANDS, *SOAP_READS):
        raise SoapUnreadable(f"There is no {operation}.")
    return {"Operation": operation, **{str(name): str(value) for name, value in item.attrib.items()}}


def _name_of(batch: Iterable[Mapping[str, str]]) -> str:
    """The batch is named after its first command, if it holds one."""
    operations = [item["Operation"] for item in batch]
    return next((operation for operation in operations if operation in SOAP_COMMANDS), operations[0])


def fault(status: int, message: str) -> Answer:
    """A SOAP fault, with the HTTP status that says whose it is."""
    return Answer(status=status, body={"Fault": message})


def render(body: Mapping[str, Any]) -> bytes:
    """An answer as XML."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    inner = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    if "Fault" in body:
        told = etree.SubElement(inner, f"{{{SOAP}}}Fault")
        etree.SubElement(told, "faultcode").text = "soapenv:Server"
        etree.SubElement(told, "faultstring").text = body["Fault"]
    else:
        _add_container(inner, body)
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def _add_container(parent: etree._Element, body: Mapping[str, Any]) -> None:
    container = etree.SubElement(parent, f"{{{SERVICE}}}SubscriptionResponseContainer", nsmap={"kss": SERVICE})
    for name in ("Timestamp", "TransactionId"):
        etree.SubElement(container, f"{{{SERVICE}}}{name}").text = body[name]
    if "TransactionError" in body:
        _add(container, "TransactionError", body["TransactionError"])
        return
    for name in ("SubscriptionResponse", "SubscriptionError"):
        if body[name]:
            entries = etree.SubElement(container, f"{{{SERVICE}}}{name}")
            for entry in body[name]:
                _add(entries, entry["Operation"], entry)


def _add(parent: etree._Element, name: str, values: Mapping[str, Any]) -> None:
    """Texts become attributes, as in requests; a part of its own becomes an element."""
    texts = {key: value for key, value in values.items() if isinstance(value, str) and key != "Operation"}
    element = etree.SubElement(parent, f"{{{SERVICE}}}{name}", texts)
    for key, value in values.items():
        if isinstance(value, Mapping):
            _add(element, key, value)
