"""Objects that no git command would write, and pushes that no git client would make."""

import hashlib
import subprocess
import zlib

from .lab import GIT, ZERO
from .server import Push

KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}


def object_id(kind, data):
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)) + data).hexdigest()


def tree_bytes(*entries):
    """A tree's bytes from `(mode, name, id)`, in the given order, whatever it is."""
    return b"".join(
        mode.encode() + b" " + (name if isinstance(name, bytes) else name.encode()) + b"\0"
        + bytes.fromhex(object_id) for mode, name, object_id in entries)


def pack(objects):
    """A pack of `(kind, bytes)`."""
    body = b"PACK" + (2).to_bytes(4, "big") + len(objects).to_bytes(4, "big")
    for kind, data in objects:
        size, first = len(data), (KINDS[kind] << 4) | (len(data) & 15)
        size >>= 4
        header = bytearray()
        while size:
            header.append(first | 0x80)
            first, size = size & 0x7F, size >> 7
        header.append(first)
        body += bytes(header) + zlib.compress(data, 1)
    return body + hashlib.sha1(body).digest()


def packet(data):
    return b"%04x" % (len(data) + 4) + data


def push_pack(server, updates, objects, *, options=(), raw_pack=None):
    """Speaks git's protocol with receive-pack itself: `updates` are (ref, old, new), `objects`
    what to send. Returns a Push whose stderr is what a client would show."""
    before = server.snapshot()
    with_options = b" push-options" if options else b""
    commands = b""
    for index, (ref, old, new) in enumerate(updates):
        name = ref if isinstance(ref, bytes) else ref.encode("utf-8", "surrogateescape")
        line = f"{old} {new} ".encode() + name
        if index == 0:
            line += b"\0 report-status side-band-64k" + with_options
        commands += packet(line)
    sent = commands + b"0000"
    if options:
        sent += b"".join(packet(o.encode()) for o in options) + b"0000"
    if any(new != ZERO for _, _, new in updates):
        sent += pack(objects) if raw_pack is None else raw_pack
    done = subprocess.run(["git", "receive-pack", str(server.path)], input=sent,
                          capture_output=True, env=GIT, timeout=120)
    shown, report = _read(done.stdout)
    failed = b"unpack ok" not in report or b"\nng " in report or b"ng " in report
    text = "".join(
        f"remote: {row}\n" for row in shown.decode("utf-8", "replace").splitlines())
    text += report.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")
    return Push(1 if failed else 0, text, before, server.snapshot(), server)


def _read(stream):
    """Band 2 (what the user sees) and the status report inside band 1."""
    at, shown, inner = 0, b"", b""
    sections = []
    while at + 4 <= len(stream):
        length = int(stream[at:at + 4], 16)
        if length == 0:
            at += 4
            sections.append(None)
            continue
        data = stream[at + 4:at + length]
        at += length
        if not sections or sections.count(None) == 0:
            continue
        if data[:1] == b"\x02":
            shown += data[1:]
        elif data[:1] == b"\x01":
            inner += data[1:]
    report, at = b"", 0
    while at + 4 <= len(inner):
        length = int(inner[at:at + 4], 16)
        report += inner[at + 4:at + max(length, 4)]
        at += max(length, 4)
    return shown, report
