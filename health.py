"""/livez and /readyz, for whoever watches the processes. They tell words, never addresses or reasons.

Without the queue or the vendor Seatdesk is degraded, not down: commands are kept and sent later.
"""

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from peewee import PeeweeException

from config import Config
from database import db
from jobs.dispatch import waiting_jobs
from queries.gateway_state import is_up

blueprint = Blueprint("health", __name__)
ENDPOINTS = frozenset({"health.live", "health.ready"})
_UNAVAILABLE = 503


@blueprint.get("/livez")
def live() -> ResponseReturnValue:
    """This process answers; nothing else is asked."""
    return jsonify(status="live")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 while pages can be served, 503 without the database."""
    vendor = _vendor()
    if vendor is None:
        return jsonify(status="down", database="down"), _UNAVAILABLE
    parts = {"queue": _queue(current_app.extensions["seatdesk"].config), "vendor": vendor}
    is_whole = all(part in {"ok", "none"} for part in parts.values())
    return jsonify(status="ready" if is_whole else "degraded", database="ok", **parts)


def _vendor() -> str | None:
    """What the tables say of the vendor; None where the database cannot be asked."""
    try:
        with db.connection_context():
            return "ok" if is_up() else "down or on hold"
    except PeeweeException:
        return None


def _queue(config: Config) -> str:
    if not config.redis_url:
        return "none"
    return "down" if waiting_jobs(redis_url=config.redis_url) is None else "ok"


def register_health(app: Flask) -> None:
    """Add both addresses; they need no sign-in and open the database themselves."""
    app.register_blueprint(blueprint)
