"""Settings of the installation that are valid from a month, as the rules in licensing/ want them."""

from licensing.billing import MonthRule, MonthSetting
from licensing.terms import Month
from models import Setting

FIRST_MONTH = "first_month"
RESTART_MONTH = "restart_month"
CONFIRM_ROWS = "confirm_rows"
_CONFIRM_ABOVE = 100


def month_settings(name: str) -> tuple[MonthSetting, ...]:
    """The dated values of first_month or restart_month, oldest first; none where nothing was ever set."""
    rows = Setting.select(Setting.valid_from, Setting.value).where(Setting.name == name).order_by(Setting.valid_from)
    return tuple(MonthSetting(Month.of(valid_from), MonthRule(value)) for valid_from, value in rows.tuples())


def confirm_rows(month: Month) -> int:
    """Above so many rows a bulk command starts only when their number was typed; 100 where nothing was set."""
    newest = (
        Setting.select(Setting.value)
        .where(Setting.name == CONFIRM_ROWS, Setting.valid_from <= month.first_day)
        .order_by(Setting.valid_from.desc())
        .tuples()
        .first()
    )
    return _CONFIRM_ABOVE if newest is None else int(newest[0])
