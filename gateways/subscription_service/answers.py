"""What the service says back: a container read into what it holds about our one item. Pure.

Values are taken from attributes and from elements alike, as public clients show only the requests. An answer that does
not plainly speak of our item is unreadable, whatever else it says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree

from gateways.subscription_service.envelope import SERVICE, SOAP, NotXml, open_envelope
from gateways.subscription_service.messages import INDEFINITE, Item

OPERATIONS = frozenset({"Activate", "Renew", "SoftCancel", "HardCancel", "Pause", "Resume", "GetInfo"})
FAULT = f"{{{SOAP}}}Fault"
MAX_CODE = 60
MAX_MESSAGE = 1_000


class AnswerUnreadable(ValueError):
    """The answer is not what the service is known to say."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the service's table, for our item or for the whole batch, word for word."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Done:
    """Our item succeeded; values are what the service says about it. stated_at is the time of the answer."""

    values: Mapping[str, str]
    stated_at: datetime | None


def read_answer(content: bytes, item: Item) -> Done | Refusal:
    """What the service says of our item. AnswerUnreadable where it says nothing, two things, or speaks of another."""
    container = _container(content)
    if _text(container, "TransactionId") not in {None, item.transaction_id}:
        raise AnswerUnreadable("the answer is about another transaction")
    errors, done, refused = (
        container.findall(f"{{*}}{name}") for name in ("TransactionError", "SubscriptionResponse", "SubscriptionError")
    )
    if errors:
        return _transaction_error(errors, is_alone=not (done or refused))
    ours_done, ours_refused = list(_entries(done, item)), list(_entries(refused, item))
    if len(ours_done) + len(ours_refused) != 1:
        raise AnswerUnreadable("the answer does not say what became of our item")
    if ours_refused:
        return _refusal(ours_refused[0])
    return Done(values=ours_done[0], stated_at=read_instant(_text(container, "Timestamp")))


def read_fault(content: bytes) -> Refusal | None:
    """A SOAP fault, None where the body holds something else. AnswerUnreadable where it is no envelope."""
    told = _opened(content)
    if told.tag != FAULT:
        return None
    code, message = told.findtext("faultcode") or "Fault", told.findtext("faultstring") or ""
    return Refusal(code=code[:MAX_CODE], message=message[:MAX_MESSAGE])


def _opened(content: bytes) -> etree._Element:
    try:
        return open_envelope(content)
    except NotXml as not_xml:
        raise AnswerUnreadable(str(not_xml)) from None


def _container(content: bytes) -> etree._Element:
    told = _opened(content)
    if told.tag == FAULT:
        raise AnswerUnreadable("the service reports a fault")
    if told.tag != f"{{{SERVICE}}}SubscriptionResponseContainer":
        raise AnswerUnreadable("the body is no answer of this service")
    return told


def _text(container: etree._Element, name: str) -> str | None:
    found = [element.text or "" for element in container.iterfind(f"{{*}}{name}")]
    if len(found) > 1:
        raise AnswerUnreadable(f"the answer has several {name}")
    return found[0].strip() if found else None


def _transaction_error(errors: list[etree._Element], *, is_alone: bool) -> Refusal:
    if len(errors) > 1 or not is_alone:
        raise AnswerUnreadable("the answer says two things")
    return _refusal(_values(errors[0]))


def _entries(collections: list[etree._Element], item: Item) -> Iterator[dict[str, str]]:
    for collection in collections:
        for entry in collection:
            values = _values(entry)
            if values.get("UnitId") == item.unit_id:
                _require_about(entry, values, item)
                yield values


def _require_about(entry: etree._Element, values: Mapping[str, str], item: Item) -> None:
    named = etree.QName(entry).localname
    is_other = named in OPERATIONS and named != item.operation
    if is_other or values.get("SubscriberId", item.subscriber_id) != item.subscriber_id:
        raise AnswerUnreadable("the answer is about another licence or command")


def _values(element: etree._Element) -> dict[str, str]:
    """Attributes and elements below, by their names; a name that has two values is no answer."""
    values: dict[str, str] = {}
    for part in element.iter():
        own = {str(name): str(value) for name, value in part.attrib.items() if not str(name).startswith("{")}
        if part is not element and not len(part) and not own:
            own = {etree.QName(part).localname: (part.text or "").strip()}
        for name, value in own.items():
            if values.setdefault(name, value) != value:
                raise AnswerUnreadable(f"the answer gives two values for {name[:MAX_CODE]}")
    return values


def _refusal(values: Mapping[str, str]) -> Refusal:
    code = values.get("ErrorCode", "")
    if not code:
        raise AnswerUnreadable("the error has no ErrorCode")
    return Refusal(code=code[:MAX_CODE], message=values.get("ErrorMessage", "")[:MAX_MESSAGE])


def read_instant(text: str | None) -> datetime | None:
    """An instant in UTC; None for what is none, or has no offset: a time that is not stated spoils no answer."""
    try:
        instant = datetime.fromisoformat(text or "")
        return instant.astimezone(UTC) if instant.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def read_end(values: Mapping[str, str]) -> date | None:
    """EndTime: the last day of use as it is written, None for indefinite. AnswerUnreadable where it is missing."""
    text = values.get("EndTime", "")
    if text == INDEFINITE:
        return None
    try:
        last_day = date.fromisoformat(text[:10])
    except ValueError:
        raise AnswerUnreadable("the answer has no EndTime") from None
    if last_day == date.max:
        raise AnswerUnreadable("the EndTime has no day after it")
    return last_day


def read_code(values: Mapping[str, str]) -> str:
    """ActivationCode. AnswerUnreadable where it is missing, or no code that can be kept."""
    code = values.get("ActivationCode", "")
    if not (1 <= len(code) <= MAX_CODE and code.isascii() and code.isprintable()):
        raise AnswerUnreadable("the answer has no ActivationCode")
    return code


def read_count(values: Mapping[str, str]) -> int:
    """LicenseCount, the number of seats. AnswerUnreadable where it is missing or no number."""
    text = values.get("LicenseCount", "")
    if not (text.isascii() and text.isdigit() and len(text) <= len("999999999")):
        raise AnswerUnreadable("the answer has no LicenseCount")
    return int(text)
