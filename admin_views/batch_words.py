"""The words and rows of a batch as its page shows them."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from admin_views.figures import number, said
from admin_views.list_columns import shortened
from admin_views.presenters import Badge
from admin_views.shell import local
from queries.batch import BatchProgress, BatchRow, RowStanding

_BADGES = {
    RowStanding.CONFIRMED: (_l("Confirmed"), "ok"),
    RowStanding.FAILED: (_l("Failed"), "bad"),
    RowStanding.UNKNOWN: (_l("Outcome unknown, being checked"), "unknown"),
    RowStanding.SENDING: (_l("Being sent"), "busy"),
    RowStanding.WAITING: (_l("Waiting"), "off"),
    RowStanding.STOPPED: (_l("Stopped, not sent"), "off"),
}
_TABS = {
    RowStanding.CONFIRMED: _l("Confirmed"),
    RowStanding.FAILED: _l("Failed"),
    RowStanding.UNKNOWN: _l("Outcome unknown"),
    RowStanding.SENDING: _l("Being sent"),
    RowStanding.WAITING: _l("Waiting"),
    RowStanding.STOPPED: _l("Stopped"),
}
_SEGMENTS = (
    (RowStanding.CONFIRMED, "done"),
    (RowStanding.FAILED, "failed"),
    (RowStanding.UNKNOWN, "unknown"),
    (RowStanding.SENDING, "busy"),
)
_MINUTE = 60


def standing_label(standing: RowStanding | None) -> str:
    """The outcome of a row in words; a row that was left out of the plan says so."""
    return _("Left out") if standing is None else str(_BADGES[standing][0])


def row_face(row: BatchRow) -> dict[str, Any]:
    """A row of the table."""
    label, mark = _BADGES[row.standing] if row.standing else (_("Left out"), "off")
    at = row.settled_at or row.started_at
    return {
        "position": row.position,
        "company_name": row.company_name,
        "address": url_for("subscriptions.edit_view", id=row.subscription_pk),
        "subscription_id": shortened(row.subscription_id),
        "quantity": number(row.quantity),
        "new_quantity": number(row.new_quantity) if row.new_quantity not in {None, row.quantity} else "",
        "sku": row.new_sku or row.sku or "",
        "badge": Badge(str(label), mark),
        "time": "" if at is None else local(at).strftime("%H:%M:%S"),
        "error_code": row.error_code or "",
        "error_message": said(row.reason) if row.reason is not None else row.error_message or "",
        "request_address": _request_address(row),
        "can_retry": row.standing in {RowStanding.FAILED, RowStanding.STOPPED},
    }


def _request_address(row: BatchRow) -> str:
    """Where the evidence of an unknown outcome is; empty for any other row."""
    is_unknown = row.standing is RowStanding.UNKNOWN
    return url_for("requests.details_view", id=row.command_id) if is_unknown else ""


def tabs(progress: BatchProgress, *, chosen: RowStanding | None, address: Any) -> list[tuple[str, str, bool]]:
    """The tabs with their counts; one that is empty and rare is left out."""
    shown = [(_("All %(rows)s", rows=number(progress.rows)), address(tab=""), chosen is None)]
    for standing, label in _TABS.items():
        count = progress.counts[standing]
        if count or standing is not RowStanding.STOPPED:
            shown.append((f"{label} {number(count)}", address(tab=standing.value), chosen is standing))
    return shown


def progress_words(progress: BatchProgress) -> str:
    """64%, about 2 minutes left · 4 a second."""
    share = 100 * progress.done // max(progress.rows, 1)
    words = [f"{share}%"]
    if progress.seconds_left is not None:
        words.append(_time_left(progress.seconds_left))
    told = ", ".join(words)
    speed = round(progress.per_second, 1)
    return f"{told} · {_('%(speed)g a second', speed=speed)}" if progress.is_running and speed else told


def _time_left(seconds: int) -> str:
    if seconds < _MINUTE:
        return _("less than a minute left")
    minutes = round(seconds / _MINUTE)
    return ngettext("about %(num)d minute left", "about %(num)d minutes left", minutes)


def bar(progress: BatchProgress) -> dict[str, Any]:
    """The progress bar: segments from left to right, and the same in words."""
    segments, x = [], 0
    for standing, css in _SEGMENTS:
        width = progress.counts[standing]
        if width:
            segments.append({"css": css, "x": x, "width": width})
        x += width
    words = ", ".join(f"{number(progress.counts[standing])} {str(label).lower()}" for standing, label in _TABS.items())
    return {"segments": segments, "total": max(progress.rows, 1), "words": words}
