"""`python -m tests.cases [--json] [NAME ...]`: every worked example as a table; exit 1 where one fails."""

from __future__ import annotations

import argparse
import json
import sys

from tests.cases.run import case_files, outcomes, table, value


def main() -> int:
    """Work the cases asked for, or all of them, and print what came out."""
    parser = argparse.ArgumentParser(prog="tests.cases", description="worked examples: ours, published, difference")
    parser.add_argument("names", nargs="*", metavar="NAME", help="parts of file names; all cases where none is given")
    parser.add_argument("--json", action="store_true", help="one JSON list on stdout")
    asked = parser.parse_args()
    found = list(outcomes(path for path in case_files() if not asked.names or any(name in path.stem for name in asked.names)))
    print(json.dumps(value(found), ensure_ascii=False, indent=1) if asked.json else table(found))
    return int(any(one.passed is False for one in found) or not found)


if __name__ == "__main__":
    sys.exit(main())
