"""SOAP 1.1 envelopes: put together, and taken apart without trusting a byte of them. Knows no command. Pure.

An answer may hold no document type and no entity, is read as UTF-8 whatever it declares, and nothing in it makes the
parser open a file or a connection (docs/decisions/0008). Its length is limited by the transport, its depth by libxml2.
"""

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "http://schemas.kaspersky.com/services/subscription/2.0/"
ACTION = "http://schemas.kaspersky.com/services/subscription/subscriptionRequest"
DECLARATIONS = ("<!DOCTYPE", "<!ENTITY")


class NotXml(ValueError):
    """The bytes are no envelope that is safe and whole; the message says why."""


def service_element(name: str, text: str = "", **attributes: str) -> etree._Element:
    """An element of the service. ValueError for characters that XML cannot carry."""
    element = etree.Element(f"{{{SERVICE}}}{name}", attributes, nsmap={"kss": SERVICE})
    if text:
        element.text = text
    return element


def build_envelope(*, header: etree._Element, content: etree._Element) -> bytes:
    """Header and content in an envelope; the same elements give the same bytes."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP, "kss": SERVICE})
    etree.SubElement(envelope, f"{{{SOAP}}}Header").append(header)
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(content)
    etree.cleanup_namespaces(envelope)
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def open_envelope(content: bytes) -> etree._Element:
    """The one element in the body. NotXml for anything else, however it was made."""
    envelope = _parsed(content)
    bodies = envelope.findall(f"{{{SOAP}}}Body")
    if envelope.tag != f"{{{SOAP}}}Envelope" or len(bodies) != 1 or len(bodies[0]) != 1:
        raise NotXml("the body is no SOAP envelope with one content")
    return bodies[0][0]


def _parsed(content: bytes) -> etree._Element:
    if any(declaration in _text(content) for declaration in DECLARATIONS):
        raise NotXml("the body declares a document type or an entity")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.LxmlError, ValueError):
        raise NotXml("the body is no XML") from None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise NotXml("the body is not UTF-8") from None
