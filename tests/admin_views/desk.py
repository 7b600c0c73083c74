"""A small desk for tests of screens: two resellers, somebody of every role, a product and what each reseller sold."""

import csv
import io
import zipfile
from dataclasses import dataclass

from werkzeug.test import TestResponse

from access import Role
from models import Customer, Product, Reseller, Subscription, User
from tests.small_book import add_customer, add_product, add_reseller, add_subscription, add_user

HOSTILE = '<script>alert("x")</script>'
FORMULA = '=HYPERLINK("http://evil.example","x")'
CANARY = "Kanarinac Sitwell d.o.o."


@dataclass
class Desk:
    """bluth and sitwell know nothing of each other; the customers and licences are theirs."""

    bluth: Reseller
    sitwell: Reseller
    product: Product
    tunel: Customer
    canary: Customer
    licence: Subscription
    foreign_licence: Subscription
    people: dict[str, User]


def set_up() -> Desk:
    """Write the desk into the bound database."""
    bluth, sitwell = add_reseller(), add_reseller("Sitwell Enterprises", discount=1800)
    product = add_product()
    tunel = add_customer("Tunel d.o.o.", reseller=bluth, city="Sarajevo", country="BA")
    canary = add_customer(CANARY, reseller=sitwell, city="Ljubljana", country="SI")
    people = {
        "admin": add_user("admin", role=Role.DISTRIBUTOR_ADMIN),
        "ops": add_user("ops", role=Role.DISTRIBUTOR_OPERATOR, name="Radomir", surname="Ljubojević"),
        "audit": add_user("audit", role=Role.AUDITOR),
        "blake": add_user("blake", role=Role.RESELLER_ADMIN, reseller=bluth),
        "john": add_user("john", reseller=bluth),
        "stan": add_user("stan", reseller=sitwell, name="Stanislav Kanarinac"),
    }
    return Desk(
        bluth=bluth,
        sitwell=sitwell,
        product=product,
        tunel=tunel,
        canary=canary,
        licence=add_subscription(tunel, product=product, user=people["blake"]),
        foreign_licence=add_subscription(canary, product=product, user=people["stan"]),
        people=people,
    )


def text(answer: TestResponse) -> str:
    """The body as text."""
    return answer.get_data(as_text=True)


def csv_rows(answer: TestResponse, *, delimiter: str = ",") -> list[list[str]]:
    """The lines of a CSV answer, header included; the byte order mark must be there."""
    body = answer.get_data()
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def sheet_xml(answer: TestResponse) -> str:
    """Everything in the parts of an XLSX answer, unpacked."""
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as packed:
        return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
