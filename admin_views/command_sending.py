"""Hand a command's form to its operation; what the operation refuses stands beside the fields or above the form."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from admin_views.command_form import (
    CommandForm,
    Conflict,
    command_request,
    customer_conflict,
    is_new_customer_meant,
    stamp,
    subscription_conflict,
)
from admin_views.customer_fields import blame
from admin_views.shell import current_actor, house, moment
from admin_views.subscription_page import find_page
from admin_views.vendor_offer import not_offered
from jobs.dispatch import wake
from licensing.states import CommandKind
from models import Command, Customer
from operations.customer_details import modify_attributes, send_details_again
from operations.customers import checked_details
from operations.record_refusals import FieldsRefused, RecordChanged
from operations.refusals import CommandRefused, CustomerTwin, VersionConflict
from operations.request_command import CommandRequest, request_command
from queries.listing import as_id
from queries.subscription_page import SubscriptionPage

UNPROCESSABLE = 422
CONFLICT = 409
_FORM_FIELDS = {"expires_on": "expiration"}


@dataclass(frozen=True, slots=True)
class NotSent:
    """Why nothing was sent. A reason that belongs to a field stands in the form, not here."""

    status: int = UNPROCESSABLE
    refused: str = ""
    conflict: Conflict | None = None
    twin: Customer | None = None


def send(form: CommandForm, page: SubscriptionPage, kind: CommandKind) -> Command | NotSent:
    """Ask for the command and wake its job and those of the customer's other licences; gives the command itself."""
    form.validate()
    wanted = command_request(form, page, kind)
    if wanted is None:
        return NotSent()
    if not_offered(kind):
        return NotSent(status=CONFLICT, refused=not_offered(kind))
    return _attempt(form, lambda: _SENDERS.get(kind, _plain)(form, wanted), page_id=page.subscription.id)


def _attempt(form: CommandForm, request: Callable[[], tuple[Command, ...]], *, page_id: int) -> Command | NotSent:
    try:
        commands = request()
    except FieldsRefused as refused:
        blame(form, refused.problems)
        return NotSent()
    except CustomerTwin as asked:
        form.company_name.errors = [_("Another customer has this name already.")]
        return NotSent(twin=asked.twin)
    except CommandRefused as refused:
        return _refused(form, refused)
    except VersionConflict:
        page = find_page(str(page_id))
        conflict = subscription_conflict(form, page)
        stamp(form, page)
        return NotSent(status=CONFLICT, conflict=conflict)
    except RecordChanged as changed:
        conflict = customer_conflict(form, changed.current)
        stamp(form, find_page(str(page_id)))
        return NotSent(status=CONFLICT, conflict=conflict)
    wake_all(commands)
    return commands[0]


def _refused(form: CommandForm, refused: CommandRefused) -> NotSent:
    name = _FORM_FIELDS.get(refused.field, refused.field)
    if name not in form:
        return NotSent(status=CONFLICT, refused=refused.reason)
    blame(form, {name: refused.reason})
    return NotSent()


def _plain(_form: CommandForm, wanted: CommandRequest) -> tuple[Command, ...]:
    return (request_command(wanted, actor=current_actor(), moment=moment()),)


def _recreate(form: CommandForm, wanted: CommandRequest) -> tuple[Command, ...]:
    details = checked_details(form.details())
    return (request_command(replace(wanted, details=details), actor=current_actor(), moment=moment()),)


def _modify_attributes(form: CommandForm, wanted: CommandRequest) -> tuple[Command, ...]:
    return modify_attributes(
        wanted,
        form.details(),
        customer_version=as_id(form.customer_version.data) or 0,
        actor=current_actor(),
        moment=moment(),
        is_new_customer_meant=is_new_customer_meant(form),
    )


_SENDERS: dict[CommandKind, Callable[[CommandForm, CommandRequest], tuple[Command, ...]]] = {
    CommandKind.RECREATE: _recreate,
    CommandKind.MODIFY_ATTRIBUTES: _modify_attributes,
}


def wake_all(commands: tuple[Command, ...]) -> None:
    """Wake each command's job; the first that cannot be woken ends it, as the clock finds them all anyway."""
    for command in commands:
        if not wake(command.id, redis_url=house().config.redis_url):
            return


def again(form: CommandForm, page: SubscriptionPage) -> Command | NotSent:
    """Ask for this licence to get the customer's details as the record has them."""
    form.validate()
    kind = CommandKind.MODIFY_ATTRIBUTES
    wanted = command_request(form, page, kind)
    if wanted is None:
        return NotSent()
    if not_offered(kind):
        return NotSent(status=CONFLICT, refused=not_offered(kind))

    def request() -> tuple[Command, ...]:
        return (send_details_again(wanted, actor=current_actor(), moment=moment()),)

    return _attempt(form, request, page_id=page.subscription.id)
