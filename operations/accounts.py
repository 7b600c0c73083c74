"""One's own account: profile and picture. Other people's accounts are in the register of users."""

from dataclasses import asdict, dataclass
from typing import Any

from peewee import IntegrityError

from access import Actor
from database import locked, write_transaction
from licensing.moment import Moment
from licensing.search_key import search_key
from licensing.wording import Sentence
from models import User
from operations.audit import AuditAction, record
from operations.record_refusals import FieldsRefused, RecordChanged
from operations.refusals import NotFound
from operations.text_rules import column_problem, email_problem, tidy
from operations.usernames import taken, username_problem

CSV_FORMATS = ("comma", "semicolon")
LARGEST_PICTURE = 1_000_000  # bytes
# How these files begin; what a file calls itself is not believed.
_PICTURES = {b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_NOT_TOLD = frozenset({"picture", "username_key", "name_key"})


@dataclass(frozen=True, slots=True)
class Profile:
    """What everybody may change of their own account (product.md, Account)."""

    username: str
    name: str
    surname: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""
    csv_format: str = "comma"


def change_profile(
    profile: Profile,
    *,
    version: int,
    actor: Actor,
    moment: Moment,
    picture: bytes = b"",
    is_picture_removed: bool = False,
) -> User:
    """Change one's own profile from the version that the form showed; picture replaces the one there is.

    Raises FieldsRefused naming every bad field, a user name that is taken and a picture that is no PNG or JPEG of at
    most 1 MB included; RecordChanged where it was changed elsewhere meanwhile.
    """
    try:
        with write_transaction():
            user = _own(actor)
            if user.version != version:
                raise RecordChanged(user)
            columns = _checked(profile, picture, user=user)
            if is_picture_removed and not picture:
                columns |= {"picture": None, "picture_type": ""}
            changes = _changes(user, columns)
            if changes or picture:
                _write(user, columns)
                details = changes | ({"picture": len(picture)} if picture else {})
                _audit(user, actor=actor, moment=moment, details=details)
    except IntegrityError as reason:
        # Somebody else took the user name between our look and the writing.
        raise FieldsRefused({"username": taken(profile.username)}) from reason
    return user


def _own(actor: Actor) -> User:
    user = locked(User.select().where(User.id == actor.user_id, User.is_active)).first()
    if user is None:
        raise NotFound(actor.user_id)
    return user  # type: ignore[no-any-return]


def _checked(profile: Profile, picture: bytes, *, user: User) -> dict[str, Any]:
    texts = {name: tidy(value) for name, value in asdict(profile).items()}
    problems = {name: _problem(name, value, user=user) for name, value in texts.items()}
    problems["picture"] = _picture_problem(picture)
    found = {name: problem for name, problem in problems.items() if problem is not None}
    if found:
        raise FieldsRefused(found)
    keys = {
        "username_key": search_key(texts["username"]),
        "name_key": search_key(f"{texts['name']} {texts['surname']}"),
    }
    return texts | keys | ({"picture": picture, "picture_type": _picture_type(picture)} if picture else {})


def _problem(name: str, value: str, *, user: User) -> Sentence | None:
    if name == "username":
        return username_problem(value, except_id=user.id)
    if name == "csv_format":
        return None if value in CSV_FORMATS else Sentence("Select a format from the list.")
    problem = column_problem(value, getattr(User, name), is_required=name == "name")
    return email_problem(value) if problem is None and name == "email" else problem


def _changes(user: User, columns: dict[str, Any]) -> dict[str, list[str]]:
    shown = [name for name in columns if name not in _NOT_TOLD]
    return {name: [getattr(user, name), columns[name]] for name in shown if getattr(user, name) != columns[name]}


def _write(user: User, columns: dict[str, Any]) -> None:
    User.update(**columns, version=User.version + 1).where(User.id == user.id).execute()
    for name, value in columns.items():
        setattr(user, name, value)
    user.version += 1


def _picture_type(content: bytes) -> str:
    return next((kind for start, kind in _PICTURES.items() if content.startswith(start)), "")


def _picture_problem(content: bytes) -> Sentence | None:
    if len(content) > LARGEST_PICTURE:
        return Sentence("The picture is larger than 1 MB.")
    return None if not content or _picture_type(content) else Sentence("The file is no PNG or JPEG picture.")


def _audit(user: User, *, actor: Actor, moment: Moment, details: dict[str, Any]) -> None:
    record(
        AuditAction.USER_PROFILE_CHANGED,
        actor=actor,
        now=moment.now,
        subject="user",
        subject_id=user.id,
        reseller_id=user.reseller_id,
        details=details,
    )
