"""A repository whose Python is somebody's published package, with its own unit tests and the real
pylint: what lands has passed them, what fails them does not land."""

import subprocess

from kit import World, accepted, case, check, files, only, refused, run
from kit.tools import sdist, tool

PACKAGE, VERSION = "polib", "1.2.0"
CHECKS = {
    "pylint": {"run": "pylint --errors-only --disable=E0602,E1101 polib.py", "timeout": "5m"},
    "unit": {"run": "python3 -W ignore tests/tests.py", "timeout": "5m"},
}
RULES = only("creation", "deletion", "non_fast_forward", "pull_request", required_status_checks={
    "checks": ["pylint", "unit"], "tested": "head", "signers": ["ci"]})


def tested(world, head):
    """Runs both checks on a checkout of the head, and publishes what they said."""
    folder = world.folder / f"tree-{head[:8]}"
    run("git", "clone", "-q", "--no-checkout", "--shared", world.path, folder)
    run("git", "checkout", "-q", "--detach", head, cwd=folder)
    path = f"{tool('pylint').parent}:/usr/bin:/bin"
    results = {}
    for name, check_ in CHECKS.items():
        done = subprocess.run(["sh", "-c", check_["run"]], cwd=folder, capture_output=True,
                              env={"PATH": path, "HOME": str(world.folder)}, timeout=300)
        results[name] = "PASSED" if done.returncode == 0 else "FAILED"
    world.publish(*(world.result(head, name, result=said) for name, said in results.items()))
    return results


@case
def polib():
    """The policy lands on polib's sources; a real change with real results lands, a broken one
    is refused by the check that it broke."""
    source = sdist(PACKAGE, VERSION)
    world = World(files(RULES, checks=CHECKS), seed={"README.md": "polib\n"}, checks=CHECKS)
    contents = {str(p.relative_to(source)): p.read_bytes() for p in source.rglob("*")
                if p.is_file()}
    check(len(contents) > 40, f"only {len(contents)} files in the package")
    imported = world.change(contents, message="Import polib 1.2.0")
    world.approve(imported)
    refused(world.land(world.merge(imported)), "required_status_checks", "pylint")
    check(tested(world, imported) == {"pylint": "PASSED", "unit": "PASSED"},
          "polib's own checks fail here")
    accepted(world.land(world.merge(imported)))

    code = contents["polib.py"].decode()
    # A wrong call, which pylint sees; no test calls it.
    wrong = world.change({"polib.py": code + "\n\ndef broken():\n    return escape()\n"})
    world.approve(wrong)
    said = tested(world, wrong)
    check(said == {"pylint": "FAILED", "unit": "PASSED"}, str(said))
    push = refused(world.land(world.merge(wrong)), "required_status_checks", "pylint")
    check("unit" not in push.finding("required_status_checks").replace("gate", ""),
          "the check that passed is reported, too")

    # Another behaviour, which the tests see; pylint does not.
    other = code.replace("def escape(st):", "def escape(st):\n    return 'x'\n\ndef unused(st):", 1)
    failing = world.change({"polib.py": other})
    world.approve(failing)
    said = tested(world, failing)
    check(said["unit"] == "FAILED", str(said))
    refused(world.land(world.merge(failing)), "required_status_checks", "unit")

    better = world.change({
        "polib.py": code.replace("= '1.2.0'", "= '1.2.1'"),
        "CHANGELOG": contents["CHANGELOG"] + b"\nVersion 1.2.1\n"})
    world.approve(better)
    check(tested(world, better) == {"pylint": "PASSED", "unit": "PASSED"}, "the good change fails")
    accepted(world.land(world.merge(better)))
