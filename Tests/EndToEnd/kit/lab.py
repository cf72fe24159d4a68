"""The folder that a run works in, the environment of its programs, and people with their keys."""

import base64
import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ZERO = "0" * 40

# Set by the runner; every process of a run shares it.
LAB = Path(os.environ.get("GATE_E2E_LAB", "/nonexistent"))

# git without anybody's configuration, and with names that no case relies on by accident.
GIT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "HOME": str(LAB / "home"),
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Nobody",
    "GIT_AUTHOR_EMAIL": "nobody@invalid.example",
    "GIT_COMMITTER_NAME": "Nobody",
    "GIT_COMMITTER_EMAIL": "nobody@invalid.example",
}
# Tests/Mutants/mutants.py chooses by it which check of its own build is off.
if "GATE_MUTANT" in os.environ:
    GIT["GATE_MUTANT"] = os.environ["GATE_MUTANT"]


@dataclass
class Done:
    """What a program left: its exit code and both outputs, as bytes."""

    exit: int
    out: bytes
    err: bytes

    @property
    def text(self):
        return self.out.decode("utf-8", "replace")

    @property
    def errors(self):
        return self.err.decode("utf-8", "replace")


def run(*arguments, cwd=None, input=b"", env=None, check=True, timeout=120):
    """Runs a program to its end; with `check`, anything but exit code 0 fails the case."""
    if isinstance(input, str):
        input = input.encode()
    done = subprocess.run(
        [os.fspath(a) for a in arguments], cwd=cwd, input=input, env={**GIT, **(env or {})},
        capture_output=True, timeout=timeout)
    if check and done.returncode != 0:
        shown = " ".join(os.fspath(a) if not isinstance(a, bytes) else repr(a) for a in arguments)
        raise AssertionError(
            f"{shown}\nexit {done.returncode}\n{done.stdout.decode('utf-8', 'replace')}"
            f"{done.stderr.decode('utf-8', 'replace')}")
    return Done(done.returncode, done.stdout, done.stderr)


def git(cwd, *arguments, **options):
    """Runs git in `cwd` and returns its output without the last newline."""
    return run("git", *arguments, cwd=cwd, **options).text.rstrip("\n")


@dataclass(frozen=True)
class Person:
    """Somebody with an address and an SSH key."""

    name: str
    email: str
    key: Path

    @property
    def public(self):
        """Key type and base64, as allowed_signers wants it."""
        return " ".join(Path(f"{self.key}.pub").read_text().split()[:2])

    @property
    def fingerprint(self):
        """As `ssh-keygen -l` prints it."""
        blob = base64.b64decode(self.public.split()[1])
        digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        return f"SHA256:{digest}"

    @property
    def ident(self):
        return f"{self.name.capitalize()} <{self.email}>"


# The second column is the key's type. alice2 is alice's second key; alice_home her other address;
# erin is an outsider of the policies, mallory is nobody, both with keys that no policy lists.
_PEOPLE = {
    "alice": ("alice@wrk.example", "ed25519"),
    "bob": ("bob@wrk.example", "ed25519"),
    "carol": ("carol@wrk.example", "ed25519"),
    "dave": ("dave@wrk.example", "ed25519"),
    "ci": ("ci@wrk.example", "ed25519"),
    "alice2": ("alice@wrk.example", "ed25519"),
    "erin": ("erin@outside.example", "ed25519"),
    "mallory": ("mallory@nowhere.example", "ed25519"),
    "rsa": ("rsa@wrk.example", "rsa"),
    "ecdsa": ("ecdsa@wrk.example", "ecdsa"),
    "authority": ("authority@wrk.example", "ed25519"),
}

people = {name: Person(name, email, LAB / "keys" / name) for name, (email, _) in _PEOPLE.items()}


def make_lab():
    """Fills an empty lab: a home and everybody's key."""
    for folder in ("home", "keys", "templates", "cases"):
        (LAB / folder).mkdir(parents=True, exist_ok=True)
    for name, (email, kind) in _PEOPLE.items():
        if not (LAB / "keys" / name).exists():
            size = ["-b", "2048"] if kind == "rsa" else []
            run("ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-C", email,
                "-f", LAB / "keys" / name)
