"""The control desk: a page for people at /control and JSON for tests below it. Reached from loopback only."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, select_autoescape

from simulator.faults import GROUPS, Execution, FaultDesk, FaultKind, rule_from
from simulator.hostile import Form
from simulator.plan import FaultPlan, plan_from
from simulator.service import Service
from simulator.settings import TEMPLATES

LOOPBACK_NAMES = ("127.0.0.1", "localhost")
JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
LEDGER_ROWS = 50
MAX_LEDGER_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """A request to the desk."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    content_type: str
    host: str
    origin: str | None

    def is_trusted(self) -> bool:
        """Whether it comes from here: no other site's page may post, nor reach us under another name."""
        is_ours = self.origin is None or urlsplit(self.origin).netloc == self.host
        return self.host.split(":", maxsplit=1)[0] in LOOPBACK_NAMES and is_ours

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; ValueError where it is none."""
        values = json.loads(self.body)
        if not isinstance(values, dict):
            raise ValueError("A JSON object is expected.")  # noqa: TRY004  answered as 422 like any wrong value
        return values

    def form(self) -> dict[str, str]:
        """The filled-in fields of a form."""
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True, slots=True)
class ControlResponse:
    """What goes back."""

    status: int
    content: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


BACK_TO_PAGE = ControlResponse(status=303, headers={"Location": "/control"})


def _json(values: Any, status: int = 200) -> ControlResponse:
    return ControlResponse(status=status, content=json.dumps(values, default=str).encode())


class ControlDesk:
    """Shows the ledger and changes faults, latency and extensions."""

    def __init__(self, *, service: Service, faults: FaultDesk) -> None:
        self._service = service
        self._faults = faults
        self._plan: FaultPlan | None = None
        templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape())
        self._page = templates.get_template("control.html")
        self._routes: dict[tuple[str, str], Callable[[ControlRequest], ControlResponse]] = {
            ("GET", "/health"): lambda _request: _json({"status": "ok"}),
            ("GET", "/"): lambda _request: BACK_TO_PAGE,
            ("GET", "/control"): self._show_page,
            ("POST", "/control"): self._take_form,
            ("GET", "/control/faults"): self._list_faults,
            ("POST", "/control/faults"): self._add_fault,
            ("DELETE", "/control/faults"): self._clear_faults,
            ("GET", "/control/settings"): self._list_settings,
            ("POST", "/control/settings"): self._change_settings,
            ("GET", "/control/ledger"): self._list_ledger,
            ("GET", "/control/licences"): self._list_licences,
        }

    def respond(self, request: ControlRequest) -> ControlResponse:
        """Answer one request to the desk."""
        if not request.is_trusted():
            return _json({"error": "Only this machine may do that."}, 403)
        route = self._routes.get((request.method, request.path))
        if route is None:
            return _json({"error": "There is no such page."}, 404)
        try:
            return route(request)
        except (ValueError, TypeError) as wrong:
            return _json({"error": str(wrong)}, 422)

    def _show_page(self, _request: ControlRequest) -> ControlResponse:
        content = self._page.render(
            now=self._service.clock().astimezone(self._service.zone),
            latency_ms=round(self._faults.latency_seconds * 1000),
            extensions=self._service.extensions.as_dict(),
            rules=self._faults.rules(),
            ledger=self._service.ledger.recent(limit=LEDGER_ROWS),
            kinds=list(FaultKind),
            executions=list(Execution),
            forms=list(Form),
            plan=self._plan,
            operations=[*GROUPS, *GROUPS["*"]],
        )
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"}
        return ControlResponse(status=200, content=content.encode(), content_type=HTML, headers=headers)

    def _take_form(self, request: ControlRequest) -> ControlResponse:
        form = request.form()
        match form.pop("do", ""):
            case "add":
                self._faults.add(rule_from(form))
            case "add until removed":
                self._faults.add(rule_from(form | {"times": None}))
            case "remove":
                self._faults.clear(int(form["number"]))
            case "clear":
                self._clear_all()
            case "plan":
                self._follow(plan_from(form))
            case "settings":
                extensions = {name: name in form for name in self._service.extensions.as_dict()}
                self._apply_settings({"latency_ms": form.get("latency_ms", 0), "extensions": extensions})
            case _:
                raise ValueError("The form does not say what to do.")
        return BACK_TO_PAGE

    def _list_faults(self, _request: ControlRequest) -> ControlResponse:
        plan = None if self._plan is None else self._plan.as_dict()
        return _json({"rules": [rule.as_dict() for rule in self._faults.rules()], "plan": plan})

    def _add_fault(self, request: ControlRequest) -> ControlResponse:
        """A rule, or with a seed a plan of random faults in place of the one before."""
        values = request.json()
        if "seed" not in values:
            return _json(self._faults.add(rule_from(values)).as_dict(), 201)
        plan = plan_from(values)
        self._follow(plan)
        return _json(plan.as_dict(), 201)

    def _follow(self, plan: FaultPlan | None) -> None:
        self._plan = plan
        self._faults.draw = None if plan is None else plan.draw

    def _clear_all(self) -> None:
        self._faults.clear()
        self._follow(None)

    def _clear_faults(self, request: ControlRequest) -> ControlResponse:
        number = request.query.get("number")
        if number is None:
            self._clear_all()
        else:
            self._faults.clear(int(number))
        return self._list_faults(request)

    def _list_settings(self, _request: ControlRequest) -> ControlResponse:
        extensions = self._service.extensions.as_dict()
        return _json({"latency_ms": self._faults.latency_seconds * 1000, "extensions": extensions})

    def _change_settings(self, request: ControlRequest) -> ControlResponse:
        self._apply_settings(request.json())
        return self._list_settings(request)

    def _apply_settings(self, values: Mapping[str, Any]) -> None:
        extensions = values.get("extensions", {})
        unknown = set(extensions) - set(self._service.extensions.as_dict())
        if unknown:
            raise ValueError(f"There is no extension {', '.join(sorted(unknown))}.")
        for name, is_offered in extensions.items():
            setattr(self._service.extensions, name, bool(is_offered))
        if "latency_ms" in values:
            self._faults.latency_seconds = max(0.0, float(values["latency_ms"]) / 1000)

    def _list_ledger(self, request: ControlRequest) -> ControlResponse:
        limit = int(request.query.get("limit", MAX_LEDGER_ROWS))
        return _json({"rows": self._service.ledger.recent(reference=request.query.get("reference"), limit=limit)})

    def _list_licences(self, _request: ControlRequest) -> ControlResponse:
        return _json({"licences": [asdict(licence) for licence in self._service.ledger.licences()]})
