"""The demo book in the bound database with its whole history, and how tests speak of its resellers and instants."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from licensing.moment import Moment
from models import Customer, Product, Reseller, Sku
from operations.load_demo import load_demo

ZONE = ZoneInfo("Europe/Belgrade")
FOLDER = Path(__file__).resolve().parents[1] / "demo"


def local(text: str) -> datetime:
    """An instant of the book's zone, such as 2017-07-22T12:00."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def load_book() -> None:
    """Load it; a report says by its as of instant how much of it counts."""
    now = local("2017-08-23T16:00")
    load_demo(FOLDER, password="a demo pass phrase", moment=Moment(now, now, ZONE))


def reseller_id(name: str = "Bluth Company") -> int:
    return Reseller.get(Reseller.name == name).id


def customer_id(name: str) -> int:
    return Customer.get(Customer.company_name == name).id


def product_id(code: str) -> int:
    return Product.get(Product.code == code).id


def sku_id(code: str) -> int:
    return Sku.get(Sku.code == code).id
