#!/usr/bin/env python3
"""Writes the seeds of the fuzzer's corpora: Tests/Fuzzing/Corpus/READER/{good,bad}-NAME.

What git and ssh-keygen write themselves is made by them here; the rest is written out below. A reader
must accept what is called good and refuse what is called bad (Tests/Fuzzing/Replay). Keys are new in
each run, so what they sign changes: run it when a reader learns something new, not otherwise.
"""

import base64
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import text_seeds

CORPUS = Path(__file__).with_name("Corpus")
MESSAGE = b"what was signed\n"
ID = [digit * 40 for digit in "0123456789abcdef"]
DIGEST = "ab" * 32


def write(reader, name, content):
    """One seed; text is UTF-8."""
    folder = CORPUS / reader
    folder.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)


class Workshop:
    """A temporary folder for git and ssh-keygen, which know nothing of this machine's settings."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": folder, "TZ": "UTC", "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "alice@wrk.example",
            "GIT_AUTHOR_DATE": "1795420800 +0130", "GIT_COMMITTER_NAME": "Bob",
            "GIT_COMMITTER_EMAIL": "bob@wrk.example", "GIT_COMMITTER_DATE": "1795424400 -0500",
        }

    def run(self, *arguments, data=b""):
        return subprocess.run(arguments, cwd=self.folder, env=self.environment, input=data,
                              check=True, capture_output=True).stdout

    def git(self, *arguments, data=b""):
        return self.run("git", *arguments, data=data)

    def key(self, name, kind="ed25519", bits=None):
        size = ["-b", str(bits)] if bits else []
        self.run("ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-C", "", "-f", name)
        return self.public(name)

    def public(self, name):
        return (self.folder / f"{name}.pub").read_text().strip()

    def sign(self, key, namespace, message=MESSAGE, hashing="sha512"):
        """The armoured signature."""
        return self.run("ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-O",
                        f"hashalg={hashing}", "-f", key, data=message)


def unarmoured(signature):
    return base64.b64decode(b"".join(signature.split(b"\n")[1:-2]))


def string(data):
    """RFC 4251, section 5."""
    data = data.encode() if isinstance(data, str) else data
    return struct.pack(">I", len(data)) + data


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def objects(work):
    """Commits, trees and tags of git's own."""
    work.git("init", "-q", "-b", "master")
    for path in ["a", "a.b", "a-b/c", "ab/c", "z\u00e9", "lib/x"]:
        file = work.folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(path)
    (work.folder / "a").chmod(0o755)
    (work.folder / "link").symlink_to("a")
    work.git("add", "a", "a.b", "a-b", "ab", "z\u00e9", "lib", "link")
    work.git("update-index", "--add", "--cacheinfo", f"160000,{ID[7]},module")
    work.git("commit", "-q", "-m", "First\n\nCo-authored-by: Carol <carol@wrk.example>")
    work.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-m", "Second")
    work.git("checkout", "-q", "-b", "side", "HEAD^")
    work.git("commit", "-q", "--allow-empty", "-m", "Side")
    work.git("checkout", "-q", "master")
    work.git("merge", "-q", "--no-ff", "-m", "Merge branch 'side'", "side")
    signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={work.folder}/alice"]
    work.git(*signing, "commit", "-q", "-S", "--allow-empty", "-m", "Signed")
    for name, revision in [("first", "HEAD~3"), ("encoded", "HEAD~2"), ("merge", "HEAD^"),
                           ("signed", "HEAD")]:
        write("commit", f"good-{name}", work.git("cat-file", "commit", revision))
    signed = work.git("cat-file", "commit", "HEAD")
    head, _, message = signed.partition(b"\n\n")
    write("commit", "good-sha256-signature", head.replace(
        b"gpgsig ", b"gpgsig-sha256 x\n y\ngpgsig ") + b"\n\n" + message)
    write("commit", "good-mergetag", head + b"\nmergetag object " + ID[1].encode()
          + b"\n type commit\n tag v1\n \n  message\n\n" + message)
    write("commit", "good-no-message", work.git("cat-file", "commit", "HEAD~3").split(b"\n\n")[0]
          + b"\n")
    plain = work.git("cat-file", "commit", "HEAD^")
    for name, old, new in [
            ("two-authors", b"author ", b"author A <a@x> 1 +0000\nauthor "),
            ("same-parent", b"author ", b"parent " + plain.split(b"\n")[1][7:] + b"\nauthor "),
            ("nul", b"Merge", b"Mer\0ge"), ("upper-case-id", b"tree ", b"tree A"),
            ("no-time", b" 1795420800 +0130", b""), ("long-time", b"1795420800", b"9" * 20),
            ("octal-time", b"1795420800", b"01"), ("wrong-zone", b"+0130", b"0130"),
            ("no-address", b"<alice@wrk.example>", b"alice"), ("no-end", b"example>", b"example"),
            ("no-space", b"Alice <", b"Alice<"), ("late-tree", b"\n\n", b"\ntree x\n\n"),
            ("two-encodings", b"\n\n", b"\nencoding x\nencoding y\n\n"),
            ("odd-signature", b"\n\n", b"\ngpgsig-x y\n\n"),
            ("no-value", b"\n\n", b"\nheader\n\n"), ("starts-blank", b"\n\n", b"\n x\n\n"),
            ("cut-line", plain[plain.index(b"\ncommitter"):], b"\ncommitter A <a@x> 1 +0000"),
            ("not-a-line", b"\n\nMerge", b"Merge")]:
        write("commit", f"bad-{name}", plain.replace(old, new, 1))
    signature = b"gpgsig a\n b\n"
    write("commit", "bad-two-signatures", plain.replace(b"\n\n", b"\n" + signature * 2 + b"\n", 1))
    other = b"gpgsig-sha256 a\n b\n"
    write("commit", "bad-two-other-signatures", plain.replace(b"\n\n", b"\n" + other * 2 + b"\n", 1))

    tree = work.git("cat-file", "tree", "HEAD^{tree}")
    write("tree", "good-root", tree)
    write("tree", "good-empty", b"")
    write("tree", "good-group-writable", b"100664 a\0" + b"\1" * 20)

    def entry(name, mode="100644", target=b"\1" * 20):
        return mode.encode() + b" " + (name if isinstance(name, bytes) else name.encode()) \
            + b"\0" + target

    write("tree", "good-close-names", entry("a") + entry("a-", "40000") + entry("a.b") + entry("a0"))
    for name, content in [
            ("dot", entry(".")), ("dot-dot", entry("..")), ("dot-git", entry(".Git")),
            ("hfs", entry(".g\u200cit")), ("hfs-bad", entry(b".git\xe2\x80\x8c")),
            ("ntfs", entry("GIT~1")), ("ntfs-dots", entry(".git . .")),
            ("ntfs-stream", entry(".git:x")), ("backslash", entry("a\\.git")),
            ("slash", entry("a/b")), ("no-name", entry("")), ("null", entry("a", target=b"\0" * 20)),
            ("mode", entry("a", "100600")), ("mode-zero", entry("a", "040000")),
            ("mode-long", entry("a", "10064400")), ("mode-letter", entry("a", "10064x")),
            ("cut", entry("a")[:-1]), ("cut-mode", b"1006"), ("unsorted", entry("b") + entry("a")),
            ("twice", entry("a") + entry("a")), ("file-and-folder", entry("a") + entry("a", "40000")),
            ("far-twice", entry("a") + entry("a-b") + entry("a", "40000")),
            ("deep-twice", entry("a") + entry("a-") + entry("a-b") + entry("a", "40000"))]:
        write("tree", f"bad-{name}", content)
    write("tree", "good-nearly-git", entry("..a") + entry(".gitx") + entry(".git\u00e9")
          + entry(".g\u00eft") + entry("a\\b") + entry("git~2"))

    work.git("tag", "-a", "-m", "Version 1\n\nall of it", "v1")
    work.git(*signing, "tag", "-s", "-m", "Version 2", "v2")
    for name in ["v1", "v2"]:
        write("tag", f"good-{name}", work.git("cat-file", "tag", name))
    plain = work.git("cat-file", "tag", "v1")
    lines = plain.split(b"\n")
    write("tag", "good-no-tagger", b"\n".join(lines[:3] + lines[4:]))
    write("tag", "good-no-message", b"\n".join(lines[:4]) + b"\n")
    write("tag", "good-tree", plain.replace(b"type commit", b"type tree"))
    write("tag", "good-pgp", plain + b"-----BEGIN PGP SIGNATURE-----\n\nx\n"
          b"-----END PGP SIGNATURE-----\n")
    write("tag", "good-two-armours", plain + b"-----BEGIN PGP MESSAGE-----\n"
          b"-----BEGIN SSH SIGNATURE-----\nx\n")
    for name, old, new in [("no-object", b"object", b"subject"), ("type", b"commit", b"branch"),
                           ("no-name", b"tag v1", b"tag "), ("tagger", b"1795424400 ", b"never "),
                           ("more", b"\n\n", b"\nx y\n\n"), ("nul", b"Version", b"\0"),
                           ("id", lines[0], b"object 12")]:
        write("tag", f"bad-{name}", plain.replace(old, new, 1))

    index = (work.folder / ".git/index").read_bytes()
    end = index.find(b"TREE")
    write("git-index", "good-index", index[:end] + index[-20:] if end > 0 else index)
    empty = b"DIRC" + struct.pack(">II", 2, 0) + b"\0" * 20
    write("git-index", "good-empty", empty)
    write("git-index", "bad-version", empty.replace(b"\0\0\0\2", b"\0\0\0\4", 1))
    write("git-index", "bad-count", empty.replace(b"\0\0\0\0", b"\0\0\0\1", 1))
    write("git-index", "bad-stage", b"DIRC" + struct.pack(">II", 2, 1) + b"\0" * 60 + b"\x30\1a"
          + b"\0" * 30)
    return work.git("rev-parse", "HEAD", "HEAD^{tree}").decode().split()


def signatures(work):
    """SSHSIG of every kind of key, with and without certificates."""
    kinds = [("alice", "ed25519", None), ("ecdsa256", "ecdsa", 256), ("ecdsa384", "ecdsa", 384),
             ("ecdsa521", "ecdsa", 521), ("rsa", "rsa", 2048)]
    for name, kind, bits in kinds:
        if name != "alice":
            work.key(name, kind, bits)
        for hashing in ["sha256", "sha512"] if name == "alice" else ["sha512"]:
            armoured = work.sign(name, "git", hashing=hashing)
            write("sshsig", f"good-{name}-{hashing}", unarmoured(armoured))
            if name in ("alice", "ecdsa256"):
                write("armour", f"good-{name}-{hashing}", armoured)
        write("armour", f"good-{name}.pub", work.public(name) + " a comment\n")
    lines = [f"{name}@wrk.example {work.public(name)}" for name, *_ in kinds]
    for kind, middle in [("sk-ssh-ed25519@openssh.com", string(b"\1" * 32)),
                         ("sk-ecdsa-sha2-nistp256@openssh.com",
                          string("nistp256") + string(b"\4" + b"\1" * 64))]:
        blob = base64.b64encode(string(kind) + middle + string("ssh:")).decode()
        lines.append(f"{kind[:6]}@wrk.example {kind} {blob}")
    # One each: together they are longer than what the fuzzer makes.
    for number, line in enumerate(lines):
        write("allowed-signers", f"good-kind-{number}", line + "\n")
    rsa = base64.b64encode(string("ssh-rsa") + string(b"\1\0\1") + string(b"\xff" * 100)).decode()
    write("allowed-signers", "bad-small-rsa", f"a@x ssh-rsa {rsa}\n")
    for number, blob in enumerate([b"\0\0", string("ssh-rsa") + string("x"),
                                   string("ssh-rsa") + string("x") + string(""),
                                   string("ssh-rsa") + string("x") + string(b"\0")]):
        text = base64.b64encode(blob).decode()
        write("allowed-signers", f"bad-rsa-{number}", f"a@x ssh-rsa {text}\n")
    work.key("authority")

    def certify(name, *options):
        for key in ["bob", "bob.pub", "bob-cert.pub"]:
            (work.folder / key).unlink(missing_ok=True)
        work.key("bob")
        work.run("ssh-keygen", "-q", "-s", "authority", "-I", "id", *options, "bob.pub")
        write("sshsig", f"good-certificate-{name}", unarmoured(work.sign("bob-cert.pub", "git")))
        return (work.folder / "bob-cert.pub").read_text()

    always = ["-V", "20261123080000Z:20261123100000Z"]
    line = certify("plain", "-n", "bob@wrk.example", *always)
    write("armour", "good-certificate.pub", line)
    certify("nobody", *always)
    certify("star", "-n", "*", *always)
    certify("mallory", "-n", "mallory@wrk.example", *always)
    certify("host", "-h", "-n", "bob@wrk.example", *always)
    certify("expired", "-n", "bob@wrk.example", "-V", "20200101:20200102")
    certify("future", "-n", "bob@wrk.example", "-V", "20990101:20990102")
    certify("option", "-n", "bob@wrk.example", "-O", "force-command=x", *always)
    certify("verify", "-n", "bob@wrk.example", "-O", "verify-required", *always)

    blob = unarmoured(work.sign("alice", "git"))
    other = unarmoured(work.sign("alice", "git", b"something else"))
    write("sshsig", "good-over-something-else", other)
    write("sshsig", "good-unknown-format", blob.replace(
        string("ssh-ed25519") + string(blob[-64:]), string("ssh-ed99999") + string(blob[-64:])))
    for name, old, new in [("magic", b"SSHSIG", b"SSHSIX"), ("namespace", string("git"), string("")),
                           ("reserved", string("git") + string(""), string("git") + string("x")),
                           ("hash", b"sha512", b"sha1xx"), ("type", b"ssh-ed25519", b"ssh-dss9999"),
                           ("version", struct.pack(">I", 1), struct.pack(">I", 2)),
                           ("control", string("git"), string("g\x1bt"))]:
        write("sshsig", f"bad-{name}", blob.replace(old, new, 1))
    write("sshsig", "bad-cut", blob[:-1])
    write("sshsig", "bad-more", blob + b"x")
    ecdsa = unarmoured(work.sign("ecdsa256", "git"))
    write("sshsig", "bad-curve", ecdsa.replace(string("nistp256"), string("nistp521"), 1))
    write("sshsig", "bad-point", ecdsa.replace(string("nistp256") + struct.pack(">I", 65) + b"\4",
                                              string("nistp256") + struct.pack(">I", 65) + b"\5"))
    rsa = unarmoured(work.sign("rsa", "git"))
    write("sshsig", "good-rsa-sha1", rsa.replace(string("rsa-sha2-512"), string("rsa-sha2-123")))
    write("sshsig", "bad-rsa-zeros", rsa.replace(string(b"\1\0\1"), string(b"\0\0\1"), 1))
    write("sshsig", "bad-rsa-negative", rsa.replace(string(b"\1\0\1"), string(b"\x81\0\1"), 1))
    for name, flags in [("touched", 1), ("verified", 5), ("untouched", 0)]:
        write("sshsig", f"good-security-key-{name}", security_key(work, flags))
        write("sshsig", f"good-security-key-ecdsa-{name}", security_key_ecdsa(work, flags))

    text = work.sign("alice", "git")
    write("armour", "bad-pgp", "-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n")
    write("armour", "bad-x509", "-----BEGIN SIGNED MESSAGE-----\nx\n")
    write("armour", "bad-cut", text[:-30])
    write("armour", "bad-base64", text.replace(b"\nU1NI", b"\nU1N!", 1))
    write("armour", "bad-pub", "ssh-ed25519\n")
    write("armour", "bad-type.pub", work.public("alice").replace("ssh-ed25519", "ssh-rsa"))


def sshsig(key, namespace, signature):
    return (b"SSHSIG" + struct.pack(">I", 1) + string(key) + string(namespace) + string("")
            + string("sha512") + string(signature))


def challenge(flags, namespace="git"):
    """What a security key signs (OpenSSH's PROTOCOL.u2f, PROTOCOL.sshsig)."""
    signed = (b"SSHSIG" + string(namespace) + string("") + string("sha512")
              + string(hashlib.sha512(MESSAGE).digest()))
    return (hashlib.sha256(b"ssh:").digest() + bytes([flags, 0, 0, 0, 7])
            + hashlib.sha256(signed).digest())


def security_key(work, flags):
    """As a security key would make it, by OpenSSL."""
    pem = str(work.folder / "sk.pem")
    work.run("openssl", "genpkey", "-algorithm", "ed25519", "-out", pem)
    point = work.run("openssl", "pkey", "-in", pem, "-pubout", "-outform", "DER")[-32:]
    data = work.folder / "challenge"
    data.write_bytes(challenge(flags))
    made = work.run("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", pem, "-in", str(data))
    kind = "sk-ssh-ed25519@openssh.com"
    return sshsig(string(kind) + string(point) + string("ssh:"), "git",
                  string(kind) + string(made) + bytes([flags, 0, 0, 0, 7]))


def security_key_ecdsa(work, flags):
    pem = str(work.folder / "sk-ecdsa.pem")
    work.run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-out", pem)
    point = work.run("openssl", "pkey", "-in", pem, "-pubout", "-outform", "DER")[-65:]
    made = work.run("openssl", "dgst", "-sha256", "-sign", pem, data=challenge(flags))
    numbers, rest = b"", made[2:]
    while rest:
        length = rest[1]
        numbers += string(rest[2:2 + length])
        rest = rest[2 + length:]
    kind = "sk-ecdsa-sha2-nistp256@openssh.com"
    return sshsig(string(kind) + string("nistp256") + string(point) + string("ssh:"), "git",
                  string(kind) + string(numbers) + bytes([flags, 0, 0, 0, 7]))


def statements():
    """The canonical payload of every kind of statement."""
    review = {"base": ID[1], "changeDigest": {"sha256": DIGEST}, "comment": "r\u00e9sum\u00e9 \"x\"",
              "createdOn": "2026-11-23T09:00:00Z", "state": "approved", "supersedes": [],
              "targetRef": "refs/heads/master"}
    result = {"configuration": [{"digest": {"sha256": DIGEST}, "name": "unit"}],
              "failedTests": [], "passedTests": ["a.b", "c"], "result": "PASSED", "url": ""}
    bypass = {"new": ID[2], "old": ID[1], "reason": "outage", "ref": "refs/heads/master",
              "ruleset": "master"}
    deployment = {
        "createdOn": "2026-11-23T09:00:00Z", "environment": "production",
        "images": [{"digest": {"sha256": DIGEST}, "name": "api", "uri": "registry.wrk.example/api"}],
        "operator": "alice", "outcome": "started",
        "overrides": [{"limit": "freeze", "reason": "a fix"}, {"limit": "hold", "reason": "b"}],
        "planDigest": {"sha256": DIGEST}, "previous": DIGEST, "releaseId": "production-1",
        "ticks": ["a", "b"], "train": "all"}
    hold = {"createdOn": "2026-11-23T09:00:00Z", "reason": "waits", "ref": "refs/heads/master",
            "state": "held", "supersedes": []}
    urn = "urn:gate:{}:v1".format
    kinds = [("review", urn("review"), review, ID[2], "gitCommit"),
             ("no-digest", urn("review"), {**review, "changeDigest": None,
                                           "state": "changes_requested",
                                           "supersedes": [DIGEST, "cd" * 32]}, ID[2], "gitCommit"),
             ("result", "https://in-toto.io/attestation/test-result/v0.1", result, ID[3], "gitTree"),
             ("bypass", urn("bypass"), bypass, ID[2], "gitCommit"),
             ("bypass-deletion", urn("bypass"), {**bypass, "new": ID[0]}, ID[1], "gitCommit"),
             ("deployment", urn("deployment"), deployment, ID[2], "gitCommit"),
             ("first-deployment", urn("deployment"),
              {**deployment, "previous": None, "images": [], "ticks": [], "overrides": [],
               "outcome": "rolled_back"}, ID[2], "gitCommit"),
             ("hold", urn("hold"), hold, ID[2], "gitCommit"),
             ("release", urn("hold"), {**hold, "state": "released", "supersedes": [DIGEST]}, ID[2],
              "gitCommit")]
    texts = {}
    for name, kind, predicate, subject, digest in kinds:
        texts[name] = canonical({
            "_type": "https://in-toto.io/Statement/v1", "predicate": predicate,
            "predicateType": kind,
            "subject": [{"annotations": {"repository": "wrk/system"}, "digest": {digest: subject},
                         "name": subject}]})
    return texts


def statement_seeds(texts):
    for name, text in texts.items():
        write("statement", f"good-{name}", text)
    claim = {"expires": 1795424400, "repository": "wrk/system", "runner": "host-1.ci", "tree": ID[3]}
    write("statement", "good-claim", canonical(claim))
    write("statement", "bad-claim-runner", canonical({**claim, "runner": "a b"}))
    write("statement", "bad-claim-form", json.dumps(claim))
    review, deployment = texts["review"], texts["deployment"]
    for name, text, old, new in [
            ("json", review, "{", "["), ("list", "[]", "", ""), ("type", review, "Statement/v1", "x"),
            ("kind", review, "urn:gate:review:v1", "urn:gate:view:\u202ev1"),
            ("member", review, '"base"', '"bass"'), ("more", review, '"base"', '"aaaa":1,"base"'),
            ("not-canonical", review, ",", ", "), ("time", review, "T09", " 09"),
            ("ref", review, "refs/heads/master", "master"), ("id", review, ID[1], "12"),
            ("digest", review, DIGEST, "12"), ("state", review, "approved", "APPROVED"),
            ("name", review, f'"name":"{ID[2]}"', f'"name":"{ID[3]}"'),
            ("number", review, '"comment":"r', '"comment":1,"x":"r'),
            ("two-subjects", review, '"subject":[', '"subject":[{},'),
            ("result-kind", texts["result"], "PASSED", "PERHAPS"),
            ("result-strings", texts["result"], '["a.b","c"]', "[1]"),
            ("result-list", texts["result"], '["a.b","c"]', '"a"'),
            ("bypass-still", texts["bypass"], ID[2], ID[1]),
            ("bypass-tip", texts["bypass"], f'"new":"{ID[2]}"', f'"new":"{ID[4]}"'),
            ("empty", texts["bypass"], "outage", ""),
            ("held-ends", texts["hold"], "[]", f'["{DIGEST}"]'),
            ("release-of-none", texts["release"], f'["{DIGEST}"]', "[]"),
            ("unsorted", deployment, '["a","b"]', '["b","a"]'),
            ("override", deployment, "freeze", "frieze"),
            ("override-order", deployment, "freeze", "reverted"),
            ("image", deployment, '"name":"api"', '"nome":"api"'),
            ("images", deployment, '"images":[', '"images":["x",'),
            ("two-images", deployment, '"images":[', '"images":[{"digest":{"sha256":"' + DIGEST
             + '"},"name":"b","uri":"x"},'),
            ("previous", deployment, f'"previous":"{DIGEST}"', '"previous":"x"'),
            ("supersedes", review, '"supersedes":[]', f'"supersedes":["{DIGEST}","{DIGEST}"]')]:
        assert old in text, name
        write("statement", f"bad-{name}", text.replace(old, new, 1))
    write("statement", "bad-list", "[]")


def envelopes(work, texts):
    """What `gate` would push: the payload signed by ssh-keygen."""
    fingerprint = work.run("ssh-keygen", "-l", "-f", "alice.pub").decode().split()[1]

    def envelope(payload, namespace, kind="application/vnd.in-toto+json"):
        data = payload.encode()
        message = f"DSSEv1 {len(kind)} {kind} {len(data)} ".encode() + data
        signature = unarmoured(work.sign("alice", namespace, message))
        return canonical({
            "payload": base64.b64encode(data).decode(), "payloadType": kind,
            "signatures": [{"keyid": fingerprint, "sig": base64.b64encode(signature).decode()}]})

    review = envelope(texts["review"], "gate-review")
    write("envelope", "good-review", review)
    write("envelope", "good-result", envelope(texts["result"], "gate-check"))
    write("envelope", "good-other-payload", envelope("{}", "gate-deploy"))
    claim = canonical({"expires": 1795424400, "repository": "wrk/system", "runner": "host-1",
                       "tree": ID[3]})
    kind = "application/vnd.gate.claim+json"
    write("envelope", "good-claim", envelope(claim, "gate-check", kind) + "\n")
    for name, old, new in [
            ("json", "{", "<"), ("newline", "}]}", "}]}\n"), ("type", "in-toto", "in-tato"),
            ("member", '"payload"', '"pay"'), ("none", review[review.index("[{"):], "[]}"),
            ("two", "[{", "[{},{"), ("keyid", "SHA256:", "SHA256:x"), ("sig", '"sig"', '"sag"'),
            ("base64", '"payload":"', '"payload":"!'), ("form", ",", ", "), ("magic", "U1NIU0lH", "U1NIU0lX"),
            ("string", '"payload":"', '"payload":1,"x":"')]:
        assert old in review, name
        write("envelope", f"bad-{name}", review.replace(old, new, 1))


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    for old in CORPUS.glob("*/*"):
        if not old.name.startswith("found-"):
            old.unlink()
    for reader, seeds in text_seeds.seeds().items():
        for name, content in seeds.items():
            write(reader, name, content)
    with tempfile.TemporaryDirectory() as folder:
        work = Workshop(folder)
        work.key("alice")
        objects(work)
        signatures(work)
        texts = statements()
        statement_seeds(texts)
        envelopes(work, texts)


if __name__ == "__main__":
    main()
