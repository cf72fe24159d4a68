"""Lines of evidence, written after docs/reference/evidence.md with Python and ssh-keygen only."""

import base64
import hashlib
import json

from .lab import people, run

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
REVIEW = "urn:gate:review:v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
BYPASS = "urn:gate:bypass:v1"
NAMESPACES = {REVIEW: "gate-review", TEST_RESULT: "gate-check", BYPASS: "gate-bypass"}


class Line(bytes):
    """One line without its newline; `subject` is the object that its note belongs to."""

    subject = None

    def on(self, subject):
        self.subject = subject
        return self

    @property
    def digest(self):
        return hashlib.sha256(self).hexdigest()


def canonical(value):
    """The only form that the hook takes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def encoding(payload, kind=PAYLOAD_TYPE):
    """DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def sign(data, person, namespace, hash=None, certificate=None):
    """The binary SSHSIG blob that `ssh-keygen -Y sign` makes, in base64 on one line."""
    extra = ["-O", f"hashalg={hash}"] if hash else []
    key = certificate or people[person].key
    armored = run("ssh-keygen", "-q", "-Y", "sign", *extra, "-n", namespace, "-f", key,
                  input=data).text
    lines = armored.strip().split("\n")
    assert lines[0] == "-----BEGIN SSH SIGNATURE-----", armored
    assert lines[-1] == "-----END SSH SIGNATURE-----", armored
    return "".join(lines[1:-1])


def envelope(payload, by, namespace, *, hash=None, keyid=None, signed=None, certificate=None):
    """One DSSE envelope around `payload`; `signed` replaces the bytes that are really signed."""
    if not isinstance(payload, bytes):
        payload = canonical(payload)
    data = encoding(payload) if signed is None else signed
    signature = sign(data, by, namespace, hash, certificate)
    return Line(canonical({
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": keyid or people[by].fingerprint, "sig": signature}],
    }))


def statement(subject, predicate, kind, *, repository="wrk/system", digest="gitCommit"):
    return {
        "_type": STATEMENT,
        "predicate": predicate,
        "predicateType": kind,
        "subject": [{
            "annotations": {"repository": repository},
            "digest": {digest: subject},
            "name": subject,
        }],
    }


def review(
    head, base, digest, *, state="approved", target="refs/heads/master", supersedes=(),
    comment="", created="2026-11-23T09:00:00Z"
):
    """The predicate of a review."""
    return {
        "state": state, "targetRef": target, "base": base,
        "changeDigest": {"sha256": digest} if digest else None,
        "supersedes": sorted(supersedes), "comment": comment, "createdOn": created,
    }


def test_result(name, definition, result="PASSED", passed=(), failed=()):
    """The predicate of a check's result."""
    return {
        "result": result,
        "configuration": [{"digest": {"sha256": definition}, "name": name}],
        "failedTests": list(failed), "passedTests": list(passed), "url": "",
    }


def digest_of_check(name, definition):
    """The digest of a check's definition as policies/checks.yml gives it."""
    units = {"s": 1, "m": 60, "h": 3600}
    timeout = definition.get("timeout", "600s")
    seconds = int(timeout[:-1]) * units[timeout[-1]]
    return hashlib.sha256(canonical({
        "keep": definition.get("keep", []), "name": name, "paths": definition.get("paths", []),
        "report": definition.get("report"), "run": definition["run"], "timeout": seconds,
    })).hexdigest()
