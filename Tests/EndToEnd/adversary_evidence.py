"""Threats, "Evidence": notes that are not what they seem, and lines that say what they must not."""

import base64
import json

from kit import World, accepted, case, check, evidence, files, git, only, refused, run, signers
from kit.evidence import canonical, encoding, envelope
from kit.lab import people
from kit.raw import tree_bytes
from kit.world import HEADS, NOTES

TESTED = only("pull_request", "required_status_checks")


@case
def note_for_a_tree_that_the_server_lacks():
    """A test result names a tree that the server has not seen: no error, and it counts later."""
    world = World(files(TESTED))
    head = world.change({"a.txt": "a\n"})
    check(not world.server.has(world.tree_of(head)), "the server has the tree already")
    world.publish(world.result(head), world.review(head))
    accepted(world.land(world.merge(head)))


def raw_notes(world, entries, parents=None, message="Notes"):
    """A notes commit whose tree has exactly these entries (mode, name, id), nested by dicts."""
    def build(entries):
        rows = []
        for mode, name, content in entries:
            if isinstance(content, list):
                content = build(content)
            elif isinstance(content, bytes):
                content = world.blob(content)
            rows.append((mode, name, content))
        rows.sort(key=lambda r: r[1] + ("/" if r[0] == "40000" else ""))
        return world.object("tree", tree_bytes(*rows))
    tip = world.server.tip(NOTES)
    if parents is None:
        parents = [tip] if tip else []
    return world.commit(build(entries), parents, "alice", message=message)


def note_bytes(*lines):
    return b"".join(line + b"\n" for line in sorted(lines))


@case
def flat_and_fanned_out():
    """One object under a flat and a fanned-out name, which git joins and libgit2 does not."""
    world = World()
    head = world.change()
    one, two = world.review(head, "bob"), world.review(head, "carol")
    both = raw_notes(world, [
        ("100644", head, note_bytes(one)),
        ("40000", head[:2], [("100644", head[2:], note_bytes(two))])])
    refused(world.push(f"{both}:{NOTES}"), "evidence")
    fanned = raw_notes(world, [("40000", head[:2], [("100644", head[2:], note_bytes(one))])])
    accepted(world.push(f"{fanned}:{NOTES}"))
    accepted(world.land(world.merge(head)))


def strange_notes(name, words, entries):
    """`entries(head, note)` gives a notes tree that holds something else, too."""
    def act():
        world = World()
        head = world.change()
        note = note_bytes(world.review(head))
        bad = raw_notes(world, entries(head, note))
        refused(world.push(f"{bad}:{NOTES}"), "evidence", also=["well_formed"])
        good = raw_notes(world, [("100644", head, note)])
        accepted(world.push(f"{good}:{NOTES}"))
        accepted(world.land(world.merge(head)))
    act.__doc__, act.__name__ = f"A notes tree with {words} is refused.", f"notes_with_{name}"
    case(act)


for row in (
    ("a_file", "a file that is no note",
     lambda h, n: [("100644", h, n), ("100644", "README", b"hello\n")]),
    ("an_executable", "a note that is executable", lambda h, n: [("100755", h, n)]),
    ("a_symlink", "a note that is a symbolic link", lambda h, n: [("120000", h, n)]),
    ("a_submodule", "a note that is a submodule", lambda h, n: [("160000", h, "1" * 40)]),
    ("a_folder", "a folder that is no fan-out",
     lambda h, n: [("100644", h, n), ("40000", "x", [("100644", h, n)])]),
    ("capitals", "a name in capitals",
     lambda h, n: [("100644", "A" + h[1:].upper(), n)]),
    ("a_short_name", "an abbreviated name", lambda h, n: [("100644", h[:20], n)]),
    ("a_long_name", "a name of 41 digits", lambda h, n: [("100644", h + "0", n)]),
    ("two_fan_outs", "an object under two depths of fan-out",
     lambda h, n: [("40000", h[:2], [("100644", h[2:], n),
                                     ("40000", h[2:4], [("100644", h[4:], n)])])]),
):
    strange_notes(*row)


def bad_note(name, words, change):
    """`change(note)` spoils the bytes of a good note of one line."""
    def act():
        world = World()
        head = world.change()
        line = world.review(head)
        bad = raw_notes(world, [("100644", head, change(bytes(line) + b"\n"))])
        refused(world.push(f"{bad}:{NOTES}"), "evidence")
        world.publish(line)
        accepted(world.land(world.merge(head)))
    act.__doc__, act.__name__ = f"A note with {words} is refused.", f"note_{name}"
    case(act)


def spaced(note):
    return note.replace(b'","', b'", "', 1)


for row in (
    ("text", "plain text", lambda n: n + b"looks good to me\n"),
    ("not_json", "a line that is not JSON", lambda n: b"{" + n),
    ("space", "white space between members", spaced),
    ("trailing_space", "a blank behind the line", lambda n: n[:-1] + b" \n"),
    ("carriage_return", "carriage returns", lambda n: n[:-1] + b"\r\n"),
    ("byte_order_mark", "a byte-order mark", lambda n: b"\xef\xbb\xbf" + n),
    ("invalid_utf8", "bytes that are not UTF-8", lambda n: n[:-2] + b"\xff}\n"),
    ("nul", "a NUL byte", lambda n: n[:-1] + b"\0\n"),
    ("unsorted", "members out of order",
     lambda n: json.dumps(dict(reversed(json.loads(n).items())),
                          separators=(",", ":")).encode() + b"\n"),
    ("duplicate_member", "a member that stands twice",
     lambda n: n.replace(b'"payloadType":', b'"payloadType":"application/x","payloadType":')),
    ("extra_member", "a member too many",
     lambda n: n.replace(b'{"payload":', b'{"extra":1,"payload":')),
    ("other_type", "another payload type",
     lambda n: n.replace(b"application/vnd.in-toto+json", b"application/json")),
    ("no_signature", "no signature",
     lambda n: canonical({**json.loads(n), "signatures": []}) + b"\n"),
    ("two_signatures", "two signatures",
     lambda n: canonical({**json.loads(n), "signatures": json.loads(n)["signatures"] * 2})
     + b"\n"),
    ("other_digits", "base64 with other digits",
     lambda n: n.replace(b'"payload":"', b'"payload":"-_')),
    ("wrong_keyid", "the fingerprint of another key",
     lambda n: n.replace(people["bob"].fingerprint.encode(),
                         people["carol"].fingerprint.encode())),
    ("escaped", "a character escaped that needs none",
     lambda n: n.replace(b'"keyid":"S', b'"keyid":"\\u0053')),
    ("too_long", "a line of more than 65,536 bytes",
     lambda n: n + b'{"payload":"' + b"A" * 66000 + b'"}\n'),
    ("deep_nesting", "JSON nested ten thousand deep",
     lambda n: b"[" * 10000 + b"]" * 10000 + b"\n"),
    ("missing_newline_joined", "two lines in one", lambda n: n[:-1] + n),
):
    bad_note(*row)


@case
def millions_of_lines():
    """A note of very many short lines is small as a push; it is refused before it is taken apart."""
    world = World()
    head = world.change()
    blob = world.git("hash-object", "-w", "--stdin", input="a\n" * 2_000_000)
    tree = world.git("mktree", input=f"100644 blob {blob}\t{head}\n")
    refused(world.push(f"{world.commit(tree, [], 'alice')}:{NOTES}"), "evidence")
    world.approve(head)
    accepted(world.land(world.merge(head)))


@case
def blank_lines():
    """`git notes append` puts a blank line between two; no evidence is lost by it."""
    world = World(files({"pull_request": {"required_approving_review_count": 2,
                                          "reviewers": ["engineering"]}}))
    head = world.change()
    world.sync()
    for by in ("bob", "carol"):
        path = world.folder / by
        path.write_bytes(world.review(head, by) + b"\n")
        world.git("notes", "--ref", NOTES, "append", "-F", path, head)
    push = world.push(f"{NOTES}:{NOTES}")
    if push.exit != 0:
        refused(push, "evidence")
        world.publish(world.review(head, "bob"), world.review(head, "carol"))
    accepted(world.land(world.merge(head)))


def said(world, head, **changes):
    """A review's statement with parts replaced."""
    statement = evidence.statement(
        head, evidence.review(head, world.master, world.digest(head, world.master)),
        evidence.REVIEW)
    statement.update(changes)
    return statement


def bad_statement(name, words, change):
    """`change(statement)` spoils a review's statement before it is signed."""
    def act():
        world = World()
        head = world.change()
        statement = said(world, head)
        payload = change(statement) or statement
        refused(world.send(envelope(payload, "bob", "gate-review").on(head)), "evidence")
        world.publish(envelope(said(world, head), "bob", "gate-review").on(head))
        accepted(world.land(world.merge(head)))
    act.__doc__, act.__name__ = f"A review with {words} is refused.", f"review_{name}"
    case(act)


def predicate(**parts):
    return lambda s: s["predicate"].update(parts)


for row in (
    ("spaces", "white space in its payload", lambda s: json.dumps(s, sort_keys=True).encode()),
    ("unsorted", "payload members out of order",
     lambda s: json.dumps(dict(reversed(sorted(s.items()))), separators=(",", ":")).encode()),
    ("other_statement_type", "another statement type",
     lambda s: s.update(_type="https://in-toto.io/Statement/v0.1")),
    ("unknown_predicate", "a predicate type of somebody else's",
     lambda s: s.update(predicateType="https://slsa.dev/provenance/v1")),
    ("predicate_v2", "a version that is not known",
     lambda s: s.update(predicateType="urn:gate:review:v2")),
    ("two_subjects", "two subjects", lambda s: s.update(subject=s["subject"] * 2)),
    ("no_subject", "no subject", lambda s: s.update(subject=[])),
    ("other_name", "a name that is not its id", lambda s: s["subject"][0].update(name="master")),
    ("tree_digest", "a subject that claims to be a tree",
     lambda s: s["subject"][0].update(digest={"gitTree": s["subject"][0]["name"]})),
    ("two_digests", "two digests of one subject",
     lambda s: s["subject"][0]["digest"].update(sha1="0" * 40)),
    ("short_id", "an abbreviated id",
     lambda s: s["subject"][0].update(digest={"gitCommit": "abcdef0"}, name="abcdef0")),
    ("no_repository", "no repository", lambda s: s["subject"][0].update(annotations={})),
    ("other_repository", "another repository",
     lambda s: s["subject"][0].update(annotations={"repository": "wrk/other"})),
    ("unknown_state", "a state that is not known", predicate(state="lgtm")),
    ("capital_state", "a state in capitals", predicate(state="APPROVED")),
    ("missing_state", "no state", lambda s: s["predicate"].pop("state") and None),
    ("extra_member", "a member that is not known", predicate(force=True)),
    ("short_target", "a short target name", predicate(targetRef="master")),
    ("short_base", "an abbreviated base", predicate(base="abcdef0")),
    ("digest_text", "a digest that is no digest", predicate(changeDigest={"sha256": "abc"})),
    ("digest_twice", "a digest of two kinds",
     predicate(changeDigest={"sha256": "0" * 64, "sha1": "0" * 40})),
    ("supersedes_unsorted", "supersedes out of order",
     predicate(supersedes=["f" * 64, "0" * 64])),
    ("supersedes_twice", "one digest twice in supersedes",
     predicate(supersedes=["0" * 64, "0" * 64])),
    ("supersedes_text", "a supersedes that is no digest", predicate(supersedes=["all"])),
    ("comment_number", "a comment that is a number", predicate(comment=1)),
    ("date", "a date that is none", predicate(createdOn="yesterday")),
    ("local_date", "a date of another time zone", predicate(createdOn="2026-11-23T09:00:00+01:00")),
):
    bad_statement(*row)


@case
def float_in_the_payload():
    """A number with a fraction is in no canonical form."""
    world = World()
    head = world.change()
    text = canonical(said(world, head)).replace(b'"comment":""', b'"comment":1.0')
    refused(world.send(envelope(text, "bob", "gate-review").on(head)), "evidence")


@case
def comment_in_any_script():
    """A comment may say anything, in any script, and is kept byte for byte."""
    world = World()
    head = world.change()
    comment = "gut gemacht \u2713 \U0001f44d \"quoted\" \\ tab\tnewline\n \x7f \u0001"
    line = world.review(head, comment=comment)
    world.publish(line)
    world.fetch()
    shown = run("git", "notes", "--ref", "refs/notes/gate", "show", head,
                cwd=world.server.path).out
    check(shown == bytes(line) + b"\n", "the note is not what was sent")
    accepted(world.land(world.merge(head)))


@case
def other_namespaces():
    """A signature that was made for something else does not make a review."""
    world = World()
    head = world.change()
    for namespace in ("gate-check", "gate-bypass", "gate-deploy", "git", "file"):
        refused(world.send(world.review(head, namespace=namespace)), "evidence")
    world.approve(head)


@case
def result_in_the_namespace_of_reviews():
    """A test result signed as if it were a review is refused, and the other way round."""
    world = World(files(TESTED))
    head = world.change()
    refused(world.send(world.result(head, namespace="gate-review")), "evidence")
    world.publish(world.result(head))


@case
def signature_over_the_bare_payload():
    """The signature is over DSSE's encoding, not over the payload."""
    world = World()
    head = world.change()
    payload = canonical(said(world, head))
    refused(world.send(envelope(payload, "bob", "gate-review", signed=payload).on(head)),
            "evidence")
    right = encoding(payload)
    world.publish(envelope(payload, "bob", "gate-review", signed=right).on(head))


@case
def signature_of_another_line():
    """A signature moved to another statement is refused."""
    world = World()
    head = world.change()
    good = json.loads(world.review(head, state="withdrawn"))
    other = json.loads(world.review(head))
    good["payload"] = other["payload"]
    refused(world.send(evidence.Line(canonical(good)).on(head)), "evidence")
    world.publish(evidence.Line(canonical(other)).on(head))


@case
def signature_flipped():
    """One bit of the signature changed is no signature."""
    world = World()
    head = world.change()
    line = json.loads(world.review(head))
    blob = bytearray(base64.b64decode(line["signatures"][0]["sig"]))
    blob[-5] ^= 1
    line["signatures"][0]["sig"] = base64.b64encode(bytes(blob)).decode()
    refused(world.send(evidence.Line(canonical(line)).on(head)), "evidence")
    world.approve(head)


@case
def signature_with_a_tail():
    """Bytes behind the signature are refused: one signature has one form."""
    world = World()
    head = world.change()
    line = json.loads(world.review(head))
    blob = base64.b64decode(line["signatures"][0]["sig"]) + b"\0\0\0\0"
    line["signatures"][0]["sig"] = base64.b64encode(blob).decode()
    refused(world.send(evidence.Line(canonical(line)).on(head)), "evidence")
    world.approve(head)


@case
def kinds_of_keys_and_hashes():
    """RSA and ECDSA keys and either hash of SSHSIG make good evidence."""
    team = {"engineering": ["alice", "rsa", "ecdsa", "bob"], "ci": ["ci"],
            "release-managers": ["bob"]}
    world = World(files(
        {"pull_request": {"required_approving_review_count": 3, "reviewers": ["engineering"]}},
        keys=signers("alice", "rsa", "ecdsa", "bob", "ci"), teams=team, aliases={}))
    head = world.change()
    payload = canonical(said(world, head))
    world.publish(world.review(head, "rsa"), world.review(head, "ecdsa"))
    refused(world.land(world.merge(head)), "pull_request")
    world.publish(envelope(payload, "bob", "gate-review", hash="sha256").on(head))
    accepted(world.land(world.merge(head)))


@case
def reviews_copied_to_an_amended_commit():
    """notes.rewriteRef copies a review to the amended commit, of which it says nothing."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    amended = world.change({"a.txt": "evil\n"})
    world.sync()
    world.git("notes", "--ref", NOTES, "copy", head, amended)
    refused(world.push(f"{NOTES}:{NOTES}"), "evidence")
    refused(world.land(world.merge(amended)), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def notes_prune():
    """`git notes prune` drops the notes of objects that the pruner lacks; the server keeps them."""
    world = World(files(TESTED))
    head = world.change({"a.txt": "a\n"})
    world.publish(world.result(head), world.review(head))
    other = world.folder / "other.git"
    run("git", "init", "-q", "--bare", other)
    git(other, "fetch", "-q", world.server.path, f"{NOTES}:{NOTES}")
    who = {"GIT_AUTHOR_DATE": "1790000000 +0000", "GIT_COMMITTER_DATE": "1790000000 +0000"}
    git(other, "notes", "--ref", NOTES, "prune", env=who)
    refused(world.server.push(other, f"{NOTES}:{NOTES}"), "evidence")
    accepted(world.land(world.merge(head)))


@case
def united_by_git_notes_merge():
    """Two people's notes united by git's cat_sort_uniq arrive, both; dropping one side does not."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    mine, yours = world.review(head, "bob"), world.review(head, "carol")
    world.publish(world.review(world.change({"b.txt": "b\n"})))
    start = world.server.tip(NOTES)
    ours = world.note(mine)
    world.git("update-ref", NOTES, start)
    theirs = world.note(yours)
    accepted(world.push(f"{theirs}:{NOTES}"))
    refused(world.push(f"+{ours}:{NOTES}"), "evidence")
    dropped = world.commit(world.tree_of(ours), [ours, theirs], "bob", message="Mine only")
    refused(world.push(f"+{dropped}:{NOTES}"), "evidence")
    dropped = world.commit(world.tree_of(ours), [theirs, ours], "bob", message="Mine only")
    refused(world.push(f"{dropped}:{NOTES}"), "evidence")
    world.git("update-ref", "refs/notes/theirs", theirs)
    world.git("update-ref", NOTES, ours)
    world.git("notes", "--ref", NOTES, "merge", "-q", "-s", "cat_sort_uniq", "refs/notes/theirs")
    accepted(world.push(f"{NOTES}:{NOTES}"))
    shown = run("git", "notes", "--ref", NOTES, "show", head, cwd=world.server.path).out
    check(sorted(shown.splitlines()) == sorted([bytes(mine), bytes(yours)]), "a line is missing")


@case
def unrelated_notes():
    """Notes that do not continue the server's are refused even if they hold every line."""
    world = World()
    head = world.change()
    world.approve(head)
    world.sync()
    orphan = world.commit(world.tree_of(NOTES), [], "bob", message="Notes")
    refused(world.push(f"+{orphan}:{NOTES}"), "evidence")
    world.approve(head, "carol")


@case
def notes_that_are_no_commit():
    """The evidence ref points at a commit and at nothing else."""
    world = World()
    head = world.change()
    notes = world.note(world.review(head))
    blob, tree = world.blob("x\n"), world.tree_of(notes)
    tag = world.git("mktag", input=(
        f"object {notes}\ntype commit\ntag gate\n"
        "tagger Alice <alice@wrk.example> 1790000000 +0000\n\nNotes\n"))
    for other in (blob, tree, tag):
        refused(world.push(f"{other}:{NOTES}"), "evidence")
    accepted(world.push(f"{notes}:{NOTES}"))


@case
def line_on_the_wrong_object():
    """A line whose note is another object's than its subject is refused."""
    world = World()
    head, other = world.change({"a.txt": "a\n"}), world.change({"b.txt": "b\n"})
    line = world.review(head)
    refused(world.send(evidence.Line(line).on(other)), "evidence")
    world.publish(line)


@case
def repeated_line():
    """The same line again adds nothing: it is refused, or there once."""
    world = World()
    head = world.change()
    line = world.review(head)
    world.publish(line)
    twice = raw_notes(world, [("100644", head, (bytes(line) + b"\n") * 2)])
    push = world.push(f"{twice}:{NOTES}")
    if push.exit != 0:
        refused(push, "evidence")
    accepted(world.land(world.merge(head)))


@case
def blocked_by_a_deeper_name():
    """refs/notes/gate/x would block refs/notes/gate for ever."""
    world = World()
    refused(world.land(world.change(), "refs/notes/gate/x"), "reserved_ref")
    refused(world.land(world.change(), "refs/gate/deployed"), "reserved_ref")
    refused(world.land(world.change(), "refs/gate/heads/x"), "reserved_ref")
    world.approve(world.change())


@case
def changes_requested_stands():
    """A request for changes stands beside an approval until its author supersedes it."""
    world = World()
    head = world.change()
    no = world.review(head, "carol", state="changes_requested")
    world.publish(no, world.review(head, "bob"))
    refused(world.land(world.merge(head)), "pull_request", "carol")
    world.publish(world.review(head, "carol", supersedes=[no.digest]))
    accepted(world.land(world.merge(head)))


@case
def changes_requested_stands_for_later_heads():
    """A request for changes stands for every head that contains the commit."""
    world = World()
    first = world.change({"a.txt": "a\n"})
    no = world.review(first, "carol", state="changes_requested")
    second = world.change({"b.txt": "b\n"}, on=first)
    world.publish(no, world.review(second, "bob"))
    refused(world.land(world.merge(second)), "pull_request", "carol")
    world.publish(world.review(second, "carol", supersedes=[no.digest]))
    accepted(world.land(world.merge(second)))


@case
def superseded_by_somebody_else():
    """Nobody supersedes another person's review."""
    world = World()
    head = world.change()
    no = world.review(head, "carol", state="changes_requested")
    world.publish(no)
    push = world.send(world.review(head, "bob", supersedes=[no.digest]))
    check(push.exit == 0 or "evidence" in push.rules, push.stderr)
    if push.exit != 0:
        world.approve(head, "bob")
    refused(world.land(world.merge(head)), "pull_request", "carol")
    world.publish(world.review(head, "carol", state="withdrawn", supersedes=[no.digest]))
    accepted(world.land(world.merge(head)))


@case
def approval_withdrawn():
    """A withdrawn approval does not count; one that stands beside it without superseding does
    not win."""
    world = World()
    head = world.change()
    yes = world.review(head, "bob")
    world.publish(yes)
    world.publish(world.review(head, "bob", state="withdrawn", supersedes=[yes.digest]))
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "carol")
    accepted(world.land(world.merge(head)))


@case
def approval_and_request_by_one_person():
    """Of one person's standing reviews the most restrictive counts, whatever their dates say."""
    world = World()
    head = world.change()
    no = world.review(head, "bob", state="changes_requested", created="2020-01-01T00:00:00Z")
    yes = world.review(head, "bob", created="2026-11-23T12:00:00Z")
    world.publish(no, yes)
    refused(world.land(world.merge(head)), "pull_request", "bob")
    world.publish(world.review(head, "bob", supersedes=[no.digest], comment="now"))
    accepted(world.land(world.merge(head)))


@case
def request_by_a_contributor_or_a_stranger():
    """A request for changes by somebody who may not review does not block."""
    world = World(files(keys=signers("alice", "bob", "carol", "dave", "ci")))
    head = world.change()
    world.publish(world.review(head, "dave", state="changes_requested"), world.review(head, "bob"))
    accepted(world.land(world.merge(head)))


@case
def warned_is_not_passed():
    """Only PASSED passes."""
    world = World(files(TESTED))
    head = world.change()
    world.publish(world.review(head), world.result(head, result="WARNED"))
    refused(world.land(world.merge(head)), "required_status_checks")
    world.publish(world.result(head))
    accepted(world.land(world.merge(head)))


@case
def unknown_result():
    """A result in other words is refused on arrival."""
    world = World(files(TESTED))
    head = world.change()
    for word in ("passed", "SUCCESS", ""):
        refused(world.send(world.result(head, result=word)), "evidence")
    world.publish(world.result(head))


@case
def half_of_a_push():
    """Where evidence arrives and the landing does not, the evidence stays and the landing can be
    tried again."""
    world = World()
    head = world.change()
    line = world.review(head)
    lock = world.server.path / "refs" / "heads" / "master.lock"
    world.publish(line)
    second = world.review(head, "carol")
    notes, landing = world.note(second), world.merge(head)
    lock.write_text("")
    push = world.push(f"{notes}:{NOTES}", f"{landing}:refs/heads/master")
    check(push.exit != 0, "a locked ref was moved")
    check(push.after.refs[NOTES] == notes, f"the evidence did not arrive:\n{push.stderr}")
    check(push.after.refs["refs/heads/master"] == push.before.refs["refs/heads/master"],
          "master moved")
    lock.unlink()
    accepted(world.land(landing))


@case
def heads_deleted():
    """The ref that keeps squashed heads cannot be deleted or rewound."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    first = world.keep(head)
    second = world.keep(world.change({"b.txt": "b\n"}))
    refused(world.push(f":{HEADS}"), "evidence")
    refused(world.push(f"+{first}:{HEADS}"), "evidence")
    check(second == world.server.tip(HEADS), "the ref moved")
    world.keep(world.change({"c.txt": "c\n"}))


@case
def heads_that_are_no_chain():
    """The ref that keeps heads grows by commits with the empty tree behind the one before."""
    world = World()
    one, two = world.change({"a.txt": "a\n"}), world.change({"b.txt": "b\n"})
    refused(world.push(f"{world.keep(one, push=False, tree=world.tree_of(one))}:{HEADS}"),
            "evidence")
    refused(world.push(f"{one}:{HEADS}"), "evidence")
    tip = world.keep(one)
    refused(world.push(f"+{world.keep(two, push=False, parents=[two])}:{HEADS}"), "evidence")
    refused(world.push(f"+{world.keep(two, push=False, parents=[two, tip])}:{HEADS}"), "evidence")
    world.keep(two)


@case
def evidence_by_an_unlisted_author_of_notes():
    """Who made the notes commit does not matter; who signed the lines does."""
    world = World()
    head = world.change()
    tree = world.tree_of(world.note(world.review(head)))
    notes = world.commit(tree, [], "mallory", message="Notes")
    accepted(world.push(f"{notes}:{NOTES}"))
    accepted(world.land(world.merge(head)))


@case
def evidence_before_the_gate_closed():
    """Plain notes from before `gate trust` stay, and prove nothing."""
    from kit.server import trust

    world = World(trusted=False)
    head = world.change()
    start = raw_notes(world, [("100644", head, b"approved, bob\n")])
    accepted(world.push(f"{start}:{NOTES}"))
    trust(world.server.path)
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head)
    accepted(world.land(world.merge(head)))


@case
def line_in_the_middle_of_the_history_of_notes():
    """A line that an inner notes commit adds and the next one drops would be evidence for a
    landing that names the inner one; every new notes commit is judged."""
    keys = signers("alice", "bob", "carol", "dave", "ci", dave='valid-before="20250101Z"')
    world = World(files(keys=keys))
    head = world.change({"a.txt": "a\n"})
    world.approve(world.change({"b.txt": "b\n"}))
    start = world.server.tip(NOTES)
    inner = world.note(world.review(head, "dave"))
    outer = world.commit(world.tree_of(start), [inner], "alice", message="Notes")
    refused(world.push(f"{outer}:{NOTES}"), "evidence")
    joined = world.commit(world.tree_of(start), [start, inner], "alice", message="Notes")
    refused(world.push(f"{joined}:{NOTES}"), "evidence")
    world.approve(head)
    accepted(world.land(world.merge(head)))


@case
def side_history_of_notes():
    """A merge of notes does not bring in an unrelated history with lines of its own."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.approve(world.change({"b.txt": "b\n"}))
    start = world.server.tip(NOTES)
    side = raw_notes(world, [("100644", head, b"approved, bob\n")], parents=[])
    joined = world.commit(world.tree_of(start), [start, side], "alice", message="Notes")
    refused(world.push(f"{joined}:{NOTES}"), "evidence")
    world.approve(head)


@case
def heads_with_a_bad_commit_in_the_middle():
    """Every new commit of the chain of heads is judged, not only its last."""
    world = World()
    one, two = world.change({"a.txt": "a\n"}), world.change({"b.txt": "b\n"})
    tip = world.keep(one)
    bad = world.commit(world.tree_of(one), [tip, two], "alice", message="Keep heads")
    last = world.commit(world.tree(None, {}), [bad, two], "alice", message="Keep heads")
    refused(world.push(f"{last}:{HEADS}"), "evidence")
    world.keep(two)


@case
def landing_that_names_other_evidence():
    """Gate-Evidence in a landing names what the server has, and hides nothing that came since."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    yes = world.review(head)
    world.publish(yes)
    then = world.server.tip(NOTES)

    def landing(tip):
        return world.merge(head, message=f"Merge\n\nGate-Evidence: {tip}\n")
    refused(world.land(landing("1" * 40)), {"pull_request"}, also=["evidence"])
    refused(world.land(landing(world.master)), {"pull_request"}, also=["evidence"])
    world.publish(world.review(head, state="withdrawn", supersedes=[yes.digest]))
    refused(world.land(landing(then)), "pull_request")
    world.approve(head, "carol")
    accepted(world.land(landing(world.server.tip(NOTES))))


@case
def review_of_a_tree():
    """A review whose commit is a tree, or a result whose tree is a commit, lands nothing."""
    world = World(files(TESTED))
    head = world.change()
    tree = world.tree_of(head)
    world.approve(head)
    for line in (world.review(head, digest=None, subject=tree),
                 world.result(head, tree=head)):
        push = world.send(line)
        if push.exit != 0:
            refused(push, "evidence")
    refused(world.land(world.merge(head)), "required_status_checks")
    world.publish(world.result(head))
    accepted(world.land(world.merge(head)))
