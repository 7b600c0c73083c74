"""The rules of licensing/ asked about a stored subscription: the same when a form is posted and when it is claimed."""

from datetime import date

from licensing.lifecycle import QUANTITY_KINDS, check_parameters, refusal
from licensing.moment import Moment
from licensing.pricing import Band, NoPriceList
from licensing.refusals import OpenCommand, Refusal
from licensing.states import CommandKind
from models import Command, Subscription
from queries.licences import licence_of
from queries.prices import bands_of_product


def refusal_of(
    kind: CommandKind,
    subscription: Subscription,
    *,
    quantity: int | None,
    expires_on: date | None,
    moment: Moment,
    open_command: Command | None,
) -> Refusal | None:
    """Why the command with these values may not be sent now, None where it may."""
    licence = licence_of(subscription)
    waiting = None if open_command is None else OpenCommand(CommandKind(open_command.kind), open_command.requested_at)
    found = refusal(kind, licence, now=moment.now, zone=moment.zone, open_command=waiting)
    return found or check_parameters(
        kind,
        licence,
        now=moment.now,
        zone=moment.zone,
        bands=_bands(kind, subscription, moment=moment),
        quantity=quantity,
        expires_on=expires_on,
    )


def _bands(kind: CommandKind, subscription: Subscription, *, moment: Moment) -> tuple[Band, ...]:
    if kind not in QUANTITY_KINDS:
        return ()
    try:
        return bands_of_product(subscription.product_id, month=moment.month)
    except NoPriceList:
        return ()
