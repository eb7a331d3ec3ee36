"""Makes a C array of a file: embed.py FILE NAME OUTPUT gives NAME_text and NAME_length."""

import pathlib
import sys


def main():
    data = pathlib.Path(sys.argv[1]).read_bytes()
    name = sys.argv[2]
    rows = [", ".join(map(str, data[at : at + 32])) for at in range(0, len(data), 32)]
    if max(data) > 127:
        sys.exit(f"{sys.argv[1]}: not ASCII")
    pathlib.Path(sys.argv[3]).write_text(
        f"/* Made by policy/embed.py. */\n#include <stddef.h>\n\n"
        f"extern const char {name}_text[];\nextern const size_t {name}_length;\n\n"
        f"const char {name}_text[] = {{\n\t" + ",\n\t".join(rows) + ", 0,\n};\n"
        f"const size_t {name}_length = {len(data)};\n"
    )


main()
