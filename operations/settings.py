"""Settings of the installation, each valid from a month on (domain.md, What a month costs)."""

from access import Actor, Permission
from database import write_transaction
from licensing.billing import MonthRule
from licensing.moment import Moment
from licensing.terms import Month
from licensing.wording import Sentence
from models import Setting
from operations.audit import AuditAction, record
from operations.record_refusals import FieldsRefused
from queries.settings import CONFIRM_ROWS, FIRST_MONTH, RESTART_MONTH

MONTH_RULES = (FIRST_MONTH, RESTART_MONTH)
MOST_CONFIRM_ROWS = 10_000
"""As many rows as a batch has at most: with it nobody is asked."""


def set_month_rule(name: str, *, rule: str, valid_from: Month, actor: Actor, moment: Moment) -> None:
    """Set first_month or restart_month to free or full from a month on; a value of that month is replaced.

    Months that are over keep the rule by which they were charged. Raises AccessDenied; FieldsRefused for another rule
    or a month that is over; KeyError for another setting.
    """
    actor.require(Permission.EDIT_SETTINGS)
    if name not in MONTH_RULES:
        raise KeyError(name)
    _refuse(rule, valid_from, moment=moment)
    with write_transaction():
        replaced = _write(name, rule, valid_from)
        if replaced != rule:
            details = {"name": name, "valid_from": str(valid_from), "value": [replaced, rule]}
            record(AuditAction.SETTING_CHANGED, actor=actor, now=moment.now, subject="setting", details=details)


def set_confirm_rows(rows: int | None, *, actor: Actor, moment: Moment) -> None:
    """Set above how many rows the number of a bulk command's rows must be typed; 0 asks for it always.

    It holds from the running month on, which is now. Raises AccessDenied; FieldsRefused for another number.
    """
    actor.require(Permission.EDIT_SETTINGS)
    if rows is None or not 0 <= rows <= MOST_CONFIRM_ROWS:
        limit = {"largest": f"{MOST_CONFIRM_ROWS:,}"}
        raise FieldsRefused({"rows": Sentence("Enter a whole number from 0 to %(largest)s.", limit)})
    with write_transaction():
        replaced = _write(CONFIRM_ROWS, str(rows), moment.month)
        if replaced != str(rows):
            details = {"name": CONFIRM_ROWS, "valid_from": str(moment.month), "value": [replaced, str(rows)]}
            record(AuditAction.SETTING_CHANGED, actor=actor, now=moment.now, subject="setting", details=details)


def _refuse(rule: str, valid_from: Month, *, moment: Moment) -> None:
    problems = {}
    if rule not in set(MonthRule):
        problems["rule"] = Sentence("Choose one of the two.")
    if valid_from < moment.month:
        values = {"month": str(valid_from), "running": str(moment.month)}
        problems["valid_from"] = Sentence("%(month)s is over: a setting can be changed from %(running)s on.", values)
    if problems:
        raise FieldsRefused(problems)


def _write(name: str, value: str, valid_from: Month) -> str | None:
    """The value that stood for that very month before, None where none did."""
    earlier = Setting.get_or_none(Setting.name == name, Setting.valid_from == valid_from.first_day)
    if earlier is None:
        Setting.create(name=name, valid_from=valid_from.first_day, value=value)
        return None
    Setting.update(value=value).where(Setting.id == earlier.id).execute()
    return str(earlier.value)
