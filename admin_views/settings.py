"""Settings: how first and restarted months are charged, what a bulk command asks. Distributor admin only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from access import Permission
from admin_views.figures import month_and_year, number, said
from admin_views.shell import Group, Place, Screen, current_actor, house, moment
from admin_views.typed_values import WrongValue, typed_month, typed_quantity
from licensing.billing import MonthRule, MonthSetting, Tariff
from operations.record_refusals import FieldsRefused
from operations.settings import MONTH_RULES, set_confirm_rows, set_month_rule
from queries.settings import CONFIRM_ROWS, FIRST_MONTH, RESTART_MONTH, confirm_rows, month_settings

_TITLES = {FIRST_MONTH: _l("First month"), RESTART_MONTH: _l("Restart month"), CONFIRM_ROWS: _l("Bulk commands")}
_MEANINGS = {
    FIRST_MONTH: _l("The month in which a subscription is first created."),
    RESTART_MONTH: _l("A month in which an ended subscription starts again after a gap."),
}
_RULES = {MonthRule.FREE: _l("free"), MonthRule.FULL: _l("charged in full")}


@dataclass(frozen=True, slots=True)
class DatedRule:
    """A value and the month from which it holds; standing says whether that is now, later or over."""

    valid_from: str
    rule: Any
    standing: str


@dataclass(frozen=True, slots=True)
class RulePanel:
    """One setting: what holds now, what was set, and the form as it was typed with what is wrong."""

    name: str
    title: Any
    meaning: Any
    now: str
    dated: list[DatedRule]
    choices: list[tuple[str, Any]]
    typed: Mapping[str, str]
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not taken: which setting, what was typed, what is wrong by field."""

    name: str
    typed: Mapping[str, str]
    problems: Mapping[str, str]


class SettingsView(Screen, BaseView):
    """The screen behind the last entry of the menu."""

    place = Place(Group.DESK, 9)
    permission = Permission.EDIT_SETTINGS

    def __init__(self) -> None:
        super().__init__(name=_l("Settings"), endpoint="settings", url="/settings")

    @expose("/")
    def index(self) -> str:
        return self._page()

    @expose("/<setting>", methods=("POST",))
    def change(self, setting: str) -> Response | tuple[str, int]:
        if setting not in _CHANGES:
            abort(404)
        typed = {key: request.form.get(key, "") for key in ("rule", "valid_from", "rows")}
        problems = _CHANGES[setting](setting, typed)
        if problems:
            return self._page(Refused(setting, typed, problems)), 422
        flash(_("%(setting)s is saved.", setting=_TITLES[setting]), "success")
        return redirect(self.get_url(".index"), 303)

    def _page(self, refused: Refused | None = None) -> str:
        panels = [_panel(name, refused if refused and refused.name == name else None) for name in MONTH_RULES]
        config = house().config
        return self.render(
            "settings.html",
            panels=panels,
            bulk=_bulk_panel(refused if refused and refused.name == CONFIRM_ROWS else None),
            distributor=config.distributor_name,
            zone=config.zone.key,
        )


def _change_rule(name: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the values by field; none where they were taken."""
    try:
        valid_from = typed_month(typed["valid_from"])
    except WrongValue as wrong:
        return {"valid_from": str(wrong)}
    if valid_from is None:
        return {"valid_from": _("Enter the month from which it holds.")}
    try:
        set_month_rule(name, rule=typed["rule"], valid_from=valid_from, actor=current_actor(), moment=moment())
    except FieldsRefused as refused:
        return {field: said(problem) for field, problem in refused.problems.items()}
    return {}


def _change_confirm_rows(_name: str, typed: Mapping[str, str]) -> dict[str, str]:
    try:
        set_confirm_rows(typed_quantity(typed["rows"]), actor=current_actor(), moment=moment())
    except WrongValue as wrong:
        return {"rows": str(wrong)}
    except FieldsRefused as refused:
        return {field: said(problem) for field, problem in refused.problems.items()}
    return {}


_CHANGES = {**dict.fromkeys(MONTH_RULES, _change_rule), CONFIRM_ROWS: _change_confirm_rows}


def _bulk_panel(refused: Refused | None) -> dict[str, Any]:
    """Above how many rows their number is typed, as it is now or as it was typed, and what is wrong with that."""
    now = confirm_rows(moment().month)
    return {
        "name": CONFIRM_ROWS,
        "title": _TITLES[CONFIRM_ROWS],
        "now": number(now),
        "typed": refused.typed["rows"] if refused else str(now),
        "problem": refused.problems["rows"] if refused else "",
    }


def _panel(name: str, refused: Refused | None) -> RulePanel:
    settings, month = month_settings(name), moment().month
    rule = _rule(name, settings)
    words = {"month": month_and_year(month), "rule": _RULES[rule]}
    return RulePanel(
        name=name,
        title=_TITLES[name],
        meaning=_MEANINGS[name],
        now=_("In %(month)s: %(rule)s", **words),
        dated=[_dated(setting, settings) for setting in reversed(settings)],
        choices=[(str(key), label) for key, label in _RULES.items()],
        typed=refused.typed if refused else {"rule": rule, "valid_from": str(month.next())},
        problems=refused.problems if refused else {},
    )


def _rule(name: str, settings: tuple[MonthSetting, ...]) -> MonthRule:
    tariff = Tariff((), first_month=settings, restart_month=settings)
    month = moment().month
    return tariff.first_month_rule(month) if name == FIRST_MONTH else tariff.restart_month_rule(month)


def _dated(setting: MonthSetting, settings: tuple[MonthSetting, ...]) -> DatedRule:
    month = moment().month
    begun = [each.valid_from for each in settings if each.valid_from <= month]
    standing = _("later") if setting.valid_from > month else _("now") if setting.valid_from == max(begun) else _("over")
    return DatedRule(str(setting.valid_from), _RULES[setting.rule], standing)
