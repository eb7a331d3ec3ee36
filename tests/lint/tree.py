"""tree: the files that the laws of this folder are about, and how a breach is told."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(*suffixes):
    """Tracked files and new ones that are not ignored, as paths relative to the root."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True)
    if listing.returncode == 0:
        names = [name for name in listing.stdout.split("\0") if name]
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
        names = [name for name in names if not name.startswith(("build", ".git/", ".files"))]
    wanted = [name for name in names if not suffixes or name.endswith(suffixes)]
    return sorted({name for name in wanted if (ROOT / name).is_file()})


def text(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def report(law, breaches):
    """Prints the breaches and ends the program."""
    for breach in breaches:
        print(breach)
    print(f"{law}: {len(breaches)} breaches" if breaches else f"{law}: holds")
    sys.exit(1 if breaches else 0)
