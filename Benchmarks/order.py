#!/usr/bin/env python3
"""Writes packaging/hook-order.txt: the functions that the server's hook runs, in the order of their
first call. The linker lays them side by side (install.sh), so that the hook touches few pages.

    order.py GATE        GATE is the release program with symbols: ./install.sh --build-only

valgrind counts the calls while the benchmark's landing is judged. A function that is no longer there
does no harm, one that is missing lies elsewhere: run it again when the hook has changed a lot.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def profile(folder, gate):
    """callgrind's account of one landing."""
    sys.path[:0] = [str(ROOT / "Tests/EndToEnd"), str(HERE)]
    from kit.lab import GIT, make_lab
    from repository import Prepared, quarantine

    make_lab()
    prepared = Prepared(folder, gate, 1)
    push = f"{prepared.old} {prepared.new} refs/heads/master\n"
    # valgrind does not know the newest form of debugging information.
    plain = folder / "gate"
    subprocess.run(["objcopy", "--strip-debug", gate, plain], check=True)
    account = folder / "account"
    subprocess.run(
        ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={account}", plain, "hook",
         "pre-receive"],
        cwd=prepared.server, env={**GIT, **quarantine(prepared.server, prepared)},
        input=push.encode(), check=True)
    return account.read_text(), plain


def called(account, program):
    """The names in the order of the account, as valgrind shows them."""
    objects, functions, current, names = {}, {}, None, {}
    for line in account.splitlines():
        match = re.match(r"(c?)(ob|fn)=\((\d+)\)(?: (.*))?$", line)
        if not match:
            continue
        callee, kind, number, name = match.groups()
        table = objects if kind == "ob" else functions
        if name:
            table[number] = name.strip()
        if callee:
            continue
        if kind == "ob":
            current = table[number]
        elif current == str(program):
            names[re.sub(r"'\d+$", "", table[number])] = True
    return list(names)


def linker_names(names, program):
    """The same as the linker knows them; valgrind shows those of C++ demangled."""
    listing = subprocess.run(["nm", program], check=True, text=True, capture_output=True).stdout
    symbols = [row.split(None, 2)[2] for row in listing.splitlines()
               if len(row.split(None, 2)) == 3 and row.split(None, 2)[1] in "tTwWvV"]
    foreign = [symbol for symbol in symbols if symbol.startswith("_Z")]
    plain = subprocess.run(["c++filt"], input="\n".join(foreign), check=True, text=True,
                           capture_output=True).stdout.split("\n")
    by_name = {symbol: [symbol] for symbol in symbols}
    for symbol, name in zip(foreign, plain):
        by_name.setdefault(name, []).append(symbol)
    return list(dict.fromkeys(symbol for name in names for symbol in by_name.get(name, [])))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    gate = Path(sys.argv[1]).resolve()
    folder = Path(tempfile.mkdtemp(prefix="gate-order."))
    try:
        os.environ["GATE_E2E_LAB"] = str(folder / "lab")
        os.environ["GATE"] = str(gate)
        account, program = profile(folder, gate)
        symbols = linker_names(called(account, program), program)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    target = ROOT / "packaging/hook-order.txt"
    target.write_text("".join(f"{symbol}\n" for symbol in symbols))
    print(f"{len(symbols)} functions in {target}")


if __name__ == "__main__":
    main()
