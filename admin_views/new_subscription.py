"""New Subscription: the form of an order, its live parts, and Create."""

from flask import redirect, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from access import Permission
from admin_views import order_form
from admin_views.customer_fields import blame
from admin_views.figures import day_and_time
from admin_views.order_form import OrderForm
from admin_views.shell import Group, Place, Screen, current_actor, house, moment
from admin_views.typed_values import WrongValue, typed_quantity
from jobs.dispatch import wake
from licensing.search_key import search_key
from models import Command
from operations.customers import checked_details
from operations.order_subscription import Order, order_subscription
from operations.record_refusals import FieldsRefused
from operations.refusals import CustomerTwin, FieldRefused, NotFound
from queries.listing import as_id
from queries.order_choices import failed_order, order_of_form

Answer = Response | tuple[str, int] | str


class NewSubscriptionView(Screen, BaseView):
    """The screen behind the first entry of the menu."""

    place = Place(Group.SUBSCRIPTIONS, 1)
    permission = Permission.RUN_COMMANDS

    def __init__(self) -> None:
        super().__init__(name=_l("New Subscription"), endpoint="new_subscription", url="/subscriptions/new")

    @expose("/")
    def index(self) -> Answer:
        form = OrderForm(formdata=None)
        key = request.args.get("form")
        form.key.data = key if order_form.is_key(key) else order_form.fresh_key()
        sent = order_of_form(order_form.request_key(form), actor=current_actor())
        _start(form, sent=sent)
        return self._page(form, sent=sent)

    @expose("/", methods=("POST",))
    def order(self) -> Answer:
        form = OrderForm()
        if request.form.get("meant"):
            _choose(form, request.form["meant"])
            return self._page(form)
        command = _place(form)
        if command is None:
            return self._page(form), 422
        wake(command.id, redis_url=house().config.redis_url)
        return redirect(url_for("subscriptions.edit_view", id=command.subscription_id, command=command.id), 303)

    @expose("/customer/", methods=("POST",))
    def customer(self) -> Answer:
        form = OrderForm()
        _choose(form, request.form.get("meant", ""))
        order_form.offer_resellers(form)
        panel = order_form.customer_panel(form)
        return self.render("subscriptions/order_customer.html", panel=panel, has_answered="meant" in request.form)

    @expose("/twin/", methods=("POST",))
    def twin(self) -> Answer:
        form = OrderForm()
        return self.render("subscriptions/order_twin.html", twin=order_form.twin_of(form, actor=current_actor()))

    @expose("/amounts/")
    def amounts(self) -> Answer:
        form = OrderForm(formdata=request.args)
        return self.render("subscriptions/order_amounts.html", amounts=order_form.amounts(form), is_live=True)

    def _page(self, form: OrderForm, *, sent: Command | None = None) -> str:
        order_form.offer_resellers(form)
        order_form.offer_products(form)
        return self.render(
            "subscriptions/new.html",
            form=form,
            panel=order_form.customer_panel(form),
            amounts=order_form.amounts(form),
            sent=sent,
            sent_at="" if sent is None else day_and_time(sent.requested_at),
        )


def _start(form: OrderForm, *, sent: Command | None) -> None:
    """Fill the form from the order that it made already, or from a refused one that is ordered again."""
    again = failed_order(as_id(request.args.get("again")), actor=current_actor())
    source = sent.subscription if sent is not None else again
    if source is not None:
        form.reseller.data = str(source.reseller_id)
        form.customer.data = str(source.customer_id)
        form.product.data = str(source.product_id)
        form.quantity.data = str(source.quantity)


def _choose(form: OrderForm, meant: str) -> None:
    """Take what was answered about a namesake: the existing customer of that id, or a new one of that very name."""
    if meant == "new":
        form.named_apart.data = search_key(form.company_name.data or "")
    elif as_id(meant) is not None:
        form.customer.data = meant


def _place(form: OrderForm) -> Command | None:
    """The order's command; None when something is wrong, which then stands beside the fields."""
    order = _checked(form)
    if order is None:
        return None
    try:
        return order_subscription(order, actor=current_actor(), moment=moment())
    except FieldRefused as refused:
        blame(form, {refused.field: refused.reason}, else_at="quantity")
    except NotFound:
        blame(form, {"reseller": _("Select a reseller from the list.")})
    except CustomerTwin:
        form.company_name.errors = [_("A customer of this name exists already. Which is meant?")]
    return None


def _checked(form: OrderForm) -> Order | None:
    """What was typed as an order, every field judged at once."""
    form.validate()
    order_form.offer_products(form)
    quantity = _quantity(form)
    picked = form.customer_id
    details = None
    if form.reseller_id is None:
        blame(form, {"reseller": _("Select a reseller from the list.")})
    if not order_form.is_offered(form.product):
        blame(form, {"product": _("Select a product from the list.")})
    if picked is None:
        try:
            details = checked_details(form.details())
        except FieldsRefused as refused:
            blame(form, refused.problems)
    if not order_form.is_key(form.key.data):
        form.key.data = order_form.fresh_key()
    if form.errors or quantity is None or form.reseller_id is None or form.product_id is None:
        return None
    return Order(
        request_key=order_form.request_key(form),
        reseller_id=form.reseller_id,
        product_id=form.product_id,
        quantity=quantity,
        customer_id=picked,
        details=details,
        is_new_customer_meant=form.is_new_customer_meant,
    )


def _quantity(form: OrderForm) -> int | None:
    """The seats; what is wrong with them stands beside the field."""
    reason = order_form.amounts(form).reason
    try:
        quantity = typed_quantity(form.quantity.data)
    except WrongValue:
        quantity = None
    if reason:
        blame(form, {"quantity": reason})
    elif quantity is None:
        blame(form, {"quantity": _("Enter the number of seats.")})
    return quantity
