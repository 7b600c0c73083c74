import ast

from tests.structure import source

LONGEST_FUNCTION = 60
LONGEST_FILE = 400
LONGEST_MODELS = 600


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{path}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in source.python_files()
        if source.room(path) != "migrations"  # generated, one statement per table, and never edited
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_file_is_longer_than_can_be_overlooked():
    lengths = {str(path): source.text(path).count("\n") for path in source.python_files()}
    limits = {"models.py": LONGEST_MODELS}
    assert {path: lines for path, lines in lengths.items() if lines > limits.get(path, LONGEST_FILE)} == {}
