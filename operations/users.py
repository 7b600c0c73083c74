"""The register of users: create and change. Nobody grants more than their own rights or touches their own.

Signing in, and changing one's own password and profile, are other use cases.
"""

from dataclasses import dataclass
from typing import Any

from access import DISTRIBUTOR_ROLES, PERMISSIONS, RESELLER_ROLES, AccessDenied, Actor, Permission, Role
from auth.passwords import hash_password, password_refusal
from auth.sessions import end_sessions_of
from database import locked, write_transaction
from licensing.moment import Moment
from licensing.search_key import search_key
from licensing.wording import Sentence
from models import Reseller, User
from operations.audit import AuditAction, record
from operations.record_refusals import FieldsRefused, RecordChanged
from operations.refusals import NotFound
from operations.text_rules import column_problem, email_problem, tidy
from operations.usernames import username_problem
from queries.scope import visible

_TEXTS = ("name", "surname", "title", "phone", "email")


@dataclass(frozen=True, slots=True)
class UserDetails:
    """What the form of a user carries besides user name and password; reseller_id None is the distributor."""

    name: str
    role: Role
    reseller_id: int | None = None
    surname: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""
    is_active: bool = True


def may_change(user: User, *, actor: Actor) -> bool:
    """Whether the actor may change that user at all: a reseller's admin only those with a reseller's rights."""
    if not actor.may(Permission.EDIT_USERS) or not actor.sees_reseller(user.reseller_id):
        return False
    return Role(user.role) in grantable_roles(actor)


def grantable_roles(actor: Actor) -> list[Role]:
    """The roles that the actor may give: none with a right the actor lacks; a reseller's admin only a reseller's."""
    possible = [role for role in Role if PERMISSIONS[role] <= PERMISSIONS[actor.role]]
    return possible if actor.reseller_id is None else [role for role in possible if role in RESELLER_ROLES]


def create_user(details: UserDetails, *, username: str, password: str, actor: Actor, moment: Moment) -> User:
    """Add a user who must change the initial password at the first sign-in. Raises AccessDenied, FieldsRefused."""
    actor.require(Permission.EDIT_USERS)
    with write_transaction():
        columns, problems = _checked(details, actor=actor)
        problems |= _username_problems(tidy(username))
        problems |= _password_problems(password, username=tidy(username), details=details)
        if problems:
            raise FieldsRefused(problems)
        user = User.create(
            username=tidy(username),
            username_key=search_key(tidy(username)),
            password_hash=hash_password(password),
            must_change_password=True,
            **columns,
        )
        _audit(AuditAction.USER_CREATED, user, actor=actor, moment=moment, details=_shown(columns))
    return user  # type: ignore[no-any-return]


def change_user(
    user_id: int, details: UserDetails, *, version: int, actor: Actor, moment: Moment, password: str = ""
) -> User:
    """Change a user from the version that the form showed; a new password must be changed at the next sign-in.

    A change of role, reseller or password and a deactivation end the user's sessions. Raises AccessDenied, NotFound,
    FieldsRefused; RecordChanged where somebody else was first.
    """
    actor.require(Permission.EDIT_USERS)
    with write_transaction():
        user = _locked_user(user_id, actor=actor)
        if user.version != version:
            raise RecordChanged(user)
        columns, problems = _checked(details, actor=actor)
        problems |= _own_problems(user, columns, password, actor=actor)
        if password:
            problems |= _password_problems(password, username=user.username, details=details)
        if problems:
            raise FieldsRefused(problems)
        _write(user, columns, password, actor=actor, moment=moment)
        return User.get_by_id(user_id)  # type: ignore[no-any-return]


def _checked(details: UserDetails, *, actor: Actor) -> tuple[dict[str, Any], dict[str, Sentence]]:
    texts = {name: tidy(getattr(details, name)) for name in _TEXTS}
    problems = {
        name: problem
        for name, text in texts.items()
        if (problem := column_problem(text, getattr(User, name), is_required=name == "name")) is not None
    }
    bad_email = email_problem(texts["email"])
    if bad_email is not None:
        problems.setdefault("email", bad_email)
    problems |= _role_problems(details, actor=actor) or _reseller_problems(details, actor=actor)
    columns = {
        **texts,
        "name_key": search_key(f"{texts['name']} {texts['surname']}"),
        "role": details.role,
        "reseller": details.reseller_id,
        "is_active": details.is_active,
    }
    return columns, problems


def _role_problems(details: UserDetails, *, actor: Actor) -> dict[str, Sentence]:
    if details.role in grantable_roles(actor):
        return {}
    return {"role": Sentence("You cannot give these access rights: %(role)s.", {"role": details.role})}


def _reseller_problems(details: UserDetails, *, actor: Actor) -> dict[str, Sentence]:
    if details.role in DISTRIBUTOR_ROLES and details.reseller_id is not None:
        return {"reseller": Sentence("Users of the distributor have no reseller.")}
    if details.reseller_id is None:
        needs_one = details.role in RESELLER_ROLES or actor.reseller_id is not None
        return {"reseller": Sentence("Select the reseller of this user.")} if needs_one else {}
    known = visible(Reseller, actor=actor).where(Reseller.id == details.reseller_id).exists()
    return {} if known else {"reseller": Sentence("Select a reseller from the list.")}


def _username_problems(username: str) -> dict[str, Sentence]:
    problem = username_problem(username)
    return {} if problem is None else {"username": problem}


def _password_problems(password: str, *, username: str, details: UserDetails) -> dict[str, Sentence]:
    reason = password_refusal(password, username=username, words=(details.name, details.surname))
    return {} if reason is None else {"password": Sentence("%(reason)s", {"reason": reason})}


def _own_problems(user: User, columns: dict[str, Any], password: str, *, actor: Actor) -> dict[str, Sentence]:
    if user.id != actor.user_id:
        return {}
    problems: dict[str, Sentence] = {}
    if not columns["is_active"]:
        problems["is_active"] = Sentence("You cannot deactivate yourself.")
    if columns["role"] != user.role:
        problems["role"] = Sentence("You cannot change your own access rights.")
    if columns["reseller"] != user.reseller_id:
        problems["reseller"] = Sentence("You cannot change your own reseller.")
    if password:
        problems["password"] = Sentence("Change your own password under Account.")
    return problems


def _locked_user(user_id: int, *, actor: Actor) -> User:
    user = locked(visible(User, actor=actor).where(User.id == user_id)).first()
    if user is None:
        raise NotFound(user_id)
    if not may_change(user, actor=actor):
        raise AccessDenied(f"{actor.role} may not change a user with the rights {user.role}")
    return user  # type: ignore[no-any-return]


def _write(user: User, columns: dict[str, Any], password: str, *, actor: Actor, moment: Moment) -> None:
    before = {**user.__data__}
    changes = {name: [before[name], value] for name, value in _shown(columns).items() if before[name] != value}
    if not changes and not password:
        return
    secret = {"password_hash": hash_password(password), "must_change_password": True} if password else {}
    User.update(**columns, **secret, version=User.version + 1).where(User.id == user.id).execute()
    if password or changes.keys() & {"role", "reseller", "is_active"}:
        end_sessions_of(user.id)
    is_deactivated = changes.get("is_active") == [True, False]
    action = AuditAction.USER_DEACTIVATED if is_deactivated else AuditAction.USER_CHANGED
    details = {**changes, **({"password": "set"} if password else {})}
    _audit(action, user, actor=actor, moment=moment, details=details)


def _shown(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name != "name_key"}


def _audit(action: AuditAction, user: User, *, actor: Actor, moment: Moment, details: dict[str, Any]) -> None:
    record(
        action,
        actor=actor,
        now=moment.now,
        subject="user",
        subject_id=user.id,
        reseller_id=user.reseller_id,
        details=details,
    )
