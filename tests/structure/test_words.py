"""What nobody outside should read in the source: where it was written, and hosts of package registries."""

import re

from tests.structure import source

TEXTS = ("*.py", "*.md", "*.html", "*.css", "*.txt", "*.in", "*.toml", "*.csv", "*.po", "Makefile", "Procfile", "run")
# Put together here, so that this file does not hold them.
HOSTS = [
    f"{name}.{end}" for name, end in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
]
FOLDERS = [f"/{name}/" for name in ("work", "root", "home/[a-z]", "opt/wheels", "opt/pypi")]


def test_no_file_names_a_registry_or_a_folder_of_one_machine():
    told = re.compile("|".join([*map(re.escape, HOSTS), *(rf"(?<![\w.]){folder}" for folder in FOLDERS)]))
    paths = sorted({path for pattern in TEXTS for path in source.files(pattern)})
    found = [
        f"{path}:{number}: {match.group(0)}"
        for path in paths
        for number, line in enumerate(source.text(path).splitlines(), 1)
        for match in told.finditer(line)
    ]
    assert len(paths) > 50
    assert found == []
