"""The forms of a parked request: what exists at the vendor, and why it is given up."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from admin_views import figures
from admin_views.customer_fields import Required
from admin_views.request_life import last_sent_at
from admin_views.shell import moment
from admin_views.typed_values import WrongValue, typed_instant
from licensing.states import CommandKind
from operations.state_adoption import Statement
from queries.command_life import CommandLife
from queries.listing import as_id


class AdoptForm(FlaskForm):
    """What was found at the vendor. attempt is the one that the person saw."""

    attempt = HiddenField(id="adopt-attempt")
    subscription_id = StringField(_l("Subscription ID"), [Required()])
    activation_code = StringField(_l("Activation Code"), [Required()])
    executed_at = StringField(_l("Executed at"), [Required()])


class CloseForm(FlaskForm):
    """Why a request is given up."""

    attempt = HiddenField(id="close-attempt")
    reason = StringField(_l("Reason"), [Required()])


def fresh_adopt_form(life: CommandLife) -> AdoptForm:
    """The form as it opens: with what was stated last and not taken, else with the time at which it was sent."""
    form = AdoptForm(formdata=None)
    form.attempt.data = str(life.command.attempt)
    stated = life.adoption
    if stated is not None and stated.state == "refused":
        form.subscription_id.data, form.activation_code.data = stated.subscription_id, stated.activation_code
        form.executed_at.data = figures.day_and_time(stated.executed_at)
    else:
        form.executed_at.data = figures.day_and_time(life.command.executed_at or last_sent_at(life))
    return form


def fresh_close_form(life: CommandLife) -> CloseForm:
    """The form as it opens."""
    form = CloseForm(formdata=None)
    form.attempt.data = str(life.command.attempt)
    return form


def read_statement(form: Any, life: CommandLife) -> Statement | None:
    """What the person states; None where something cannot be read, which then stands beside the field."""
    executed_at = _executed_at(form, life)
    if executed_at is None:
        return None
    is_create = life.command.kind == CommandKind.CREATE
    return Statement(
        command_id=life.command.id,
        attempt=as_id(form.attempt.data) or 0,
        executed_at=executed_at,
        subscription_id=(form.subscription_id.data or "").strip(" ") if is_create else "",
        activation_code=(form.activation_code.data or "").strip(" ") if is_create else "",
    )


def _executed_at(form: Any, life: CommandLife) -> datetime | None:
    """What was typed; a half-done command was begun at a known time. None where it cannot be read."""
    begun_at: Any = life.command.executed_at
    if begun_at is not None:
        return begun_at
    try:
        typed = typed_instant(form.executed_at.data, moment().zone)
    except WrongValue as wrong:
        form.executed_at.errors = [str(wrong)]
        return None
    if typed is None:
        form.executed_at.errors = [_("This is required.")]
    return typed
