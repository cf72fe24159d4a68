#!/usr/bin/env python3
"""Reads all evidence of a repository without any code of gate's.

usage: python3 evidence_readers.py REPOSITORY [ALLOWED_SIGNERS]

Takes each line of refs/notes/gate apart as docs/reference/evidence.md says, rebuilds what was
signed, and asks `ssh-keygen -Y verify`. Where the package in-toto-attestation is installed, it
reads and validates each statement too. Without ALLOWED_SIGNERS, policies/allowed_signers of the
repository's HEAD counts. Prints "N passed, N failed"; exit 0 if none failed.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile

NAMESPACES = {
    "urn:gate:review:v1": "gate-review",
    "https://in-toto.io/attestation/test-result/v0.1": "gate-check",
    "urn:gate:bypass:v1": "gate-bypass",
    "urn:gate:deployment:v1": "gate-deploy", "urn:gate:hold:v1": "gate-deploy",
}
PAYLOAD_TYPE = b"application/vnd.in-toto+json"

try:
    from google.protobuf import json_format
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement
except ImportError:
    Statement = None


def run(*arguments, data=None):
    return subprocess.run(arguments, input=data, capture_output=True, check=True).stdout


def canonical(value):
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def notes(repository):
    """(annotated object, line) for every line of every note."""
    listing = run("git", "-C", repository, "ls-tree", "-r", "-z", "refs/notes/gate")
    for entry in listing.split(b"\0")[:-1]:
        fields, path = entry.split(b"\t")
        content = run("git", "-C", repository, "cat-file", "blob", fields.split()[2].decode())
        for line in content.split(b"\n")[:-1]:
            yield path.replace(b"/", b"").decode(), line


def check(subject, line, signers):
    """Raises when anything about the line is not as the page says."""
    assert len(line) <= 65536, "is longer than 65536 bytes"
    envelope = json.loads(line)
    assert canonical(envelope) == line, "is not canonical"
    assert envelope["payloadType"].encode() == PAYLOAD_TYPE, "is no in-toto payload"
    [signature] = envelope["signatures"]
    payload = base64.b64decode(envelope["payload"], validate=True)
    statement = json.loads(payload)
    assert canonical(statement) == payload, "has a payload that is not canonical"
    [resource] = statement["subject"]
    assert resource["name"] == subject, "is attached to another object"
    assert list(resource["digest"].values()) == [subject], "has another digest"
    blob = base64.b64decode(signature["sig"], validate=True)
    key_size = int.from_bytes(blob[10:14], "big")
    if b"-cert-v01@" not in blob[14:14 + 60]:
        key = hashlib.sha256(blob[14:14 + key_size]).digest()
        fingerprint = "SHA256:" + base64.b64encode(key).decode().rstrip("=")
        assert signature["keyid"] == fingerprint, "has another key's keyid"
    message = b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE, len(payload), payload)
    with tempfile.NamedTemporaryFile("w", suffix=".sig") as file:
        file.write("-----BEGIN SSH SIGNATURE-----\n%s\n-----END SSH SIGNATURE-----\n"
                   % signature["sig"])
        file.flush()
        keygen = ("ssh-keygen", "-Y")
        principal = run(*keygen, "find-principals", "-f", signers, "-s", file.name)
        run(*keygen, "verify", "-f", signers, "-I", principal.split(b"\n")[0].decode(),
            "-n", NAMESPACES[statement["predicateType"]], "-s", file.name, data=message)
    if Statement is not None:
        parsed = json_format.Parse(payload, statement_pb2.Statement())
        Statement.copy_from_pb(parsed).validate()


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    repository = sys.argv[1]
    with tempfile.NamedTemporaryFile() as file:
        if len(sys.argv) == 2:
            file.write(run("git", "-C", repository, "show", "HEAD:policies/allowed_signers"))
            file.flush()
        report(repository, sys.argv[2] if len(sys.argv) == 3 else file.name)


def report(repository, signers):
    """Checks every line, says what is wrong, and ends the program."""
    passed = failed = 0
    for subject, line in notes(repository):
        try:
            check(subject, line, signers)
            passed += 1
        except (AssertionError, KeyError, ValueError, subprocess.CalledProcessError) as error:
            failed += 1
            said = getattr(error, "stderr", None) or b""
            print(f"{subject}: {error} {said.decode(errors='replace')}".strip(), file=sys.stderr)
        except Exception as error:  # whatever in-toto's package raises
            failed += 1
            print(f"{subject}: in-toto: {error}", file=sys.stderr)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
