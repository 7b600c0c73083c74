"""A list whose rows have a form: new and edit, each posted to one operation, whose refusals stand beside the fields."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _

from admin_views.base import Answer, ListScreen
from admin_views.customer_fields import blame
from operations.record_refusals import FieldsRefused, RecordChanged
from operations.refusals import CustomerTwin, NotFound

UNPROCESSABLE = 422


class RecordScreen(ListScreen):
    """The screen of a register. A form may carry twin and conflict, which its template then shows."""

    create_template = "admin/model/create.html"
    edit_template = "admin/model/edit.html"
    can_create = can_edit = True

    def address_of(self, row: Any) -> str:
        return self.get_url(".edit_view", id=row.id)

    def create_address(self) -> str:
        return self.get_url(".create_view") if self.can_create and self.may_write() else ""

    def create_model(self, form: Any) -> Any:
        """Call the operation that adds what was typed; its refusals are shown beside the fields."""
        raise NotImplementedError

    def update_model(self, form: Any, model: Any) -> Any:
        """Call the operation that changes the row from the version of the form."""
        raise NotImplementedError

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Answer:
        form = self.create_form()
        self.prepare(form)
        if request.method == "POST":
            record = self._attempt(form, lambda: self.create_model(form))
            if record is not None:
                flash(_("Saved: %(name)s", name=str(record)), "success")
                return redirect(self.get_url(".index_view"), 303)
        page = self.render(self.create_template, **self.form_context(form, None))
        return (page, UNPROCESSABLE) if request.method == "POST" else page

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Answer:
        model = self.get_one(request.args.get("id"))
        form = self.edit_form(obj=model)
        self.prepare(form)
        if request.method == "POST":
            record = self._attempt(form, lambda: self.update_model(form, model))
            if record is not None:
                flash(_("Saved: %(name)s", name=str(record)), "success")
                return redirect(self.get_url(".edit_view", id=record.id), 303)
        page = self.render(self.edit_template, **self.form_context(form, model))
        return (page, UNPROCESSABLE) if request.method == "POST" else page

    def prepare(self, form: Any) -> None:
        """Fill the choices of a form before it is read or shown."""

    def form_context(self, form: Any, model: Any) -> dict[str, Any]:
        """What the form's template shows besides the form. After a conflict the form goes on from how it stands now."""
        current = getattr(form, "conflict", None) or model
        if current is not None and (request.method == "GET" or current is not model or not form.version.data):
            form.version.data = str(current.version)
        return {
            "form": form,
            "model": model,
            "may_write": self.may_write(),
            "list_address": self.get_url(".index_view"),
            "conflict": getattr(form, "conflict", None),
        }

    def _attempt(self, form: Any, write: Callable[[], Any]) -> Any:
        """What the operation gives, or None where it was refused and the form says why."""
        form.validate()
        if form.errors:
            return None
        try:
            return write()
        except FieldsRefused as refused:
            blame(form, refused.problems)
        except CustomerTwin as asked:
            form.twin = asked.twin
        except RecordChanged as changed:
            form.conflict = changed.current
        except NotFound:
            abort(404)
        return None
