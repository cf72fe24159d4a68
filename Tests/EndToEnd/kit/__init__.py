"""What the cases stand on: people with keys, servers, clones, evidence, pushes and what they left.

Nothing here uses gate, but for installing its hook and closing the gate (`kit.server`).
"""

from . import evidence
from .case import Skip, case, check
from .evidence import Line, digest_of_check, envelope, review, statement, test_result
from .lab import GIT, LAB, ZERO, Person, git, people, run
from .policy import CHECKS, REVIEWED, RULES, files, only, signers
from .server import Push, Server, accepted, refused, refused_by_git
from .world import World

__all__ = [
    "CHECKS", "GIT", "LAB", "Line", "Person", "Push", "REVIEWED", "RULES", "Server", "Skip",
    "World", "ZERO", "accepted", "case", "check", "digest_of_check", "envelope", "evidence",
    "files", "git", "only", "people", "refused", "refused_by_git", "review", "run", "signers",
    "statement", "test_result",
]
