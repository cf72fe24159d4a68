"""The same verdicts over a local path, over SSH with a real sshd, and over smart HTTP with
git-http-backend behind a real web server."""

import contextlib
import getpass
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

from kit import World, accepted, case, check, files, only, refused, run
from kit.case import Skip
from kit.lab import people
from kit.tools import system
from kit.world import MASTER, NOTES

TESTED = only("creation", "deletion", "non_fast_forward", "pull_request",
              "required_status_checks")


def story(world, url, env=None):
    """Refusals and acceptances by way of `url`; the refusal must read the same everywhere."""
    def push(*arguments):
        return world.push(*arguments, url=url, env=env)

    evil = world.change({"evil.txt": "evil\n"})
    direct = refused(push(f"{evil}:{MASTER}"), "pull_request", "direct push", ref=MASTER,
                     also=["required_status_checks"])
    refused(push(f"+{world.git('rev-parse', world.master + '^')}:{MASTER}"), "non_fast_forward",
            also=["policy", "pull_request", "required_status_checks"])
    head = world.change({"good.txt": "good\n"})
    accepted(push(f"{head}:refs/heads/good"))
    landing = world.merge(head)
    refused(push(f"{landing}:{MASTER}"), ("pull_request", "required_status_checks"))
    accepted(push(f"{world.note(world.review(head), world.result(head))}:{NOTES}"))
    refused(push(f":{NOTES}"), "evidence")
    accepted(push(f"{landing}:{MASTER}"))
    check(world.master == landing, "master is not what was pushed")
    fresh = world.folder / "fresh.git"
    run("git", "clone", "-q", "--bare", url, fresh, env=env)
    run("git", "fetch", "-q", url, f"{NOTES}:{NOTES}", cwd=fresh, env=env)
    check(run("git", "notes", "--ref", NOTES, "show", head, cwd=fresh).text.count("\n") == 1,
          "the evidence does not come back")
    return direct.lines


def wait_for(port, process):
    for _ in range(200):
        if process.poll() is not None:
            raise Skip(f"the server ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nothing listens")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(*arguments, port=None, **options):
    process = subprocess.Popen(
        [os.fspath(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        start_new_session=True, **options)
    try:
        if port:
            wait_for(port, process)
        yield process
    finally:
        # The whole group: fcgiwrap's children outlive their parent.
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def plain(lines):
    """The hook's lines without ids, which differ from world to world."""
    return [re.sub(r"\b[0-9a-f]{7,40}\b", "ID", row) for row in lines if row]


@case
def local_path():
    """Over a path and over file:// the verdicts are the same, word for word."""
    world, other = World(files(TESTED)), World(files(TESTED))
    one = story(world, world.server.path)
    two = story(other, f"file://{other.server.path}")
    check(plain(one) == plain(two), f"two refusals read differently:\n{one}\n{two}")


@case
def ssh():
    """Over SSH, with a real sshd on the loopback."""
    sshd = system("sshd", "openssh-server")
    world = World(files(TESTED))
    folder, port = world.folder / "sshd", free_port()
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "host")
    host = (folder / "host.pub").read_text().split()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {host[0]} {host[1]}\n")
    (folder / "authorized").write_text(people["alice"].public + "\n")
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\n"
        f"AuthorizedKeysFile {folder}/authorized\nPidFile {folder}/pid\nStrictModes no\n"
        "UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        "PermitRootLogin prohibit-password\nSetEnv GIT_CONFIG_NOSYSTEM=1\n")
    command = (f"ssh -F /dev/null -p {port} -i {people['alice'].key} -o IdentitiesOnly=yes "
               f"-o IdentityAgent=none -o UserKnownHostsFile={folder}/known -o BatchMode=yes")
    with open(folder / "log", "w") as log, running(
            sshd, "-D", "-e", "-f", folder / "config", port=port, stderr=log):
        lines = story(world, f"ssh://{getpass.getuser()}@127.0.0.1:{port}{world.server.path}",
                      {"GIT_SSH_COMMAND": command})
    local = World(files(TESTED))
    check(plain(lines) == plain(story(local, local.server.path)), "another refusal than locally")


@case
def http():
    """Over smart HTTP: git-http-backend behind nginx."""
    nginx, fcgiwrap = system("nginx", "nginx-light"), system("fcgiwrap", "fcgiwrap")
    backend = Path(run("git", "--exec-path").text.strip()) / "git-http-backend"
    world = World(files(TESTED))
    world.server.git("config", "http.receivepack", "true")
    folder, port = world.folder / "web", free_port()
    folder.mkdir(mode=0o700)
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + f"""
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 0;
    location / {{
      fastcgi_pass unix:{folder}/socket;
      fastcgi_param SCRIPT_FILENAME {backend};
      fastcgi_param GIT_PROJECT_ROOT {world.folder};
      fastcgi_param GIT_HTTP_EXPORT_ALL 1;
      fastcgi_param GIT_CONFIG_NOSYSTEM 1;
      fastcgi_param PATH_INFO $uri;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
      fastcgi_param HTTP_GIT_PROTOCOL $http_git_protocol;
      fastcgi_param REMOTE_USER alice;
      fastcgi_param REMOTE_ADDR $remote_addr;
    }}
  }}
}}
""")
    with running(fcgiwrap, "-c", "2", "-s", f"unix:{folder}/socket",
                 stderr=subprocess.DEVNULL), running(
            nginx, "-p", folder, "-c", folder / "nginx.conf", port=port,
            stderr=subprocess.DEVNULL):
        lines = story(world, f"http://127.0.0.1:{port}/server.git")
    local = World(files(TESTED))
    check(plain(lines) == plain(story(local, local.server.path)), "another refusal than locally")
