"""Settings of the installation that are valid from a month, as the rules in licensing/ want them."""

from licensing.billing import MonthRule, MonthSetting
from licensing.terms import Month
from models import Setting

FIRST_MONTH = "first_month"
RESTART_MONTH = "restart_month"


def month_settings(name: str) -> tuple[MonthSetting, ...]:
    """The dated values of first_month or restart_month, oldest first; none where nothing was ever set."""
    rows = Setting.select(Setting.valid_from, Setting.value).where(Setting.name == name).order_by(Setting.valid_from)
    return tuple(MonthSetting(Month.of(valid_from), MonthRule(value)) for valid_from, value in rows.tuples())
