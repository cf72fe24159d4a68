"""Independent readers agree: ssh-keygen verifies every line, in-toto's own package reads every
statement, a JSON Schema checker reads policies and templates, plain git shows and merges notes."""

import base64
import json
import subprocess
from pathlib import Path

from kit import GIT, World, accepted, case, check, files, only, run
from kit.lab import people
from kit.morning import Morning
from kit.policy import yaml
from kit.tools import FOLDER, system, tool
from kit.world import NOTES

ROOT = Path(__file__).resolve().parent.parent.parent
NAMESPACES = {
    "urn:gate:review:v1": "gate-review", "urn:gate:bypass:v1": "gate-bypass",
    "https://in-toto.io/attestation/test-result/v0.1": "gate-check",
    "urn:gate:deployment:v1": "gate-deploy", "urn:gate:hold:v1": "gate-deploy",
}


def lines_of(server):
    """Every line of evidence with its object, through plain git."""
    for row in run("git", "notes", "--ref", NOTES, "list", cwd=server).text.splitlines():
        blob, subject = row.split()
        note = run("git", "cat-file", "blob", blob, cwd=server).out
        yield from ((subject, line) for line in note.split(b"\n") if line)


def verify_line(line, subject, signers, folder):
    """One line by hand: DSSE's encoding in four lines of Python, the rest by ssh-keygen."""
    outer = json.loads(line)
    payload = base64.b64decode(outer["payload"])
    kind = outer["payloadType"].encode()
    encoded = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    statement = json.loads(payload)
    check(statement["subject"][0]["name"] == subject, "the line stands on another object")
    raw = outer["signatures"][0]["sig"]
    text = "\n".join(raw[i:i + 70] for i in range(0, len(raw), 70))
    signature = folder / "signature"
    signature.write_text(
        f"-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----\n")
    found = run("ssh-keygen", "-Y", "find-principals", "-f", signers, "-s", signature).text
    done = run("ssh-keygen", "-Y", "verify", "-f", signers, "-I", found.split("\n")[0], "-n",
               NAMESPACES[statement["predicateType"]], "-s", signature, input=encoded, check=False)
    check(done.exit == 0, f"ssh-keygen does not verify a line: {done.errors}")
    return found.strip(), statement


def with_evidence():
    """A server with every kind of evidence."""
    world = World(files(only("pull_request", "required_status_checks")))
    head, urgent = world.change({"a.txt": "a\n"}), world.change({"b.txt": "b\n"})
    world.publish(world.review(head, comment="good \u2713"), world.result(head),
                  world.review(head, "carol"), world.bypass(urgent))
    accepted(world.land(world.merge(head)))
    return world


@case
def lines_by_ssh_keygen():
    """ssh-keygen -Y verify accepts every line over an encoding rebuilt by hand."""
    world = with_evidence()
    signers = world.folder / "allowed_signers"
    signers.write_text(world.server.git("show", "master:policies/allowed_signers") + "\n")
    seen = {}
    for subject, line in lines_of(world.server.path):
        who, statement = verify_line(line, subject, signers, world.folder)
        seen.setdefault(statement["predicateType"], set()).add(who)
    check(seen["urn:gate:review:v1"] == {people["bob"].email, people["carol"].email}, str(seen))
    check(len(seen) == 3, str(seen))


@case
def statements_by_in_toto():
    """in-toto's own package parses every statement and finds it valid."""
    world = with_evidence()
    statements = [json.loads(base64.b64decode(json.loads(line)["payload"]))
                  for _, line in lines_of(world.server.path)]
    program = (
        "import json, sys\n"
        "from google.protobuf.json_format import ParseDict\n"
        "from in_toto_attestation.v1.statement import Statement\n"
        "from in_toto_attestation.v1 import statement_pb2\n"
        "import in_toto_attestation.predicates.test_result.v0.test_result_pb2 as results\n"
        "for said in json.load(sys.stdin):\n"
        "    proto = ParseDict(said, statement_pb2.Statement())\n"
        "    Statement.copy_from_pb(proto).validate()\n"
        "    if 'test-result' in said['predicateType']:\n"
        "        ParseDict(said['predicate'], results.TestResult())\n"
        "print('ok')\n")
    python = tool("python")
    done = subprocess.run([python, "-c", program], input=json.dumps(statements).encode(),
                          capture_output=True, timeout=60)
    check(done.stdout == b"ok\n", done.stderr.decode())


@case
def notes_by_git():
    """git log --notes shows the evidence of a change."""
    world = with_evidence()
    shown = world.server.git("log", "--notes=gate", "--format=%H %N", "master")
    check("application/vnd.in-toto+json" in shown, f"git log shows no evidence:\n{shown}")


@case
def policies_by_check_jsonschema():
    """check-jsonschema finds templates, this project's policy and the suite's own valid, and
    knows a misspelt rule."""
    folder = ROOT / "policies" / "schema"
    schemas = {p.name.split(".")[0]: p for p in folder.glob("*.json")}
    if not schemas:
        raise AssertionError("no schemas in policies/schema")
    program = tool("check-jsonschema")

    def verdict(schema, *documents):
        done = subprocess.run([program, "--schemafile", schema, *documents],
                              capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    for schema in schemas.values():
        done = subprocess.run([program, "--check-metaschema", schema], capture_output=True,
                              text=True, timeout=120)
        check(done.returncode == 0, f"{schema.name}: {done.stdout}{done.stderr}")
    named = {"checks": "checks", "people": "people", "release": "release"}
    count = 0
    for path in [*(ROOT / "policies").glob("*.yml"), *(ROOT / "policies/templates").rglob("*.yml")]:
        first = path.read_text().split("\n")[0]
        check("yaml-language-server" in first, f"{path.name} names no schema in its first line")
        target = (path.parent / first.split("$schema=")[1].strip()).resolve()
        schema = target if target.exists() else schemas.get(named.get(path.stem, "rulesets"))
        check(schema is not None and schema.exists(), f"{path.name} names {target}")
        code, words = verdict(schema, path)
        check(code == 0, words)
        count += 1
    check(count > 2, "hardly any policy to check")
    rulesets = next((s for n, s in schemas.items() if "rule" in n or "master" in n), None)
    check(rulesets is not None, f"no schema for rulesets among {sorted(schemas)}")
    mine = FOLDER / "mine.yml"
    mine.write_text(files()["policies/master.yml"])
    check(verdict(rulesets, mine)[0] == 0, verdict(rulesets, mine)[1])
    mine.write_text(yaml({"rulesets": [{"name": "x", "include": ["refs/heads/x"],
                                        "rules": {"pul_request": {}}}]}))
    check(verdict(rulesets, mine)[0] != 0, "a misspelt rule passes the schema")


@case
def recipes_by_check_jsonschema():
    """The example's workflows are what GitHub Actions and CircleCI take, its policy what gate
    takes, its systemd units what systemd takes."""
    example = ROOT / "examples" / "morning-push"
    program = tool("check-jsonschema")
    for arguments in (
            ["--builtin-schema", "vendor.github-workflows",
             example / ".github/workflows/morning-push.yml"],
            ["--builtin-schema", "vendor.circle-ci", example / ".circleci/config.yml"],
            *(["--schemafile", ROOT / "policies/schema" / f"{schema}.schema.json",
               example / "policies" / f"{name}.yml"]
              for name, schema in (("master", "rulesets"), ("checks", "checks"),
                                   ("people", "people"), ("release", "release")))):
        done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120)
        check(done.returncode == 0, f"{arguments[-1]}: {done.stdout}{done.stderr}")
    units = list((example / "deploy" / "recipes").glob("morning-push.*"))
    check(len(units) == 2, f"no service and timer: {units}")
    done = run(system("systemd-analyze", "systemd"), "verify", *units, check=False)
    check(done.exit == 0 and not done.errors.strip(), done.errors)


@case
def another_reader():
    """The reader that stands beside this suite, written from the documentation alone, agrees."""
    world = with_evidence()
    program = Path(__file__).with_name("evidence_readers.py")
    done = subprocess.run([tool("python"), program, world.server.path], env=GIT, timeout=120,
                          capture_output=True, text=True)
    check(done.returncode == 0, done.stdout + done.stderr)


@case
def the_table_of_attacks():
    """docs/security.md names every attack of the suite, and none that is not there."""
    from kit import table
    from kit.case import CASES
    old = table.DOCUMENT.read_text()
    check(table.document(CASES, old) == old,
          "docs/security.md is not what `Tests/EndToEnd/cases.py --table` makes")


@case
def releases_by_others():
    """ssh-keygen verifies deployments and holds, in-toto's package reads them and an attested
    manifest, a JSON Schema checker finds the manifest of a release under way valid."""
    world = Morning()
    alice = world.clone("alice")
    alice.stage([("api", 1), ("worker", 1)])
    world.land_file("src/app.py", "def pay(amount):\n    return 2\n", "Pay two (#7)")
    alice.stage([("api", 2)])
    alice.gate("release", "tick", "always-1")
    alice.gate("release", "rollback", "-e", "staging", "--reason", "Two", "-y")
    manifest, attested = alice.path / "m.json", alice.path / "m.att"
    alice.gate("manifest", "--of", "staging", "-o", manifest)
    alice.gate("manifest", "attest", manifest, "-o", attested)
    signers = world.folder / "allowed_signers"
    signers.write_text(world.server.git("show", "master:policies/allowed_signers") + "\n")
    statements = [verify_line(line, subject, signers, world.folder)[1]
                  for subject, line in lines_of(world.server.path)]
    kinds = sorted({said["predicateType"] for said in statements})
    check(kinds == ["urn:gate:deployment:v1", "urn:gate:hold:v1"], str(kinds))
    statements.append(json.loads(base64.b64decode(json.loads(attested.read_bytes())["payload"])))
    program = (
        "import json, sys\n"
        "from google.protobuf.json_format import ParseDict\n"
        "from in_toto_attestation.v1.statement import Statement\n"
        "from in_toto_attestation.v1 import statement_pb2\n"
        "for said in json.load(sys.stdin):\n"
        "    Statement.copy_from_pb(ParseDict(said, statement_pb2.Statement())).validate()\n"
        "print('ok')\n")
    done = subprocess.run([tool("python"), "-c", program], input=json.dumps(statements).encode(),
                          capture_output=True, timeout=60)
    check(done.stdout == b"ok\n", done.stderr.decode())
    schema = ROOT / "policies" / "schema" / "manifest.schema.json"

    def verdict(path):
        return subprocess.run([tool("check-jsonschema"), "--schemafile", schema, path],
                              capture_output=True, text=True, timeout=120)

    check(verdict(manifest).returncode == 0, verdict(manifest).stdout)
    tag = next(n for n in world.server.refs() if n.startswith("refs/tags/release/"))
    run("git", "fetch", "-q", "--tags", cwd=alice.path)
    run("git", "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-tag",
        tag.removeprefix("refs/tags/"), cwd=alice.path)
    edited = json.loads(manifest.read_text())
    edited["holds"] = [{"landing": "x"}]
    manifest.write_text(json.dumps(edited))
    check(verdict(manifest).returncode != 0, "a hold of nothing passes the schema")
