"""All that a subscription's page shows, put together for its templates."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from access import Permission
from admin_views import figures
from admin_views.command_form import CommandForm, Conflict
from admin_views.command_words import Words
from admin_views.customer_fields import shown_details
from admin_views.impact_card import ImpactCard
from admin_views.order_form import fresh_key
from admin_views.presenters import Badge, licence_badge
from admin_views.shell import current_actor, moment
from admin_views.subscription_face import difference, next_date, progress, toolbar, undo
from admin_views.subscription_history import message, request_lines, timeline
from admin_views.subscription_months import month_panel
from licensing.impact import standing
from licensing.states import CommandKind, OrderState
from models import Customer
from queries.subscription_page import SubscriptionPage


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that is being asked for: its words, the form, what it would do, and what stands in the way.

    impossible is why it cannot be sent whatever is typed; refused is why it was not sent just now.
    """

    kind: CommandKind
    words: Words
    form: CommandForm
    card: ImpactCard
    limits: str = ""
    months: str = ""
    reach: str = ""
    impossible: str = ""
    refused: str = ""
    conflict: Conflict | None = None
    twin: Customer | None = None

    @property
    def takes_quantity(self) -> bool:
        """Whether seats are typed."""
        return self.kind in {CommandKind.MODIFY_QUANTITY, CommandKind.RECREATE}

    @property
    def takes_month(self) -> bool:
        """Whether an expiration month is typed."""
        return self.kind in {CommandKind.RENEW, CommandKind.REDUCE, CommandKind.RECREATE}


@dataclass(frozen=True, slots=True)
class ProductDetails:
    """The lines of Product Details as text; an id that is still to come is empty."""

    name: str
    quantity: str
    sku: str
    list_price: str
    end_user: str
    discount: str
    reseller: str
    subscription_id: str
    activation_code: str
    code_address: str
    last_request: str
    expiration: str
    status: str


def page_parts(page: SubscriptionPage, *, followed: int | None = None, asked: Asked | None = None) -> dict[str, Any]:
    """What the page's templates show. followed is the command whose result is told; asked unlocks the panels."""
    actor = current_actor()
    subscription, waiting = page.subscription, page.open_command
    if followed is None and waiting is not None and waiting.requested_by_id == actor.user_id:
        followed = waiting.id
    badge = licence_badge(page.holding.licence, None if waiting is None else waiting.state)
    return {
        "pk": subscription.id,
        "company_name": subscription.customer.company_name,
        "badge": badge,
        "subtitle": _subtitle(page),
        "toolbar": toolbar(page, actor=actor),
        "progress": progress(page),
        "followed": followed,
        "seen": _seen(page),
        "undo": undo(page, actor=actor),
        "difference": difference(page, actor=actor),
        "again_address": _again_address(page),
        "months": month_panel(page),
        "next_date": next_date(page),
        "details": shown_details(page.wanted),
        "product": _product_details(page, badge),
        "requests": request_lines(page),
        "timeline": timeline(page),
        "message": message(page, followed),
        "asked": asked,
        "key": fresh_key(),
        "version": subscription.version,
    }


def _subtitle(page: SubscriptionPage) -> str:
    subscription = page.subscription
    return f"{subscription.product.name} · {figures.seats(subscription.quantity)} · {subscription.reseller.name}"


def _seen(page: SubscriptionPage) -> str:
    """What tells one state of the page from the next."""
    waiting = page.open_command
    versions = f"{page.subscription.version}.{page.subscription.customer.version}.{len(page.requests)}"
    return versions if waiting is None else f"{versions}.{waiting.id}.{waiting.state}.{waiting.attempt}"


def _again_address(page: SubscriptionPage) -> str:
    """Where a refused order is ordered again, for whoever may."""
    is_refused = page.subscription.order_state == OrderState.FAILED
    if not is_refused or not current_actor().may(Permission.RUN_COMMANDS):
        return ""
    return url_for("new_subscription.index", again=page.subscription.id)


def _product_details(page: SubscriptionPage, badge: Badge) -> ProductDetails:
    subscription = page.subscription
    held = standing(page.holding.licence, tariff=page.holding.tariff, now=moment().now, zone=moment().zone)
    has_code = bool(subscription.activation_code)
    return ProductDetails(
        name=subscription.product.name,
        quantity=figures.number(subscription.quantity),
        sku=subscription.sku.code if held.rate is None else held.rate.sku_code,
        list_price=figures.euros(None if held.rate is None else held.rate.price_cents),
        end_user=figures.euros(held.end_user_cents),
        discount=figures.percent(None if held.rate is None else held.rate.discount_basis_points),
        reseller=figures.euros(held.fee_cents),
        subscription_id=subscription.subscription_id or "",
        activation_code=subscription.activation_code or "",
        code_address=url_for("subscriptions.activation_code", id=subscription.id) if has_code else "",
        last_request=subscription.last_request,
        expiration=figures.expiration(subscription.expires_on) if has_code else figures.NONE,
        status=badge.label,
    )
