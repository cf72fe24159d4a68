"""Who pushes on which day, of a repository whose people come and go."""

import datetime
import hashlib
import json
import os

from kit import LAB, case, check, files, git, people, run
from kit.policy import TEAMS, signers, yaml

DAY = 86_400
START = 1_767_571_200 + 8 * 3600     # Monday, 2026-01-05, 08:00 UTC


class Team:
    """A repository that is its own server, with a policy that lands on given days."""

    def __init__(self, name):
        self.path = LAB / "cases" / f"shepherds-{name}"
        run("git", "init", "-q", "-b", "master", self.path)

    def land(self, day, members, **rotation):
        teams = {**TEAMS, "engineering": list(members)}
        policy = files(teams=teams, keys=signers("alice", "bob", "carol", "dave", "ci"))
        policy["policies/release.yml"] = yaml({
            "release": {"ref": "refs/heads/master", "environments": ["production"],
                        "operators": {"production": ["engineering"]}},
            "rotation": {"team": "engineering", **rotation}})
        for path, text in policy.items():
            (self.path / path).parent.mkdir(exist_ok=True)
            (self.path / path).write_text(text)
        date = f"{START + day * DAY} +0000"
        git(self.path, "add", "-A")
        run("git", "commit", "-q", "-m", "People", cwd=self.path,
            env={"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date})

    def gate(self, *arguments, check=True):
        return run(os.environ["GATE_PROGRAM"], "shepherd", *arguments, cwd=self.path, check=check)

    def drawn(self, days, first=0):
        date = datetime.date(2026, 1, 5) + datetime.timedelta(first)
        done = self.gate("list", "--json", "--date", str(date), "--days", str(days))
        return json.loads(done.text)


def digest(cycle, name):
    return hashlib.sha256(f"wrk/system\0{cycle}\0{name}".encode()).hexdigest()


@case
def people_come_and_go():
    """What was drawn stays when people join, leave and go away; the order is that of the digests."""
    team = Team("change")
    team.land(0, ["alice", "bob", "carol"])
    first = team.drawn(14)
    names = [people[n].email for n in ("alice", "bob", "carol")]
    expected = sorted(names, key=lambda n: digest(1, n))
    check([d["principal"] for d in first[:3]] == expected, str(first[:3]))
    check([d["draw"]["rest"] for d in first[5:7]] == ["weekday", "weekday"], "a weekend")
    work = [d["principal"] for d in first if d["principal"]]
    check(all(set(work[n:n + 3]) == set(names) for n in (0, 3, 6)), str(work))
    check(all(a != b for a, b in zip(work, work[1:])), str(work))

    # In the middle of the second day somebody joins, and the next one in turn goes on leave.
    away = {expected[2]: ["2026-01-07..2026-01-09"]}
    team.land(1, ["alice", "bob", "carol", "dave"], away=away, holidays=["2026-01-08"])
    second = team.drawn(14)
    check(second[:2] == first[:2], "what was drawn is another")
    check(second[2]["principal"] == people["dave"].email, str(second[2]))
    check(second[3]["draw"]["rest"] == "holiday", str(second[3]))
    back = next(d for d in second[3:] if d["principal"] == expected[2])
    check(back["draw"]["date"] == "2026-01-12" and back["draw"]["cycle"] == 1, str(back))

    team.land(9, ["alice", "bob", "dave"])
    third = team.drawn(30)
    check(third[:10] == second[:10], "what was drawn is another")
    check(not any(d["principal"] == people["carol"].email for d in third[10:]), "carol has left")


@case
def one_day_in_words():
    """One name; the letter; nothing on a day off; a day before the rotation is bad usage."""
    team = Team("words")
    team.land(0, ["alice", "bob"])
    name = team.gate("--date", "2026-01-05").text.strip()
    check(name in (people["alice"].email, people["bob"].email), name)
    said = team.gate("--date", "2026-01-05", "--explain").text
    check(said.startswith(name) and "cycle 1" in said and "in the bag still" in said, said)
    mail = team.gate("--date", "2026-01-05", "--format", "mail").text
    check(mail.startswith(f"To: {name}\nSubject: You push on 2026-01-05\n"), mail)
    rest = team.gate("--date", "2026-01-10", "--format", "mail")
    check(rest.out == b"" and "no day of the rotation" in rest.errors, rest.errors)
    check(team.gate("--date", "2026-01-04", check=False).exit == 2, "before the rotation")
    check(team.gate("--date", "tomorrow", check=False).exit == 2, "no day")
    made = run(os.environ["GATE_PROGRAM"], "manifest", "--created", "2026-01-05T06:30:00Z",
               cwd=team.path)
    check(json.loads(made.text)["shepherd"]["principal"] == name, "the manifest names another")
