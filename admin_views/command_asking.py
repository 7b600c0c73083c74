"""A command as it is asked for: the form with what it would do. Nothing here writes or calls anybody."""

from flask_babel import gettext as _

from admin_views import figures
from admin_views.command_form import DATED_KINDS, CommandForm, Conflict, read_typed
from admin_views.command_words import UNLOCKING, WORDS
from admin_views.impact_card import ImpactCard, impact_card
from admin_views.shell import current_actor, moment
from admin_views.subscription_face import impossible_now
from admin_views.subscription_parts import Asked
from licensing.expiration import legal_months
from licensing.impact import Impact, Proposal, plan_command
from licensing.lifecycle import QUANTITY_KINDS
from licensing.pricing import Band, NoPriceList, price_table_for, quantity_limits
from licensing.states import CommandKind
from models import Customer
from queries.subscription_page import DetailsReach, SubscriptionPage, details_reach


def ask(
    page: SubscriptionPage,
    kind: CommandKind,
    form: CommandForm,
    *,
    refused: str = "",
    conflict: Conflict | None = None,
    twin: Customer | None = None,
) -> Asked:
    """The command with the values of the form; refused, conflict and twin say why it was not sent."""
    return Asked(
        kind=kind,
        words=WORDS[kind],
        form=form,
        card=card(page, kind, form),
        limits=_limits(page) if kind in QUANTITY_KINDS else "",
        months=_months(page, kind) if kind in DATED_KINDS else "",
        reach=_reach(page, kind) if kind in UNLOCKING else "",
        refused=refused,
        impossible=impossible_now(page, kind),
        conflict=conflict,
        twin=twin,
    )


def card(page: SubscriptionPage, kind: CommandKind, form: CommandForm) -> ImpactCard:
    """What the command would do with the values of the form, or why it cannot be sent with them."""
    typed = read_typed(form, kind)
    if typed.wrong:
        return ImpactCard(reason=" ".join(typed.wrong.values()))
    proposal = Proposal(kind, quantity=typed.quantity, expires_on=typed.expires_on)
    planned = plan_command(proposal, page.holding, now=moment().now, zone=moment().zone)
    if isinstance(planned, Impact):
        return impact_card(planned, bands=_bands(page))
    return ImpactCard(reason=figures.said(planned.reason))


def _bands(page: SubscriptionPage) -> tuple[Band, ...]:
    try:
        return price_table_for(page.holding.tariff.price_tables, moment().month).bands
    except NoPriceList:
        return ()


def _limits(page: SubscriptionPage) -> str:
    now = figures.number(page.holding.licence.quantity)
    bands = _bands(page)
    if not bands:
        return _("now %(quantity)s", quantity=now)
    lowest, highest = map(figures.number, quantity_limits(bands))
    return _("now %(quantity)s · from %(lowest)s to %(highest)s", quantity=now, lowest=lowest, highest=highest)


def _months(page: SubscriptionPage, kind: CommandKind) -> str:
    months = legal_months(kind, page.holding.licence, now=moment().now, zone=moment().zone)
    if months is None:
        return ""
    if kind is CommandKind.REDUCE and page.holding.licence.expires_on is not None:
        return _("from %(earliest)s to %(latest)s", earliest=months.earliest, latest=months.latest)
    return _("such as 2018-12, from %(earliest)s on", earliest=months.earliest)


def _reach(page: SubscriptionPage, kind: CommandKind) -> str:
    reach = details_reach(page, actor=current_actor(), moment=moment())
    words = _reach_of_recreate(reach) if kind is CommandKind.RECREATE else _reach_of_attributes(reach)
    if reach.waiting:
        words += " " + _(
            "Licences of this customer with a request on its way: %(number)s. They get none and show the difference.",
            number=reach.waiting,
        )
    return words


def _reach_of_attributes(reach: DetailsReach) -> str:
    if reach.others == 0:
        return _("Changed details become the customer's, and 1 request is sent: for this licence.")
    return _(
        "Changed details become the customer's, and %(number)s requests are sent: for this licence and for the "
        "customer's other usable ones (%(others)s).",
        number=reach.others + 1,
        others=reach.others,
    )


def _reach_of_recreate(reach: DetailsReach) -> str:
    if reach.others == 0:
        return _("Changed details become the customer's when the vendor has confirmed the Recreate.")
    return _(
        "Changed details become the customer's when the vendor has confirmed the Recreate; then the customer's other "
        "usable licences (%(others)s) get a request, too.",
        others=reach.others,
    )
