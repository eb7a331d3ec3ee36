"""Every profile cordon ships, and every valid golden one, against profiles/profile.schema.json.

usage: validate.py SOURCE_ROOT. Exit status 77 (skipped) without python3-jsonschema.
"""

import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

root = pathlib.Path(sys.argv[1])
schema = json.loads((root / "profiles/profile.schema.json").read_text())
validator = jsonschema.Draft202012Validator(schema)
validator.check_schema(schema)
# Files that break a rule JSON Schema cannot know may validate; a file of cordon's must.
tables = ("profile.schema.json", "groups.json", "kernel-bugs.json")
shipped = [p for p in root.glob("profiles/*.json") if p.name not in tables]
failed = 0
for path in sorted(shipped) + sorted(root.glob("tests/policy/valid/*/profile.json")):
    profile = json.loads(path.read_text())
    if "defaultAction" in profile:
        continue
    for error in validator.iter_errors(profile):
        failed += 1
        print(f"{path.relative_to(root)}: /{'/'.join(map(str, error.absolute_path))}: {error.message}")
sys.exit(1 if failed else 0)
