"""Selections that nobody started are thrown away after a while; those that became a batch stay as its record."""

from datetime import timedelta

from database import write_transaction
from licensing.moment import Moment
from models import Selection

KEPT = timedelta(days=2)


def forget_selections(*, moment: Moment) -> bool:
    """Remove the oldest selection that was left open for two days, one at a time; gives whether there was one."""
    query = Selection.select(Selection.id).where(Selection.state == "open", Selection.created_at < moment.now - KEPT)
    oldest = query.order_by(Selection.created_at).first()
    if oldest is None:
        return False
    with write_transaction():
        return bool(Selection.delete().where(Selection.id == oldest.id, Selection.state == "open").execute())
