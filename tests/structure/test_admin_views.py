"""Views call operations and queries; the models are there for Flask-Admin, which wants classes and fields."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.structure import source

ON_MODELS = {"get", "update", "delete", "insert", "insert_many", "raw", "get_by_id", "get_or_none", "get_or_create"}
ON_ANYTHING = {"select", "create", "save", "delete_instance", "execute", "execute_sql", "atomic"}


def _models_named(path: Path) -> set[str]:
    imported = (
        alias.asname or alias.name
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.ImportFrom) and node.module in {"models", "file_models"}
        for alias in node.names
    )
    return {"models", *imported}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def _queries(path: Path) -> Iterator[str]:
    models = _models_named(path)
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            method = node.func.attr
            if method in ON_ANYTHING or (method in ON_MODELS and _root(node.func) in models):
                yield f"{path}:{node.lineno} .{method}()"


def test_views_neither_query_nor_write():
    found = [query for path in source.files("*.py", under="admin_views") for query in _queries(path)]
    assert found == []


def test_a_query_in_a_view_would_be_seen(tmp_path):
    view = tmp_path / "view.py"
    view.write_text("from models import Sku\nSku.get(1)\nSku.select().where(True)\nrow.save()\n{}.get(1)\n")
    assert sorted(line.split()[-1] for line in _queries(view)) == [".get()", ".save()", ".select()"]
