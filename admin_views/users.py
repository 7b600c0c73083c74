"""Users, for the admins: the distributor's sees all, a reseller's its own people."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField

from access import Permission, Role
from admin_views.customer_fields import named
from admin_views.list_choices import reseller_filter, role_choices
from admin_views.list_columns import ExportColumn, ListColumn, badge
from admin_views.list_filters import ChoiceFilter, Filter
from admin_views.presenters import ROLE_LABELS, Badge, person
from admin_views.records import RecordScreen
from admin_views.shell import Group, Place, Required, current_actor, moment
from licensing.wording import Sentence
from models import User
from operations.record_refusals import FieldsRefused
from operations.users import UserDetails, change_user, create_user, grantable_roles, may_change
from queries.listing import Listing, as_id
from queries.resellers import reseller_names
from queries.users import UserFilter, UserRow, user, users

_TEXTS = ("name", "surname", "title", "phone", "email")


class UserForm(FlaskForm):
    """What an admin sets; a password here is for the first sign-in only."""

    class Meta:  # noqa: D106 - WTForms' own place for settings
        csrf = False  # checked for every POST by the application

    username = StringField(_l("Username"), [Required()])
    name = StringField(_l("Name"), [Required()])
    surname = StringField(_l("Surname"))
    title = StringField(_l("Title"))
    phone = StringField(_l("Phone"))
    email = StringField(_l("E-mail"))
    role = SelectField(_l("Access rights"), [Required()], validate_choice=False)
    reseller = SelectField(_l("Reseller"), validate_choice=False)
    is_active = BooleanField(_l("Active"), default=True)
    password = PasswordField(_l("New password"))
    version = HiddenField()
    conflict: User | None = None

    def details(self) -> UserDetails:
        """What was typed. Raises FieldsRefused for a role that does not exist."""
        if self.role.data not in set(Role):
            raise FieldsRefused({"role": Sentence("Select the access rights from the list.")})
        own = current_actor().reseller_id
        texts = {name: self[name].data or "" for name in _TEXTS}
        reseller_id = as_id(self.reseller.data) if own is None else own
        return UserDetails(
            **texts, role=Role(self.role.data), reseller_id=reseller_id, is_active=bool(self.is_active.data)
        )


class UserScreen(RecordScreen):
    """The register behind Register, Users."""

    place = Place(Group.REGISTER, 4)
    permission = Permission.READ_USERS
    write_permission = Permission.EDIT_USERS
    form = UserForm
    create_template = "users/form.html"
    edit_template = "users/form.html"
    create_label = _l("New User")
    own_order = ("name", False)
    columns = (
        ListColumn("username", _l("Username"), is_sortable=True, is_title=True),
        ListColumn("name", _l("Name"), lambda row: person(row.name, row.surname), is_sortable=True),
        ListColumn("email", _l("E-mail"), css="lo"),
        ListColumn("role", _l("Access rights"), lambda row: ROLE_LABELS[Role(row.role)], is_sortable=True),
        ListColumn("reseller", _l("Reseller"), lambda row: row.reseller or "", is_sortable=True),
        ListColumn("is_active", _l("Status"), lambda row: badge(_activity(is_active=row.is_active))),
    )
    filters = (
        reseller_filter(),
        Filter("name", _l("Name")),
        Filter("username", _l("Username")),
        ChoiceFilter("role", _l("Access rights"), offers=lambda: role_choices(list(Role)), take=Role),
        ChoiceFilter(
            "status",
            _l("Status"),
            offers=lambda: [("active", _("Active")), ("inactive", _("Inactive"))],
            take=lambda key: key == "active",
        ),
    )
    export_columns = (
        ExportColumn(_l("Username"), lambda row: row.username),
        ExportColumn(_l("Name"), lambda row: row.name),
        ExportColumn(_l("Surname"), lambda row: row.surname),
        ExportColumn(_l("E-mail"), lambda row: row.email, width=32),
        ExportColumn(_l("Access rights"), lambda row: str(ROLE_LABELS[Role(row.role)])),
        ExportColumn(_l("Reseller"), lambda row: row.reseller),
        ExportColumn(_l("Status"), lambda row: _activity(is_active=row.is_active).label),
    )

    def __init__(self) -> None:
        super().__init__(User, name=_l("Users"), endpoint="users", url="/users")

    def listing(self, values: Mapping[str, Any]) -> Listing[UserRow]:
        wanted = UserFilter(
            name=values.get("name", ""),
            username=values.get("username", ""),
            role=values.get("role"),
            reseller_id=values.get("reseller"),
            is_active=values.get("status"),
        )
        return users(wanted, actor=current_actor())

    def find(self, key: int) -> User | None:
        return user(key, actor=current_actor())

    def edit_form(self, obj: User | None = None) -> UserForm:
        form: UserForm = super().edit_form(obj)
        if obj is not None and not form.is_submitted():
            form.reseller.data = "" if obj.reseller_id is None else str(obj.reseller_id)
        return form

    def prepare(self, form: UserForm) -> None:
        actor = current_actor()
        form.role.choices = [("", _("Select…")), *role_choices(grantable_roles(actor))]
        form.reseller.choices = [("", _("none: the distributor")), *named(reseller_names(actor=actor))]

    def create_model(self, form: UserForm) -> User:
        return create_user(
            form.details(),
            username=form.username.data or "",
            password=form.password.data or "",
            actor=current_actor(),
            moment=moment(),
        )

    def update_model(self, form: UserForm, model: User) -> User:
        return change_user(
            model.id,
            form.details(),
            version=as_id(form.version.data) or 0,
            password=form.password.data or "",
            actor=current_actor(),
            moment=moment(),
        )

    def form_context(self, form: UserForm, model: User | None) -> dict[str, Any]:
        context = super().form_context(form, model)
        return {
            **context,
            "title": self.create_label if model is None else str(model),
            "may_write": context["may_write"] and (model is None or may_change(model, actor=current_actor())),
            "offers_reseller": current_actor().reseller_id is None,
            "is_oneself": model is not None and model.id == current_actor().user_id,
            "role": "" if model is None else ROLE_LABELS[Role(model.role)],
            "status": None if model is None else _activity(is_active=model.is_active),
            "differences": _differences(form),
        }


def _activity(*, is_active: bool) -> Badge:
    return Badge(_("Active"), "ok") if is_active else Badge(_("Inactive"), "off")


def _differences(form: UserForm) -> list[tuple[str, str, str]]:
    """Label, what was typed and what stands now, for what somebody else made different."""
    current = form.conflict
    if current is None:
        return []
    stored = {name: str(getattr(current, name)) for name in (*_TEXTS, "role")}
    found = [
        (str(form[name].label.text), form[name].data or "", value)
        for name, value in stored.items()
        if (form[name].data or "") != value
    ]
    if bool(form.is_active.data) != current.is_active:
        typed, now = (_activity(is_active=value).label for value in (bool(form.is_active.data), current.is_active))
        found.append((_("Status"), typed, now))
    return found
