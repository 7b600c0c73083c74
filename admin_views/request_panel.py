"""All that the page of one request shows, put together for its templates; the same panel stands above the list."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from access import Permission
from admin_views import figures
from admin_views.presenters import change_text, request_badge
from admin_views.request_forms import fresh_adopt_form, fresh_close_form
from admin_views.request_life import age_words, all_today, attempt_lines, cancel_words, entry_lines, trail, what_follows
from admin_views.shell import current_actor, house, link_to, moment
from licensing.states import OPEN_STATES, CommandKind, CommandState
from licensing.wording import clock_text
from models import Command
from operations.parked_commands import absence_proves_at
from queries.command_life import CommandLife

_SOON, _LATER = 2, 5
_MOVES_SOON = frozenset({CommandState.QUEUED, CommandState.SENDING})


@dataclass(frozen=True, slots=True)
class CaseWords:
    """The words of the three decisions about one parked request."""

    exists: str
    adopt: str
    absent: str
    again: str
    again_help: str


def lateness() -> timedelta:
    """The longest after its deadline at which the vendor may still execute a request."""
    return timedelta(seconds=house().config.lateness_seconds)


def page_parts(life: CommandLife, *, adopt_form: Any = None, close_form: Any = None) -> dict[str, Any]:
    """What the templates show; the forms as they were sent, where something is wrong with them."""
    command = life.command
    lines = trail(life)
    is_open = command.state in OPEN_STATES
    return {
        "life": life,
        "command": command,
        "title": title_of(life),
        "badge": request_badge(CommandState(command.state)),
        "age": _("open for %(age)s", age=age_words(moment().now - command.requested_at)) if is_open else "",
        "trail": lines,
        "is_brief": all_today(lines),
        "follows": what_follows(life),
        "facts": _facts(life),
        "attempts": attempt_lines(life),
        "entries": entry_lines(life),
        "list_address": link_to("requests.index_view"),
        "subscription_address": link_to("subscriptions.edit_view", id=command.subscription_id),
        "seen": _seen(life),
        "every": _every(life),
        **_decisions(life, adopt_form=adopt_form, close_form=close_form),
    }


def title_of(life: CommandLife) -> str:
    """Create for Lipa Logistika d.o.o."""
    company = life.command.subscription.customer.company_name
    return _("%(command)s for %(company)s", command=life.command.kind, company=company)


def _decisions(life: CommandLife, *, adopt_form: Any, close_form: Any) -> dict[str, Any]:
    command, actor = life.command, current_actor()
    is_parked = command.state == CommandState.PARKED
    may_settle = is_parked and actor.may(Permission.SETTLE_UNKNOWN)
    is_waiting = command.state == CommandState.QUEUED and command.completed_steps == 0
    return {
        "may_settle": may_settle,
        "cancel_question": cancel_words(command)[0],
        "may_cancel": is_waiting and actor.may(Permission.RUN_COMMANDS),
        "words": _words(life),
        "is_create": command.kind == CommandKind.CREATE,
        "is_begun": command.executed_at is not None,
        "is_read_now": is_parked and life.adoption is not None and life.adoption.state == "asked",
        "not_adopted": _not_adopted(life) if is_parked else "",
        "too_early": _too_early(life) if is_parked else "",
        "adopt_form": adopt_form or (fresh_adopt_form(life) if may_settle else None),
        "close_form": close_form or (fresh_close_form(life) if may_settle else None),
    }


def _words(life: CommandLife) -> CaseWords:
    if life.command.completed_steps > 0:
        return CaseWords(
            exists=_("The rest was done at the vendor, too"),
            adopt=_("Adopt as executed"),
            absent=_("The rest was not done"),
            again=_("Send the rest again"),
            again_help=_("The first part was executed; what is missing is sent once more."),
        )
    is_create = life.command.kind == CommandKind.CREATE
    return CaseWords(
        exists=_("The licence exists at the vendor") if is_create else _("It was executed at the vendor"),
        adopt=_("Adopt the vendor's id") if is_create else _("Adopt as executed"),
        absent=_("It does not exist") if is_create else _("It was not executed"),
        again=_("Confirmed absent: send again"),
        again_help=_again_help(life.command),
    )


def _again_help(command: Command) -> str:
    """A Renew may take two calls, and nobody can tell us that only the first was executed."""
    words = _("The same request, same reference, is sent once more.")
    if command.kind != CommandKind.RENEW:
        return words
    caution = _(
        "Only where the vendor shows no trace of it: if the cancellation is gone and the date is not set, set the "
        "date in the vendor's portal and adopt."
    )
    return f"{words} {caution}"


def _not_adopted(life: CommandLife) -> str:
    stated = life.adoption
    if stated is None or stated.state != "refused" or stated.attempt != life.command.attempt:
        return ""
    return stated.answer


def _too_early(life: CommandLife) -> str:
    """Until when absence proves nothing, empty where that time has passed."""
    proves_at = absence_proves_at(life.command, lateness=lateness())
    now = moment()
    if proves_at is None or proves_at <= now.real_now:
        return ""
    until = clock_text(proves_at + (now.now - now.real_now), now=now.now, zone=now.zone)
    return _("Not before %(time)s: until then the vendor may still execute it.", time=until)


def _facts(life: CommandLife) -> list[tuple[str, str]]:
    command = life.command
    known = [
        (_("Time"), figures.day_and_time(command.requested_at)),
        (_("User"), str(command.requested_by or "")),
        (_("Reseller"), command.reseller.name),
        (_("Product"), command.subscription.product.name),
        (_("Change"), change_text(command)),
        (_("Subscription ID"), command.subscription.subscription_id or _("not known yet")),
        (_("Reference"), command.reference),
        (_("Attempts"), figures.number(command.attempt)),
        (_("Executed at"), "" if command.executed_at is None else figures.day_and_time(command.executed_at)),
        (_("ErrorCode"), command.error_code),
        (_("ErrorMessage"), command.error_message),
        (_("ErrorId"), command.error_reference),
    ]
    return [(label, value) for label, value in known if value]


def _seen(life: CommandLife) -> str:
    """What tells one state of the page from the next."""
    adoption = "" if life.adoption is None else f"{life.adoption.id}{life.adoption.state}"
    return f"{life.command.state}.{len(life.attempts)}.{len(life.entries)}.{adoption}"


def _every(life: CommandLife) -> int:
    """How often the page asks for itself again, in seconds; 0 for not at all, so that nothing typed is lost."""
    if life.command.state in _MOVES_SOON or (life.adoption is not None and life.adoption.state == "asked"):
        return _SOON
    return _LATER if life.command.state == CommandState.UNKNOWN else 0
