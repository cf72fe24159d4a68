#!/bin/bash
# Everything that a morning needs, on this machine alone, in a folder that can be thrown away: an
# OCI registry on the loopback, a gated git server, the system with its policy, people with keys and
# clones, and something that takes the place of a cluster.
#
#   playground/up.sh DIR      then: . DIR/env
#   DIR/land.sh               lands a change, with its check and its review
#   DIR/down.sh               stops the registry
#
# It needs Debian's docker-registry, skopeo, umoci, jsonnet and python3-pytest, and gate in PATH.
set -euo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
[ $# -eq 1 ] || {
    echo "usage: playground/up.sh DIR" >&2
    exit 2
}
for program in gate git ssh-keygen docker-registry skopeo umoci jsonnet python3; do
    command -v "$program" >/dev/null || {
        echo "up.sh: there is no $program in PATH" >&2
        exit 3
    }
done
mkdir -p "$1"
[ -z "$(ls -A "$1")" ] || {
    echo "up.sh: $1 is not empty" >&2
    exit 2
}
top=$(CDPATH='' cd -- "$1" && pwd)
cd "$top"

# ---- The registry -------------------------------------------------------------------------------

mkdir registry databases home
cp "$here/playground/land.sh" "$here/playground/down.sh" .
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
registry=127.0.0.1:$port
cat >registry/config.yml <<END
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $top/registry/blobs}}
http: {addr: $registry, secret: playground}
END
# Without TLS, which is only right because nobody else can reach it.
mkdir -p home/.config/containers
cat >home/.config/containers/registries.conf <<END
[[registry]]
location = "$registry"
insecure = true
END
setsid docker-registry serve registry/config.yml >registry/log 2>&1 </dev/null &
echo $! >registry/pid
for _ in $(seq 100); do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
done

# ---- What scripts and people find in their environment ------------------------------------------

cat >./env <<END
export PLAYGROUND='$top'
export REGISTRY=$registry
export DATABASES='$top/databases' CLUSTER='$top/cluster' KUBECTL='$here/playground/kubectl'
export HOME='$top/home' GIT_CONFIG_NOSYSTEM=1
unset XDG_CONFIG_HOME XDG_STATE_HOME SSH_AUTH_SOCK
END
# shellcheck source=/dev/null
. ./env
BASE=$("$here/deploy/base-image.sh" "$registry/python")
export BASE
echo "export BASE=$BASE" >>./env
mkdir -p cluster/staging cluster/production
echo '{"kind": "Secret"}' | tee cluster/staging/secret.database.json >cluster/production/secret.database.json

# ---- The server, and people ---------------------------------------------------------------------

git init -q --bare -b master server.git
gate install --server server.git >/dev/null
for person in alice bob carol ci; do
    ssh-keygen -q -t ed25519 -N '' -C "$person@wrk.example" -f "home/$person"
    git init -q -b master "$person"
    git -C "$person" remote add origin "$top/server.git"
    git -C "$person" config user.name "${person^}"
    git -C "$person" config user.email "$person@wrk.example"
    git -C "$person" config user.signingKey "$top/home/$person.pub"
    git -C "$person" config gpg.format ssh
done

cp -R "$here/." alice
cd alice
rm -rf playground
find . -name __pycache__ -prune -exec rm -rf {} +
sed -i "s,registry\.wrk\.example,$registry," policies/release.yml
sed -i '/^# yaml-language-server/d' policies/*.yml
gate people import <(cat ../home/{alice,bob,carol,ci}.pub) >../people.log 2>&1 || {
    cat ../people.log >&2
    exit 1
}
git add -A
git commit -q -m 'Start'
git push -q origin master 2>/dev/null
cd ..
gate trust -C server.git --yes >/dev/null 2>&1
for person in alice bob carol ci; do
    git -C "$person" pull -q origin master 2>/dev/null
    git -C "$person" branch -q -u origin/master
done

# ---- What happened before this morning ------------------------------------------------------------

# In a shell of its own: `set -e` holds for nothing that stands before `||`.
bash -euo pipefail >first-push.log 2>&1 <<'END' || { cat first-push.log >&2 && exit 1; }
cd ci
gate check unit --rev master --report ../report.json
gate attest ../report.json --push
deploy/push.sh staging
gate release tick always-1 always-2 changed-1
deploy/push.sh production
END

cd alice
sed -i 's/("EUR", "USD")/("CAD", "EUR", "USD")/' lib/money.py
sed -i '/payouts-in-cad/,/defaultVariant/s/"defaultVariant": "off"/"defaultVariant": "on"/' flags.json
cat >api/migrations/0002_index_unpaid.py <<'END'
"""The worker asks for what is not paid yet, many times a second."""


def up(database):
    """Applies the migration; the caller's transaction commits it."""
    database.execute("CREATE INDEX payouts_unpaid ON payouts (id) WHERE NOT paid")
END
../land.sh alice bob 'Pay out in CAD, PAY-7 (#12)' >/dev/null

cd ../bob
git pull -q origin master
sed -i "s/^    for number, recipient/    print(f'{len(rows)} to pay', flush=True)\n&/" worker/pay.py
../land.sh bob alice 'Say how many payouts wait (#14)' >/dev/null

for person in carol ci; do
    git -C "../$person" pull -q origin master 2>/dev/null
done
echo "ready: . $top/env"
