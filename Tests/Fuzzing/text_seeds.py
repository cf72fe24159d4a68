"""Seeds that no program writes for us: texts as people and tools write them, by reader and name."""

import json
import struct

ID = [digit * 40 for digit in "0123456789abcdef"]
ZERO = "0" * 40
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"
ALICE = KEY + "OZfv8pjG8EV+m/05Fuh/KAUgpRaq+Vj206/jAL44+P6"
BOB = KEY + "FIOaS98jr3OMuRoMl73KCZ8u+4b5RG0AB8f0y+KZcTE"
CAROL = KEY + "Idyp0YENfDEUCUCVaD4qHa8Mn4NnvgUm5D04fcLRXC/"
CI = KEY + "GLSGLAqvrwjHdnzQiX3eHepoxZw0NiMnODE1rrIEZBt"

SIGNERS = f"""# who is who
alice@wrk.example {ALICE} a laptop
bob@wrk.example {BOB}
carol@wrk.example namespaces="gate-review,git" {CAROL}
ci@wrk.example namespaces="gate-check" {CI}
"""
PEOPLE = """repository: wrk/system
teams:
  engineering: [alice@wrk.example, bob@wrk.example, carol@wrk.example]
  ci: [ci@wrk.example]
aliases: {alice@home.example: alice@wrk.example, '@alice': alice@wrk.example}
outsiders: ['*@dependabot.example']
"""
CHECKS = """checks:
  pylint: {uses: pylint, paths: ['**/*.py'], version: [pylint --version]}
  mypy: {run: mypy ., keep: [.mypy_cache], link: [node_modules], timeout: 90s, env: [CI]}
  unit: {run: 'pytest -q', report: junit, timeout: 1h, needs: [pylint, mypy], cache: false, fix: x}
on_push: [pylint]
"""
MASTER = """rulesets:
  - name: master
    target: branch
    enforcement: active
    include: [refs/heads/master]
    exclude: []
    rules:
      creation: {}
      deletion: {}
      non_fast_forward: {}
      required_signatures: {}
      required_linear_history: {}
      pull_request:
        required_approving_review_count: 1
        reviewers: [engineering]
        require_code_owner_review: true
        carry_over: equal_diff
        allowed_merge_methods: [merge, squash, fast_forward]
      required_status_checks: {checks: [pylint, unit], tested: head, signers: [ci]}
      commit_message_pattern: {pattern: '^[A-Z].{0,71}$', scope: subject}
      file_path_restriction: {forbid: ['**/*.pem', '.env']}
      max_file_size: {bytes: 5_000_000}
      max_file_path_length: {bytes: 255}
    bypass: [alice@wrk.example]
"""
RELEASE = """release:
  ref: refs/heads/master
  environments: [staging, production]
  operators: {staging: [engineering], production: [engineering]}
  trains: {api: ['api/**'], all: ['**']}
services:
  api: {paths: ['api/**'], image: registry.wrk.example/api}
migrations: ['**/migrations/[0-9]*.py']
config: ['deploy/**']
flags: {files: [flags.json], format: flagd}
tickets: '\\b[A-Z]{2,}-\\d+\\b'
preflight:
  - {run: ./preflight.sh, environments: [staging]}
checklist:
  always: ['Sign in']
  changed: [{paths: ['**/migrations/**'], text: 'Rows counted'}]
rotation:
  team: engineering
  days: [mon, tue]
  holidays: ['2026-12-25']
  away: {alice@wrk.example: ['2026-11-23..2026-11-27', '2026-12-01']}
limits: {max_changes: 20, freeze: ['2026-12-24..2027-01-01', '2027-02-01']}
"""
OWNERS = "# owners\n* @alice\n/api/ @wrk/engineering bob@wrk.example\n*.js\n"


def policy(**files):
    """Several files in one input."""
    paths = {"signers": "policies/allowed_signers", "owners": ".github/CODEOWNERS"}
    return "".join(f"%% {paths.get(name, f'policies/{name}.yml')}\n{text}"
                   for name, text in files.items())


def policy_seeds():
    whole = {"master": MASTER, "people": PEOPLE, "checks": CHECKS, "signers": SIGNERS,
             "owners": OWNERS}
    seeds = {
        "good-whole": policy(**whole), "good-checks-alone": policy(checks=CHECKS),
        "good-release": policy(**whole, release=RELEASE),
        "good-tags": policy(**whole, tags=MASTER[:MASTER.index("    rules:")].replace(
            "name: master", "name: tags").replace("branch", "tag").replace("heads", "tags")
            + "    rules: {creation: {}, deletion: {}}\n"),
        "good-evaluate": policy(**{**whole, "master": MASTER.replace("active", "evaluate")}),
        "good-disabled": policy(**{**whole, "master": MASTER.replace("active", "disabled")}),
        "good-merge-result": policy(**{**whole, "master": MASTER.replace("tested: head",
                                                                        "tested: merge_result")}),
        "bad-nothing": "\n", "bad-yaml-ending": "%% policies/a.yaml\nx: 1\n",
        "bad-no-people": policy(master=MASTER, checks=CHECKS),
        "bad-no-signers": policy(master=MASTER, checks=CHECKS, people=PEOPLE),
        "bad-two-files": policy(**whole, other=MASTER),
        "bad-owners": policy(**{**whole, "owners": "a!b[ @x\n*** @y\n!a\n\\"}),
    }
    spoilt = [
        ("master", [("name: master", "nane: master"), ("target: branch", "target: bransh"),
                    ("[refs/heads/master]", "[master]"), ("[refs/heads/master]", "[~ALL]"),
                    ("[refs/heads/master]", "[]"), ("[refs/heads/master]", "[refs/tags/x]"),
                    ("exclude: []", "exclude: [refs/heads/master]"), ("creation: {}", "creation: true"),
                    ("creation: {}", "creation: false"), ("creation: {}", "creation: {x: 1}"),
                    ("creation: {}", "creaton: {}"), ("_count: 1", "_count: 21"),
                    ("_count: 1", "_count: 3"), ("_count: 1", "_count: one"), ("_count: 1", "_count: 01"),
                    ("[engineering]", "[enginering]"), ("[engineering]", "engineering"),
                    ("[engineering]", "[engineering, engineering]"), ("review: true", "review: yes"),
                    ("equal_diff", "equal-diff"), ("[merge, squash, fast_forward]", "[]"),
                    ("[merge, squash, fast_forward]", "merge"), ("[pylint, unit]", "[]"),
                    ("[pylint, unit]", "[pilint]"), ("signers: [ci]", "signers: []"),
                    ("signers: [ci]", "x: 1"), ("signers: [ci]", "signers: [engineering]"),
                    ("'^[A-Z].{0,71}$'", "'('"), ("'^[A-Z].{0,71}$'", "''"),
                    ("'^[A-Z].{0,71}$'", "[x]"), ("scope: subject", "scope: all"),
                    ("['**/*.pem', '.env']", "[]"), ("'.env'", "'/x'"), ("'.env'", '"\\e"'),
                    ("'.env'", "''"), ("'.env'", "'a\n\n b'"), ("5_000_000", "5__0"),
                    ("5_000_000", "0"), ("bypass: [alice@wrk.example]", "bypass: [mallory]"),
                    ("rulesets:", "ruleset:"), ("rulesets:", "teams:"), ("rulesets:", "checks:"),
                    ("rulesets:", "services:"), ("target: branch", "target: tag"),
                    (MASTER[MASTER.index("      creation"):], "      {}\n"),
                    (MASTER[MASTER.index("      creation"):], ""),
                    (MASTER, "rulesets: true\n"), (MASTER, "# nothing\n"), (MASTER, "a: *b\n"),
                    (MASTER, "[]\n"), (MASTER, "~\n"),
                    (MASTER, "rulesets: [1]\n")]),
        ("checks", [("uses: pylint", "uses: pilint"), ("run: mypy .", "x: y"), ("90s", "90"),
                    ("90s", "2d"), ("90s", "1000000h"), ("90s", "25h"), ("junit", "junut"),
                    ("env: [CI]", "env: [1A]"), ("[pylint, mypy]", "[unit]"),
                    ("[pylint, mypy]", "[x]"), ("keep: [.mypy_cache]", "keep: [/x, ../y]"),
                    ("link: [node_modules]", "link: [.git, 'a//b']"), ("cache: false", "cache: 1"),
                    ("on_push: [pylint]", "on_push: [x]"), ("keep:", "needs: [unit], keep:"),
                    ("pylint: {uses: pylint,", "a/b: {uses: pylint,"), ("unit:", "Pylint:"),
                    ("checks:", "check:"), ("pytest -q", "")]),
        ("people", [("wrk/system", "wrk system"), ("repository: wrk/system", "x: 1"),
                    ("engineering:", "Ci:"), ("engineering:", "alice@x:"),
                    ("carol@wrk.example]", "mallory@wrk.example]"), ("alice@home.example", "home"),
                    ("alice@home.example", "bob@wrk.example"), ("'@alice'", "'@engineering'"),
                    ("'@alice'", "ALICE@home.example"), ("teams:", "tems:"), ("  ci: [", "  ci: x["),
                    ("aliases: {", "aliases: [")]),
        ("release", [("refs/heads/master", "master"), ("[staging, production]", "[]"),
                     ("[staging, production]", "staging"), ("production: [engineering]", "live: [x]"),
                     ("operators:", "operator:"), ("all: ['**']", "all: []"), ("all:", "'a b':"),
                     ("image: registry", "image: '@registry"), ("api: {paths", "api: {path"),
                     ("format: flagd", "format: json"), ("files: [flags.json]", "file: x"),
                     ("[flags.json]", "['a/*']"), ("'\\b[A-Z]{2,}", "'(?=x"),
                     ("run: ./preflight.sh", "x: y"), ("[staging]}", "[live]}"),
                     ("text: 'Rows counted'", "x: y"), ("'Sign in'", "''"), ("team: engineering", "x: 1"),
                     ("team: engineering", "team: nobody"), ("[mon, tue]", "[moon]"),
                     ("[mon, tue]", "[]"), ("[mon, tue]", "[mon, mon]"), ("'2026-12-25'", "2026-13-25"),
                     ("2026-11-23..2026-11-27", "2026-11-27..2026-11-23"), ("2026-11-23..", "x.."),
                     ("away: {alice", "away: {mallory"), ("max_changes: 20", "max_changes: 0"),
                     ("freeze: [", "freeze: [x, "), ("limits:", "limit:"), ("release:", "relase:"),
                     ("checklist:", "checklist: []\nconfig:")]),
        ("signers", [(CAROL, ALICE), ("gate-check", "gate-*"), ("bob@", "carol@wrk.example,bob@")]),
    ]
    everything = {**whole, "release": RELEASE}
    for name, changes in spoilt:
        for number, (old, new) in enumerate(changes):
            text = everything[name]
            assert old in text, (name, old)
            files = everything if name == "release" else whole
            seeds[f"spoilt-{name}-{number:02}"] = policy(
                **{**files, name: text.replace(old, new, 1)})
    return seeds


def manifest():
    names = ["release", "source", "range", "services", "changes", "migrations", "config", "flags",
             "checklist", "gates", "shepherd", "holds", "rollback", "statements", "warnings"]
    empty = {name: [] for name in names}
    digest = {"sha256": "ab" * 32}
    change = {"id": "#12", "landing": ID[2], "title": "Pay <b>out</b>", "state": "included",
              "url": "https://forge.wrk.example/pull/12", "authors": [{"name": "Alice", "email": "a@x"}],
              "reviewers": [{"name": "Bob", "email": "b@x"}], "bypasses": [
                  {"by": "alice", "ruleset": "master", "reason": "outage"}], "tickets": ["AB-1"],
              "services": ["api"], "migrations": ["m"], "config": ["c"], "flags": ["f"],
              "reverts": [ID[3]], "partlyReverts": [ID[4]], "commits": [ID[2]], "matchedBy": "number",
              "match": ID[5], "timings": {"authored": "2026-11-22T09:00:00Z",
                                          "committed": "2026-11-22T09:00:00Z",
                                          "landed": "2026-11-22T10:00:00Z"}}
    value = {
        **empty, "schemaVersion": 1, "kind": "ReleaseManifest",
        "release": {"id": "production-1", "environment": "production", "train": "all",
                    "createdOn": "2026-11-23T09:00:00Z", "type": "regular"},
        "source": {"uri": "https://forge.wrk.example", "digest": {"gitCommit": ID[2], "gitTree": ID[3]},
                   "annotations": {"sourceRefs": ["refs/heads/master"]}},
        "range": {"base": {"revision": ID[1]}, "head": {"revision": ID[2]}, "relation": "forward",
                  "mergeBase": ID[1], "commitCount": 3, "changeCount": 2},
        "services": [{"name": "api", "changed": True, "paths": ["api/x"], "reason": "changes",
                      "image": {"name": "api", "uri": "registry.wrk.example/api",
                                "annotations": {"org.opencontainers.image.source": "wrk/system"}},
                      "previous": {"revision": ID[1], "digest": digest}},
                     {"name": "web", "changed": False, "paths": [], "reason": "untouched"}],
        "changes": [change, {**change, "id": "abc", "state": "reverted", "url": "", "bypasses": []},
                    {**change, "state": "already_shipped", "matchedBy": "difference"},
                    {**change, "state": "removed", "authors": []}],
        "migrations": [{"app": "pay", "name": "0001", "path": "pay/migrations/0001.py", "event": "added"}],
        "config": [{"path": "deploy/a", "event": "edited"}],
        "flags": [{"name": "f", "file": "flags.json", "event": "switched", "turnsOn": True,
                   "turnsOff": False, "before": {"state": "DISABLED", "defaultVariant": "off",
                                                 "variants": {"on": "true"}}, "after": {}},
                  {"name": "g", "file": "flags.json", "event": "removed", "turnsOn": False,
                   "turnsOff": True, "before": {}, "after": {}}],
        "checklist": [{"id": "sign-in", "text": "Sign in", "required": True, "services": ["api"],
                       "done": True},
                      {"id": "b", "text": "Rows", "required": False, "services": [], "done": False}],
        "gates": [{"landing": ID[2], "verificationResult": "FAILED", "problems": ["x"],
                   "policy": {"digest": {"gitCommit": ID[1]}, "uri": ""}, "inputAttestations": []},
                  {"landing": ID[3], "verificationResult": "PASSED", "problems": []}],
        "shepherd": {"principal": "alice@wrk.example", "draw": {"seed": "x"}},
        "holds": [{"id": "#13", "title": "T", "landing": ID[6], "by": "bob", "reason": "waits",
                   "createdOn": "2026-11-23T09:00:00Z"}],
        "rollback": {"revision": ID[1], "blockedBy": [{"kind": "migration", "text": "stays"}]},
        "warnings": [{"kind": "lost_change", "text": "look"}], "statements": [digest]}
    return value


def manifest_seeds():
    value = manifest()
    bare = {name: [] for name in value}
    bare.update(schemaVersion=1, kind="ReleaseManifest")
    statement = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "urn:gate:manifest:v1",
                 "subject": [{"name": "https://forge.wrk.example", "digest": {"gitCommit": ID[2]}}],
                 "predicate": value}
    first = {**value, "release": {**value["release"], "type": "first"},
             "range": {**value["range"], "base": {"revision": ""}, "relation": "first"}, "holds": [],
             "rollback": {"revision": "", "blockedBy": []}, "warnings": [], "shepherd": {}}
    services = [{**value["services"][0], "image": {**value["services"][0]["image"],
                                                   "digest": {"sha256": "aa" * 32}}}]
    other = [{**services[0], "image": {"uri": "elsewhere"}}]
    digested = [{**services[0], "image": {**services[0]["image"], "digest": {"sha256": "ab" * 32}}}]
    seeds = {
        "good-whole": json.dumps(value), "good-bare": json.dumps(bare), "good-first": json.dumps(first),
        "good-statement": json.dumps(statement, sort_keys=True, separators=(",", ":")),
        "good-image": json.dumps({**bare, "services": services}),
        "good-other-image": json.dumps({**bare, "services": other}),
        "good-other-digest": json.dumps({**bare, "services": digested}),
        "good-no-image": json.dumps({**bare, "services": [{"name": "api"}]}),
        "bad-json": "{", "bad-kind": json.dumps({**bare, "kind": "x"}),
        "bad-version": json.dumps({**bare, "schemaVersion": 2}),
        "bad-no-version": json.dumps({**bare, "schemaVersion": 0}),
        "bad-member": json.dumps({**bare, "more": 1}),
        "bad-lack": json.dumps({name: bare[name] for name in bare if name != "flags"}),
        "bad-subject": json.dumps({**statement, "subject": []}),
        "bad-statement": json.dumps({**statement, "predicateType": "x"}),
    }
    for relation in ["none", "backward", "diverged"]:
        for kind in ["hotfix", "rollback", "none"]:
            seeds[f"good-{relation}-{kind}"] = json.dumps({
                **bare, "release": {**value["release"], "type": kind},
                "range": {**value["range"], "relation": relation, "changeCount": 0}})
    return seeds


def path_seeds():
    text = json.dumps(manifest())
    small = json.dumps({"services": [{"name": "api", "paths": ["a\tb", "c"], "x": {"y": 1.5}}, 3],
                        "flags": {"a-b": "it's\n\x00", "c": [1, [2]], "d": None}, "changes": ["x"]})
    paths = ["", "services", "services[1]", "services.api", "flags", "flags.*",
             'flags["a-b"]', "changes.*", "services[*]", "services.0.paths", "flags.c", "release"]
    seeds = {f"good-{number:02}": f"{path}\n{small}" for number, path in enumerate(paths)}
    seeds["good-whole"] = "services.api.image.annotations\n" + text
    wrong = ["services.nobody", "services[", "a..b", '["x"', '["x"x', "[]", "flags.d.*", "a[", "release.x",
             "services.9"]
    seeds.update({f"bad-{number:02}": f"{path}\n{small}" for number, path in enumerate(wrong)})
    seeds["bad-json"] = "services\n{"
    return seeds


def report_seeds():
    entry = {"name": "unit", "definition": "ab" * 32, "result": "passed", "reason": "",
             "startedOn": "2026-11-23T09:00:00Z", "finishedOn": "2026-11-23T09:00:01Z",
             "milliseconds": 1000, "cached": False, "passedTests": ["a.b"], "failedTests": [],
             "skippedTests": []}
    report = {"schemaVersion": 1, "kind": "CheckReport", "repository": "wrk/system", "commit": ID[1],
              "tree": ID[2], "platform": "linux-x86_64", "checks": [entry]}

    def with_entry(**more):
        return json.dumps({**report, "checks": [{**entry, **more}]})

    lacking = {name: value for name, value in report.items() if name != "tree"}
    return {
        "good-whole": json.dumps(report),
        "good-bare": json.dumps({**report, "repository": None, "commit": None, "checks": []}),
        "good-failed": with_entry(result="failed", failedTests=["c"], cached=True),
        "bad-json": "[", "bad-list": "[]", "bad-version": json.dumps({**report, "schemaVersion": 2}),
        "bad-kind": json.dumps({**report, "kind": "x"}), "bad-lack": json.dumps(lacking),
        "bad-more": json.dumps({**report, "x\u202e": 1}), "bad-id": json.dumps({**report, "tree": "x"}),
        "bad-commit": json.dumps({**report, "commit": "x"}),
        "bad-repository": json.dumps({**report, "repository": 1}),
        "bad-checks": json.dumps({**report, "checks": {}}),
        "bad-twice": json.dumps({**report, "checks": [entry, entry]}),
        "bad-entry": json.dumps({**report, "checks": [1]}), "bad-result": with_entry(result="ok\x1b"),
        "bad-digest": with_entry(definition="AB" * 32), "bad-time": with_entry(milliseconds=-1),
        "bad-number": with_entry(milliseconds="1"), "bad-cached": with_entry(cached=0),
        "bad-tests": with_entry(passedTests=[1]), "bad-string": with_entry(reason=1),
        "bad-passed": with_entry(failedTests=["c"]),
    }


JUNIT = """<?xml version="1.0" encoding="utf-8"?><!-- c --><testsuites><testsuite name="pytest" tests="4">
<testcase classname="t" name="a" time="0.1"/><testcase classname="t" name="b[&lt;&#233;&#x41;&gt;]" file="t.py"
 line="3"><failure message="assert&#10;no">def b():&amp;<![CDATA[<x>]]>
t.py:7: AssertionError
</failure></testcase><testcase name='c'><error/></testcase><testcase classname="t" name="s">
<skipped type="x"/><system-out>x</system-out><?p i?></testcase></testsuite></testsuites>
"""


def tool_seeds():
    pylint = {"messages": [{"path": "/tree/a.py", "line": 1, "column": 0, "type": "error",
                            "symbol": "x", "message": "no"},
                           {"path": "b.py", "line": 0, "column": -1, "type": "convention",
                            "message": "no"}]}
    ruff = [{"filename": "a.py", "location": {"row": 1, "column": 2}, "code": "E1", "message": "no"}]
    mypy = {"file": "a.py", "line": 2, "column": -1, "message": "no", "code": None,
            "severity": "error"}
    return {
        "good-pylint": "p" + json.dumps(pylint), "good-ruff": "r" + json.dumps(ruff),
        "good-mypy": "m" + json.dumps(mypy) + "\n" + json.dumps({**mypy, "severity": "note"}) + "\n",
        "good-nothing": "m", "bad-kind": "x", "bad-empty": "", "bad-pylint": "p1", "bad-ruff": "r{}",
        "bad-mypy": "mwarning: no JSON\n", "bad-entry": "r[{}]",
    }


def flag_seeds():
    off = {"flags": {"pay": {"state": "ENABLED", "defaultVariant": "off",
                             "variants": {"on": True, "off": False}},
                     "old": {"state": "ENABLED", "variants": {"a": [1]}, "defaultVariant": "a"}}}
    on = {"flags": {"pay": {"state": "ENABLED", "defaultVariant": "on",
                            "variants": {"on": True, "off": False}, "targeting": {"if": [1]}},
                    "new": {"state": "DISABLED", "variants": {}}}}
    edited = json.loads(json.dumps(off))
    edited["flags"]["pay"]["targeting"] = {}
    one, two, three = json.dumps(off), json.dumps(on), json.dumps(edited)
    return {"good-first": one, "good-on": f"{one}\0{two}", "good-off": f"{two}\0{one}",
            "good-edited": f"{one}\0{three}", "bad-json": f"{one}\0{{", "bad-flags": "{}",
            "bad-old": "[]\0" + one}


def notes_seeds():
    def entry(mode, name, target):
        return mode.encode() + b" " + name.encode() + b"\0" + bytes([target]) + b"\x11" * 19

    def tree(*entries):
        data = b"".join(entries)
        return struct.pack(">H", len(data)) + data

    note = entry("100644", "ab" * 20, 9)
    fan = [entry("40000", "ab", 1), entry("40000", "cd", 1)]
    inner = tree(entry("100644", "ab" * 19, 7), entry("100644", "cd" * 19, 8))
    empty = b"4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    return {
        "good-flat": tree(note, entry("100644", "cd" * 20, 9)), "good-empty": tree(),
        # The root is any id that is even, the folder any that is odd.
        "good-fan-out": tree(*fan) + inner,
        "good-deep": tree(*fan) + tree(entry("40000", "12", 2)) + tree(entry("100644", "ab" * 18, 5)),
        "bad-both": tree(fan[0], entry("100644", "ab" * 20, 9)) + inner,
        "bad-name": tree(entry("100644", "xy" * 20, 9)), "bad-mode": tree(entry("100755", "ab" * 20, 9)),
        "bad-short": tree(entry("100644", "ab", 9)), "bad-folder": tree(entry("40000", "abc", 1)) + inner,
        "bad-folder-name": tree(entry("40000", "AB", 1)) + inner, "bad-tree": tree(b"x"),
        "bad-nothing": b"", "bad-empty-folder": tree(b"40000 ab\0" + bytes.fromhex(empty.decode())),
        "bad-circle": tree(*[entry("40000", f"{n:02x}", 0) for n in range(3)]),
    }


def seeds():
    line = f"{ID[1]} {ID[2]} refs/heads/master\n"
    pushed = f"refs/heads/a {ID[1]} refs/heads/master {ID[2]}\n"
    listing = f"ref: refs/heads/master\tHEAD\n{ID[1]}\tHEAD\n{ID[1]}\trefs/heads/master\n"
    title = "Add payout (#12)\n\nBody\n"
    signer = "alice@wrk.example"
    return {
        "json": {
            "good-all": '{"a":[1,-2,0,3.5,1e3,-0.0E-2,true,false,null],"b":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9'
                        '\\ud83d\\ude00 \u00e9\u202e\\u061c\\u0001","c":{},"d":[ ],"":{"x" : [[]]}}\n',
            "good-number": "9223372036854775807", "good-string": '"x"', "good-word": " null ",
            "bad-empty": "", "bad-comma": "[1,]", "bad-twice": '{"a":1,"a":2}', "bad-more": "1 2",
            "bad-large": "9223372036854775808", "bad-double": "1e999", "bad-zero": "01",
            "bad-word": "nul", "bad-escape": '"\\x"', "bad-half": '"\\ud800x"', "bad-half-two":
            '"\\ud800\\u0041"', "bad-digits": '"\\u12G4"', "bad-control": '"\n"', "bad-end": '"x',
            "bad-name": "{1:2}", "bad-colon": '{"a" 1}', "bad-brace": '{"a":1 "b"', "bad-bracket": "[1 2]",
            "bad-deep": "[" * 20, "bad-deep-object": '{"a":' * 20, "bad-utf8": b'"\xff"', "bad-dot": "1.",
            "bad-exponent": "1e", "bad-sign": "-", "bad-letter": "x", "bad-escape-end": '"\\',
        },
        "yaml": {
            "good-all": "# c\na: 1\nb: [x, 'y', \"z\\n\"]\nc:\n  - |\n    text\n  - {d: ~, e: }\n",
            "good-many-keys": "".join(f"k{n}: {n}\n" for n in range(18)),
            "good-nothing": "# c\n", "good-document": "---\n", "bad-alias": "a: *b\n",
            "bad-anchor": "a: &b 1\n", "bad-tag": "a: !!str 1\n", "bad-tag-list": "a: !x [1]\n",
            "bad-directive": "%YAML 1.1\n---\na: 1\n", "bad-two": "a: 1\n---\nb: 2\n",
            "bad-key": "[a]: 1\n", "bad-twice": "a: 1\na: 2\n", "bad-mark": b"\xef\xbb\xbfa: 1\n",
            "bad-utf8": b"a: \xff\n", "bad-tab": "a:\n\tb: 1\n", "bad-indent": "a: 1\n b: 2\n",
            "bad-deep": "[" * 8 + "]" * 8, "bad-deep-map": "{a: " * 8, "bad-long": "x" * 401,
            "bad-nodes": "[" + "1," * 50 + "]", "bad-anchor-map": "a: &x {b: 1}\n",
            "bad-twice-late": "".join(f"k{n}: {n}\n" for n in range(18)) + "k3: 1\n",
        },
        "hook-input": {
            "good-received": line, "good-two": line + f"{ID[1]} {ZERO} refs/heads/x y\n",
            "good-pushed": pushed + f"(delete) {ZERO} refs/heads/x {ID[1]}\n", "good-listing": listing,
            "bad-id": line.replace("1", "x", 1), "bad-cut": line[:-1], "bad-fields": "a b\n", "bad-empty": "",
        },
        "time": {
            "good-moment": "2026-11-23T06:30:00Z", "good-seconds": "1795424400",
            "good-day": "2024-02-29", "good-compact": "20261123", "good-minutes": "202611230630",
            "good-full": "20261123063000Z", "bad-day": "2023-02-29", "bad-month": "2026-13-01",
            "bad-hour": "2026-11-23T24:30:00Z", "bad-space": "2026-11-23 06:30:00Z", "bad-empty": "",
            "bad-letters": "2026-1x-23", "spoilt-compact": "20261323", "spoilt-hour": "202611232460",
            "good-december": "2026-12-31", "good-april": "2026-04-30", "good-large": "9999999999999",
        },
        "ref-pattern": {
            "good-plain": "refs/heads/master\nrefs/heads/master", "good-star": "refs/heads/*\nrefs/heads/a/b",
            "good-stars": "refs/heads/**\nrefs/heads/a/b", "good-levels": "refs/**/v?\nrefs/tags/a/v1",
            "good-inner": "a*b*c\naxxbxbxc", "good-deep": "**/a/**/b*\nx/a/b/a/bc", "good-all": "**\nx",
            "good-middle": "a**b\na/x/b", "good-question": "a?c\na/c", "good-levels-only": "**/**/a\nb/a",
            "bad-empty": "\nx", "bad-stars": "a***\nx", "bad-bang": "!a\nx", "bad-slash": "/a\nx",
            "bad-dot": "./a\nx", "bad-end": "a/\nx", "bad-bracket": "[a]\nx", "bad-tilde": "a~1\na~1",
            "bad-double": "a//b\nx", "bad-control": "a\tb\nx", "good-level-tail": "a*\nab",
            "good-level-folder": "a/**/\u00e9\na/b/\u00e9", "good-class-like": "a?*b\naxxb",
        },
        "path-pattern": {
            "good-class": "a[a-c_]d\nabd", "good-negated": "a[!a-c]d\naxd", "good-caret": "a[^x]b\nayb",
            "good-bracket": "a[]x]b\na]b", "good-escape": "a\\*b\na*b", "good-class-escape": "[\\]]\n]",
            "good-tail": "docs/**\ndocs/a/b", "good-levels": "**/*.py\na/b/c.py", "bad-brace": "{a,b}\na",
            "bad-class": "[a\na", "bad-range": "[z-a]\na", "bad-name": "[[:alpha:]]\na",
            "bad-non-ascii": "[\u00e9]\n\u00e9", "bad-backslash": "a\\\na", "good-dash": "[a-]\n-",
            "bad-position": "\u00e9{\nx", "good-mixed": "**/a[0-9]*/?.p*\nx/a1b/c.py",
        },
        "regex": {
            "good-ticket": "\\b[A-Z]{2,}-\\d+\\b\nsee AB-12, CD-3", "good-subject": "^[A-Z].{0,71}$\nAdd",
            "good-groups": "(a|bc)+?(?:x{2}|y{1,3}|z{2,})*\naxxbcy", "good-sets": "[^\\d\\w\\s]\\D\\W\\S\n-a! ",
            "good-boundaries": "\\Ba\\B\nbab", "good-escapes": "\\n\\t\\r\\.\\\\\n\n\t\r.\\",
            "good-empty": "\nx", "good-alternatives": "a||b\nb", "good-unicode": "[\u00e0-\u00ff]x[^\u00e9]\n\u00e8x\u00ea",
            "good-end": "a$\na\n", "good-lazy": "a+?b??c*?\naabc", "good-optional": "(a?){3}b\naab",
            "good-anchors": "^a|^b\nb", "good-bytes": b".\n\xff\xc3", "good-inverted": "[^\u00e9-\u00ff\u0100]\nx",
            "bad-close": "a)\nx", "bad-open": "(a\nx", "bad-star": "*a\nx", "bad-brace": "{2}\nx",
            "bad-lookahead": "(?=a)\nx", "bad-lookbehind": "(?<a)\nx", "bad-named": "(?x)\nx",
            "bad-backreference": "(a)\\1\nx", "bad-letter": "\\q\nx", "bad-a": "\\Ax\nx", "bad-z": "x\\Z\nx",
            "bad-set": "[a\nx", "bad-empty-set": "[]\nx", "bad-posix": "[[:alpha:]]\nx", "bad-range": "[z-a]\nx",
            "bad-class-range": "[a-\\d]\nx", "bad-bounds": "a{2,1}\nx", "bad-bounds-open": "a{x}\nx",
            "bad-many": "a{1001}\nx", "bad-nested": "a**\nx", "bad-place": "^*\nx", "bad-end": "a\\\nx",
            "bad-large": "((a{99}){99}){99}\nx", "bad-deep": "(" * 51 + "\nx", "good-dash": "[a-]\n-",
        },
        "codeowners": {
            "good-all": "# c\n* @alice @wrk/team\n*.js js@wrk.example\n/docs/ @d\napps/ @a # x\n/build/**/x @x\n"
                        "docs/* @e\nfoo\\ bar @f\n**/logs @l\n/a?/*b @g\n\r\n\0docs/x",
            "good-folder": "/a/b/ @x\n/a/ @y\n\0a/b/c", "good-level": "logs/ @x\n\0a/logs/b",
            "good-deep": "**/x/** @x\na/** @y\n*/b @z\n/** @w\n** @v\n\0a/x/b", "good-nothing": "\0x",
            "bad-bang": "!a @x\n", "bad-set": "[ab] @x\n", "bad-hash": "\\#a @x\n", "bad-stars": "a*** @x\n",
            "bad-empty": "a//b @x\n", "bad-slash": "/ @x\n", "bad-backslash": "a\\", "good-hash": "#a @x\n",
        },
        "policy": policy_seeds(),
        "local-checks": {
            "good-all": "checks: {fast: {run: ./fast}}\nskip: [pylint]\n", "good-skip": "skip: []\n",
            "bad-name": "checks: {pylint: {run: x}}\n", "bad-key": "check: {}\n", "bad-empty": "",
            "bad-needs": "checks: {a: {run: x, needs: [b]}}\n", "bad-list": "checks: []\n",
        },
        "allowed-signers": {
            "good-all": SIGNERS,
            "good-options": f'ca@x cert-authority,namespaces="git,gate-review",valid-after="20260101",'
                            f'valid-before="202701010000Z" {ALICE}\n*@wrk.example,b? CERT-AUTHORITY {BOB}\n'
                            f'"{signer}" {CI}\r\n{signer} {CAROL}\n',
            "good-kinds": "e@x ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA"
                          + "A" * 85 + "=\n",
            "bad-two": f"a@x,b@x {ALICE}\n", "bad-star": f"*@x {ALICE}\n", "bad-quote": f'"a@x {ALICE}\n',
            "bad-option": f'{signer} namespace="git" {ALICE}\n', "bad-twice":
            f'{signer} valid-after="20260101",valid-after="20260102" {ALICE}\n', "bad-time":
            f'{signer} valid-after="2026" {ALICE}\n', "bad-never":
            f'{signer} valid-after="20270101",valid-before="20260101" {ALICE}\n', "bad-value":
            f"{signer} namespaces {ALICE}\n", "bad-open": f'{signer} namespaces="git {ALICE}\n',
            "bad-unquoted": f"{signer} namespaces=git {ALICE}\n", "bad-spaces":
            f'{signer} namespaces="gi*" {ALICE}\n', "bad-no-comma": f'{signer} namespaces="git"x {ALICE}\n',
            "bad-escape": f'{signer} namespaces="\\"x" {ALICE}\n', "bad-none": f"{signer}\n",
            "bad-type": f"{signer} ssh-dss AAAA\n", "bad-cert": f"{signer} ssh-ed25519-cert-v01@openssh.com A\n",
            "bad-base64": f"{signer} ssh-ed25519 A!\n", "bad-key": f"{signer} ssh-ed25519 AAAA\n",
            "bad-inner": f"{signer} ssh-rsa {ALICE.split()[1]}\n", "bad-same": f"a@x {ALICE}\nb@x {ALICE}\n",
            "bad-case": f"a@x {ALICE}\nA@x {BOB}\n", "bad-name": f"-a {ALICE}\n", "bad-bytes":
            f"a\u202e@x {ALICE}\n", "bad-loose": f"{signer} ssh-ed25519 AAB=\n",
            "bad-large": "x" * 900, "bad-authority-twice": f"*@x cert-authority {ALICE}\n" * 2,
        },
        "message": {
            "good-trailers": "Add\n\nCo-authored-by: Carol <carol@wrk.example>\nco-authored-by : nobody\n"
                             "Gate-Head: 1\nReviewed-by:Bob\n",
            "good-revert": f"Revert \"Add (#12)\"\n\nThis reverts commit\n{ID[2]}.\n",
            "good-revert-number": "Revert \"Add (#12)\" (#13)\n\nReverts wrk/system#12\n",
            "good-pick": f"Add\n\n(cherry picked from commit {ID[3]})\n",
            "spoilt-github": "Merge pull request #12 from wrk/x\n\nAdd payout\n", "spoilt-squash": title,
            "spoilt-azure": "Merged PR 12: Add\n", "spoilt-bitbucket": "Pull request #12: Add\n",
            "spoilt-bitbucket-cloud": "Merged in x (pull request #12)\n\nAdd\n",
            "spoilt-gitlab": "Merge branch 'x' into 'master'\n\nAdd\n\nSee merge request wrk/system!12\n",
            "spoilt-gitlab-plain": "Add\n\nSee merge request wrk/system!12\n",
            "spoilt-gitlab-squash": "Add (!12)\n", "spoilt-gerrit": f"Add\n\nChange-Id: I{ID[4]}\n",
            "spoilt-merge": "Merge branch 'x'\n\n* Add\n* More\n", "spoilt-no-title": "Merge x\n",
            "spoilt-not": "Use f(#12)\n", "spoilt-word": "See #012)\n(#12)\n", "spoilt-empty": "\n\n",
            "spoilt-merge-trailer": "Merge x\n\nChange-Id: I12\nSee merge request x\nBody\n",
            "spoilt-list": "Merge branch 'x'\n\n* \n", "spoilt-merged": "Merged in y\n",
        },
        "mailmap": {
            "good-email": "<alice@wrk.example> <alice@home.example>\nAl\tALICE@home.example",
            "good-name": "Alice <al@x>\nAl\tal@x", "good-both": "# c\nAlice <a@wrk.example> <al@x>\nAl\tal@x",
            "good-old": "Alice <a@x> Al <b@x>\n  Bob  <b@x>\nal\tB@x", "bad-none": "Alice\n<>\n\t",
            "bad-other": "Alice <a@x> Al <b@x>\nCarol\tb@x", "bad-open": "Alice <a\n <>x\nCarol\tb@x",
        },
        "notes-tree": notes_seeds(),
        "push-answer": {
            "good-accepted": "To x\n \trefs/notes/gate:refs/notes/gate\t1..2\nDone\n",
            "good-race": "!\trefs/notes/gate:refs/notes/gate\t[rejected] (fetch first)\n",
            "good-refused": "!\ta:refs/notes/gate\t[remote rejected] (pre-receive hook declined)\n\0"
                            "remote: refused   \nremote: \x1b[2J\n! x\n",
            "good-hook-race": "!\ta:refs/notes/gate\t(pre-receive hook declined)\n\0"
                              "remote: refs/notes/gate: points at x,\nremote:  not at y\n",
            "bad-other": "\0fatal: unable to access\n",
        },
        "junit": {
            "good-pytest": JUNIT, "good-mark": b"\xef\xbb\xbf<testsuite/>",
            "good-line": '<testsuite name="pytest"><testcase name="a" file="x" line="9223372036854775806">'
                         "<failure/></testcase></testsuite>",
            "bad-name": "<testsuite><testcase/></testsuite>", "bad-root": "<a/>", "bad-doctype": "<!DOCTYPE a>",
            "bad-more": "<testsuite/>x", "bad-end": "<testsuite>", "bad-close": "<testsuite></x>",
            "bad-close-more": "<testsuite></testsuite x>", "bad-attribute": "<testsuite a/>",
            "bad-twice": "<testsuite a='1' a='2'/>", "bad-value": "<testsuite a=1/>", "bad-less":
            "<testsuite a='<'/>", "bad-value-end": "<testsuite a='x", "bad-entity": "<testsuite>&x;</testsuite>",
            "bad-scalar": "<testsuite>&#xd800;</testsuite>", "bad-reference": "<testsuite>&amp</testsuite>",
            "bad-comment": "<testsuite><!-- ", "bad-cdata": "<testsuite><![CDATA[x", "bad-instruction": "<?x",
            "bad-deep": "<a>" * 65, "bad-space": "<testsuite'x'/>", "bad-no-name": "< a/>", "bad-text": "x",
            "bad-utf8": b"<testsuite name='\xff'/>", "bad-quot": "<a>&quot;&apos;</b>",
        },
        "tool-report": tool_seeds(), "check-report": report_seeds(), "flagd": flag_seeds(),
        "manifest": manifest_seeds(), "manifest-path": path_seeds(),
    }
