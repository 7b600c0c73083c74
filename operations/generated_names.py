"""Invented resellers, companies and towns for a generated book: names with accents, as the region has them."""

from dataclasses import dataclass
from random import Random

from licensing.commands import CustomerDetails

_KINDS = (
    *("Apoteka", "Auto kuća", "Biro", "Bolnica", "Elektro", "Farma", "Gimnazija", "Građevinar", "Hotel", "Knjižara"),
    *("Laboratorija", "Mlekara", "Notar", "Osiguranje", "Pekara", "Pivara", "Poliklinika", "Prerada voća", "Prevoz"),
    *("Printer", "Servis", "Staklara", "Štamparija", "Tekstil", "Trgovina", "Vinarija", "Vrtić", "Zadruga", "Zubar"),
)
_OWNERS = (
    *("Babić", "Čolić", "Ćosić", "Đorđević", "Golub", "Horvat", "Ivanović", "Jović", "Kovačević", "Lazić", "Lukić"),
    *("Marić", "Marković", "Nikolić", "Novak", "Pavlović", "Perić", "Petrović", "Popović", "Radić", "Savić", "Šarić"),
    *("Tadić", "Tomić", "Vasić", "Vuković", "Zorić", "Žunić", "Alagić", "Begić", "Dizdar", "Hadžić", "Mujić"),
)
_FORMS = ("d.o.o.", "d.o.o.", "d.o.o.", "a.d.", "d.d.", "j.d.o.o.", "")
_TOWNS = (
    *(("Beograd", "11000", "RS"), ("Novi Sad", "21000", "RS"), ("Niš", "18000", "RS"), ("Čačak", "32000", "RS")),
    *(("Kruševac", "37000", "RS"), ("Sarajevo", "71000", "BA"), ("Mostar", "88000", "BA"), ("Tuzla", "75000", "BA")),
    *(("Banja Luka", "78000", "BA"), ("Doboj", "74000", "BA"), ("Zagreb", "10000", "HR"), ("Rijeka", "51000", "HR")),
    *(("Šibenik", "22000", "HR"), ("Osijek", "31000", "HR"), ("Ljubljana", "1000", "SI"), ("Maribor", "2000", "SI")),
    *(("Podgorica", "81000", "ME"), ("Nikšić", "81400", "ME"), ("Skopje", "1000", "MK"), ("Bitola", "7000", "MK")),
)
_STREETS = ("Drinska ulica", "Obala", "Milana Rakića", "Ilica", "Dunajska cesta", "Cara Dušana", "Kralja Tvrtka")
_SELLERS = ("Adria", "Balkan", "Drina", "Dunav", "Jadran", "Morava", "Neretva", "Sava", "Tisa", "Vardar")
_TRADES = ("Distribucija", "Informatika", "Licence", "Mreže", "Sistemi", "Softver", "Sigurnost", "Tehnika")


@dataclass(frozen=True, slots=True)
class Seller:
    """An invented reseller: its name, what the vendor knows it by, and the user name of its one person."""

    name: str
    vendor_pin: str
    username: str


def seller(number: int) -> Seller:
    """The invented reseller of that number, from 1; the same number is always the same."""
    word, trade = _SELLERS[(number - 1) % len(_SELLERS)], _TRADES[(number - 1) // len(_SELLERS) % len(_TRADES)]
    return Seller(f"{word} {trade} {number}", f"GENER{number:03d}", f"{word.lower()}{number}")


def company(random: Random) -> CustomerDetails:
    """An invented customer."""
    kind, owner, form = random.choice(_KINDS), random.choice(_OWNERS), random.choice(_FORMS)
    city, post_code, country = random.choice(_TOWNS)
    street, number = random.choice(_STREETS), random.randint(1, 250)
    return CustomerDetails(
        company_name=f"{kind} {owner} {form}".strip(),
        country=country,
        address_line_1=f"{street} {number}",
        city=city,
        post_code=post_code,
        email=f"office{number}@customer.example",
        phone=f"0{random.randint(10, 99)} {random.randint(100, 999)} {random.randint(100, 999)}",
        contact_person=f"{random.choice(('Ana', 'Marko', 'Mirsad', 'Petra', 'Željko'))} {owner}",
    )
