"""Account: one's own profile, picture and password."""

import time
from collections.abc import Mapping

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from admin_views.figures import said
from admin_views.login import attempt_from_here, enter, too_many
from admin_views.shell import Required, current_actor, house, moment, require_signed_in
from auth.attempts import TooManyFailures
from licensing.wording import Sentence
from models import User
from operations.accounts import LARGEST_PICTURE, Profile, change_profile
from operations.record_refusals import FieldsRefused, RecordChanged
from operations.sign_in import change_password as change_own_password
from queries.accounts import own_picture

CSV_CHOICES = [
    SelectChoice("comma", _l("comma and decimal point")),
    SelectChoice("semicolon", _l("semicolon and decimal comma")),
]
TEXTS = ("name", "surname", "title", "phone", "email", "username")

blueprint = Blueprint("account", __name__, url_prefix="/account")


class ProfileForm(Form):
    """The labels are the product's words; what is wrong with a value is said by the operation."""

    name = StringField(_l("Name"), [Required()], render_kw={"autocomplete": "given-name"})
    surname = StringField(_l("Surname"), render_kw={"autocomplete": "family-name"})
    title = StringField(_l("Title"), render_kw={"autocomplete": "organization-title"})
    picture = FileField(_l("Picture"), render_kw={"accept": "image/png,image/jpeg"})
    is_picture_removed = BooleanField(_l("Remove"))
    phone = StringField(_l("Phone"), render_kw={"autocomplete": "tel", "type": "tel"})
    email = StringField(_l("E-mail"), render_kw={"autocomplete": "email", "type": "email"})
    username = StringField(_l("Username"), [Required()], render_kw={"autocomplete": "username"})
    csv_format = SelectField(_l("CSV format"), choices=CSV_CHOICES, validate_choice=False)

    def profile(self) -> Profile:
        """What was typed, as it was typed."""
        return Profile(csv_format=self.csv_format.data or "", **{name: self[name].data or "" for name in TEXTS})

    def blame(self, problems: Mapping[str, Sentence]) -> None:
        """Write each reason beside its field."""
        for name, problem in problems.items():
            self[name].errors = [said(problem)]


@blueprint.get("")
def show() -> ResponseReturnValue:
    """The profile as it is stored, and the change of password."""
    user = require_signed_in().user
    return _page(ProfileForm(obj=user), version=user.version)


@blueprint.post("")
def save() -> ResponseReturnValue:
    """Store the profile, or say what is wrong and keep what was typed."""
    form, version = ProfileForm(request.form), request.form.get("version", 0, type=int)
    try:
        change_profile(
            form.profile(),
            version=version,
            actor=current_actor(),
            moment=moment(),
            picture=_uploaded_picture(),
            is_picture_removed=form.is_picture_removed.data,
        )
    except FieldsRefused as refused:
        form.blame(refused.problems)
        return _page(form, version=version, status=422)
    except RecordChanged:
        flash(_("Your profile was changed elsewhere meanwhile. This is how it stands now."), "warning")
    else:
        flash(_("Your profile is saved."), "success")
    return redirect(url_for("account.show"), 303)


@blueprint.post("/password")
def change_password() -> ResponseReturnValue:
    """Change the password; every other browser of this user is signed out."""
    user = require_signed_in().user
    problems: dict[str, str] = {}
    try:
        return _changed(user)
    except FieldsRefused as refused:
        problems = {name: said(problem) for name, problem in refused.problems.items()}
    except TooManyFailures as failures:
        problems = {"current_password": too_many(failures)}
    return _page(ProfileForm(obj=user), version=user.version, problems=problems, status=422)


@blueprint.get("/picture")
def picture() -> ResponseReturnValue:
    """One's own picture."""
    content, kind = own_picture(actor=current_actor()) or abort(404)
    return Response(content, mimetype=kind, headers={"Content-Disposition": "inline"})


def _changed(user: User) -> ResponseReturnValue:
    new = request.form.get("new_password", "")
    if new != request.form.get("new_password_again", ""):
        raise FieldsRefused({"new_password_again": Sentence("The two new passwords differ.")})
    current = attempt_from_here(user.username, request.form.get("current_password", ""))
    enter(change_own_password(new, current=current, actor=current_actor(), moment=moment(), pause=time.sleep))
    flash(_("Your password is changed. Every other browser was signed out."), "success")
    return redirect(url_for("home.index" if user.must_change_password else "account.show"), 303)


def _uploaded_picture() -> bytes:
    file = request.files.get("picture")
    return file.read(LARGEST_PICTURE + 1) if file is not None else b""


def _page(
    form: ProfileForm, *, version: int, problems: Mapping[str, str] | None = None, status: int = 200
) -> tuple[str, int]:
    user = require_signed_in().user
    page = render_template(
        "account.html",
        form=form,
        version=version,
        problems=problems or {},
        is_first_password=user.must_change_password,
        role=user.role,
        reseller=user.reseller.name if user.reseller else house().config.distributor_name,
        status=_("Active"),
        has_picture=bool(user.picture_type),
        help={"picture": _("PNG or JPEG, at most 1 MB")},
    )
    return page, status
