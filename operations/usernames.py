"""What a user name must look like, and that it is nobody else's but for case and accents."""

import re

from database import across_tenants
from licensing.search_key import search_key
from licensing.wording import Sentence
from models import User
from operations.text_rules import column_problem

_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")


def username_problem(username: str, *, except_id: int | None = None) -> Sentence | None:
    """Why a user (except_id, where it exists already) cannot have that name, or None."""
    problem = column_problem(username, User.username, is_required=True)
    if problem is not None:
        return problem
    if not _PATTERN.fullmatch(username):
        template = "“%(value)s” is not a user name: use letters a-z, figures and . _ - @ without spaces."
        return Sentence(template, {"value": username})
    same = User.select().where(User.username_key == search_key(username), User.id != (except_id or 0))
    with across_tenants():  # a user name is one person's among all resellers
        return taken(username) if same.exists() else None


def taken(username: str) -> Sentence:
    """The sentence for a user name that somebody else has."""
    return Sentence("“%(value)s” is already taken.", {"value": username})
