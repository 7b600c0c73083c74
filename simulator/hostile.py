"""Bodies made to harm or to mislead whoever reads them, on either wire. Pure."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

HUGE_BYTES = 10_000_000
DEPTH = 100_000
STRANGE_ID = "\N{RIGHT-TO-LEFT OVERRIDE}../../" + "9" * 200
ID_NAMES = ("SubscriptionId", "ActivationCode", "SubscriberId", "UnitId", "Reference", "TransactionId")


class Form(StrEnum):
    """What is wrong with the body."""

    HUGE = "huge"
    DEEP = "deep"
    EMPTY = "empty"
    HTML = "html"
    DOUBLED = "doubled"
    INVALID_UTF8 = "invalid_utf8"
    WRONG_TYPES = "wrong_types"
    WRONG_IDS = "wrong_ids"
    ANOTHER_ANSWER = "another_answer"
    DOCTYPE = "doctype"
    ENTITIES = "entities"
    EXTERNAL_ENTITY = "external_entity"


BILLION = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
EXTERNAL = '<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;'
DOCTYPES = {
    Form.DOCTYPE: '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/evil.dtd">',
    Form.ENTITIES: f"<!DOCTYPE x [<!ENTITY e0 'ha'>{BILLION}<!ENTITY e '&e11;'>]>",
    Form.EXTERNAL_ENTITY: f"<!DOCTYPE x [{EXTERNAL}]>",
}


def mislead(form: Form, body: Mapping[str, Any], *, is_soap: bool) -> dict[str, Any]:
    """The answer with other values in it, where the form is about values; SOAP knows no type but text."""
    if form is Form.WRONG_TYPES:
        return {name: _other_type(value, is_soap=is_soap) for name, value in body.items()}
    if form is Form.WRONG_IDS:
        return {name: _other_ids(name, value) for name, value in body.items()}
    return dict(body)


def _other_type(value: Any, *, is_soap: bool) -> Any:
    if isinstance(value, str):
        return "%x" if is_soap else [value]
    if isinstance(value, list):
        return [_other_type(inner, is_soap=is_soap) for inner in value]
    if isinstance(value, dict):
        return {
            name: inner if name == "Operation" else _other_type(inner, is_soap=is_soap) for name, inner in value.items()
        }
    return "%x"


def _other_ids(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_other_ids(name, inner) for inner in value]
    if isinstance(value, dict):
        return {key: _other_ids(key, inner) for key, inner in value.items()}
    return STRANGE_ID if name in ID_NAMES else value


def spoil(form: Form, content: bytes) -> bytes:
    """The bytes of an answer, made hostile where the form is about bytes."""
    is_xml = content.lstrip().startswith(b"<")
    if form in DOCTYPES:
        return _with_doctype(DOCTYPES[form], content if is_xml else b"<x></x>")
    place = b"</" if is_xml else b":"
    spoilt: dict[Form, Callable[[], bytes]] = {
        Form.HUGE: lambda: content + b" " * HUGE_BYTES,
        Form.DEEP: lambda: (b"<a>" if is_xml else b"[") * DEPTH,
        Form.EMPTY: lambda: b"",
        Form.HTML: lambda: b"<html><body>It works!</body></html>",
        Form.DOUBLED: lambda: content + content,
        Form.INVALID_UTF8: lambda: content.replace(place, b"\xff\xfe" + place, 1),
    }
    make = spoilt.get(form)
    return content if make is None else make()


def _with_doctype(doctype: str, content: bytes) -> bytes:
    """The document after its declaration, with the entity where it will be read."""
    inner = re.sub(rb"\A<\?xml[^>]*\?>\s*", b"", content)
    used = inner if doctype == DOCTYPES[Form.DOCTYPE] else inner.replace(b"</", b"&e;</", 1)
    return b"<?xml version='1.0' encoding='utf-8'?>" + doctype.encode() + used
