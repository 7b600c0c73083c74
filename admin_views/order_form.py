"""The form of New Subscription and what its panels show: the customer to pick or to enter, and what the order costs."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField

from access import Actor
from admin_views import figures
from admin_views.cheaper import Cheaper, cheaper_words
from admin_views.customer_fields import CustomerFields, Required, ShownDetail, named, shown_details
from admin_views.shell import current_actor, moment
from admin_views.typed_values import WrongValue, typed_quantity
from licensing.impact import Impact
from licensing.month_impact import MonthChange
from licensing.pricing import Band, NoPriceList, quantity_limits
from licensing.search_key import search_key
from models import Customer
from queries.licences import details_of
from queries.listing import as_id
from queries.order_choices import customer_choices, customer_to_pick, namesake
from queries.prices import bands_of_product, products_for_sale, resellers_for_choice
from queries.quote import plan_order


class OrderForm(CustomerFields):
    """The customer's twelve fields, the product and the seats. key makes a second click the same order."""

    key = HiddenField()
    named_apart = HiddenField()
    reseller = SelectField(_l("Reseller"), [Required()], validate_choice=False)
    find = StringField(_l("Find customer"))
    customer = SelectField(_l("Existing customer"), validate_choice=False)
    product = SelectField(_l("Select product"), [Required()], validate_choice=False)
    quantity = StringField(_l("Quantity"), [Required()])

    @property
    def reseller_id(self) -> int | None:
        """The reseller that is ordered for: one's own, or the one that the distributor selected."""
        own = current_actor().reseller_id
        return as_id(self.reseller.data) if own is None else own

    @property
    def product_id(self) -> int | None:
        """The product that was selected."""
        return as_id(self.product.data)

    @property
    def customer_id(self) -> int | None:
        """The customer that was picked."""
        return as_id(self.customer.data)

    @property
    def is_new_customer_meant(self) -> bool:
        """Whether the person said of this very name that a new customer is meant."""
        key = search_key(self.company_name.data or "")
        return bool(key) and self.named_apart.data == key


def fresh_key() -> str:
    """A request key for a form that is shown for the first time."""
    return str(uuid4())


def is_key(text: str | None) -> bool:
    """Whether the text can be a request key of ours."""
    try:
        return str(UUID(text or "")) == text
    except ValueError:
        return False


def request_key(form: OrderForm) -> str:
    """The key under which the order is kept: an address with a form's key may be passed on to somebody else."""
    return f"{form.key.data}:{current_actor().user_id}"


@dataclass(frozen=True, slots=True)
class CustomerPanel:
    """Customer Details: what can be picked, what is picked (its details are locked), whose name a new one shares."""

    form: OrderForm
    picked: dict[str, ShownDetail] | None
    twin: Customer | None
    has_more: bool
    offers_reseller: bool


def customer_panel(form: OrderForm) -> CustomerPanel:
    """The panel for what was selected and typed."""
    actor = current_actor()
    choices, has_more = customer_choices(form.reseller_id, name_contains=form.find.data or "", actor=actor)
    picked = customer_to_pick(form.customer_id, reseller_id=form.reseller_id, actor=actor)
    listed = {choice.id: str(choice) for choice in choices}
    if picked is not None:
        listed.setdefault(picked.id, picked.company_name)
    form.customer.choices = [("", _("none, a new one")), *named(listed.items())]
    form.customer.data = "" if picked is None else str(picked.id)
    return CustomerPanel(
        form=form,
        picked=None if picked is None else shown_details(details_of(picked)),
        twin=None if picked is not None else twin_of(form, actor=actor),
        has_more=has_more or bool(form.find.data),
        offers_reseller=actor.reseller_id is None,
    )


def twin_of(form: OrderForm, *, actor: Actor) -> Customer | None:
    """The customer whose name a new one shares, until the person has said that a new one is meant."""
    if form.is_new_customer_meant:
        return None
    return namesake(form.company_name.data or "", reseller_id=form.reseller_id, actor=actor)


def offer_products(form: OrderForm) -> None:
    """Fill the choice of a product with those that have prices this month."""
    form.product.choices = [("", _("Select…")), *named(products_for_sale(month=moment().month))]


def is_offered(field: SelectField) -> bool:
    """Whether one of the field's choices was taken."""
    return bool(field.data) and any(key == field.data for key, _label in field.choices)


def offer_resellers(form: OrderForm) -> None:
    """Fill the distributor's choice of a reseller."""
    form.reseller.choices = [("", _("Select…")), *named(resellers_for_choice(actor=current_actor()))]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the typed quantity costs, as text; reason says why there is nothing to show."""

    sku: str = figures.NONE
    list_price: str = figures.NONE
    end_user: str = figures.NONE
    discount: str = figures.NONE
    reseller: str = figures.NONE
    months: list[tuple[str, str]] = field(default_factory=list)
    cheaper: Cheaper | None = None
    limits: str = ""
    order: str = ""
    reason: str = ""


def amounts(form: OrderForm) -> Amounts:
    """The figures of Product Details for what is selected and typed now."""
    bands = _bands(form)
    limits = _limits(bands)
    try:
        quantity = typed_quantity(form.quantity.data)
    except WrongValue as wrong:
        return Amounts(limits=limits, reason=str(wrong))
    if form.product_id is None or not bands or quantity is None:
        return Amounts(limits=limits)
    planned = plan_order(
        form.product_id,
        reseller_id=form.reseller_id or 0,
        quantity=quantity,
        actor=current_actor(),
        moment=moment(),
    )
    if isinstance(planned, Impact):
        return _shown(planned, bands=bands, limits=limits, has_reseller=form.reseller_id is not None)
    return Amounts(limits=limits, reason=figures.said(planned.reason))


def _bands(form: OrderForm) -> tuple[Band, ...]:
    if form.product_id is None:
        return ()
    try:
        return bands_of_product(form.product_id, month=moment().month)
    except NoPriceList:
        return ()


def _limits(bands: tuple[Band, ...]) -> str:
    if not bands:
        return ""
    lowest, highest = quantity_limits(bands)
    return _("from %(lowest)s to %(highest)s", lowest=figures.number(lowest), highest=figures.number(highest))


def _shown(impact: Impact, *, bands: tuple[Band, ...], limits: str, has_reseller: bool) -> Amounts:
    after, rate = impact.after, impact.after.rate
    if rate is None:
        return Amounts(limits=limits)
    return Amounts(
        sku=rate.sku_code,
        list_price=figures.euros(rate.price_cents),
        end_user=figures.euros(after.end_user_cents),
        discount=figures.percent(rate.discount_basis_points) if has_reseller else figures.NONE,
        reseller=figures.euros(after.fee_cents) if has_reseller else figures.NONE,
        months=_months(impact) if has_reseller else [],
        cheaper=cheaper_words(impact, bands=bands),
        limits=limits,
        order=_(
            "Create orders %(seats)s for this customer from the vendor, once.", seats=figures.seats(after.quantity)
        ),
    )


def _months(impact: Impact) -> list[tuple[str, str]]:
    this, following = impact.this_month, impact.next_month
    return [
        (_("%(month)s, the first month", month=figures.month_and_year(this.month)), month_price(this)),
        (_("Each month from %(month)s", month=figures.month_and_year(following.month)), month_price(following)),
    ]


def month_price(change: MonthChange) -> str:
    """What the reseller pays in a month: an amount, or free."""
    return figures.euros(change.after.fee_cents) if change.after.use.is_charged else _("free")
