"""python -m bench: print every figure beside its own baseline. Nothing is kept afterwards."""

import argparse

from bench import bulk, exports, lists, reports
from bench.book import book

PARTS = {"lists": lists.figures, "exports": exports.figures, "reports": reports.figures, "bulk": bulk.figures}


def main() -> None:
    asked = argparse.ArgumentParser(prog="bench", description=__doc__)
    asked.add_argument("parts", nargs="*", choices=[[], *PARTS], help="which parts; all where none is named")
    asked.add_argument("--engine", choices=("postgres", "sqlite"), default="postgres")
    asked.add_argument("--subscriptions", type=int, default=1_000_000)
    wanted = asked.parse_args()
    with book(wanted.engine, wanted.subscriptions):
        for name in wanted.parts or PARTS:
            for figure in PARTS[name]():
                print(figure, flush=True)


main()
