#!/bin/bash
# The Debian package in a Debian 12 that has nothing else: no toolchain, no compiler, no git. It is
# installed there with apt, guards a repository, and is removed again.
#
# The package is $GATE_PACKAGE, or is made now; the other system is made with debootstrap from the
# mirror that this machine's own apt uses.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
passed=0 failed=0
work=$(mktemp -d /var/tmp/gate-package.XXXXXX)
system=$work/system
clean_up() {
    for mounted in proc dev; do
        if mountpoint -q "$system/$mounted"; then umount "$system/$mounted"; fi
    done
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT

check() {
    local words=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not so: $words"
        sed 's/^/    /' "$work/said"
    fi
}
give_up() {
    echo "$1"
    echo "$passed passed, $((failed + 1)) failed"
    exit 1
}
if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    echo "needs root and debootstrap"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

package=${GATE_PACKAGE:-}
[ -n "$package" ] || package=$(packaging/debian.sh 2>"$work/build") || give_up "$(cat "$work/build")"
package=$(readlink -f "$package")
check "it names what it is" grep -q '^ Package: gate$' <(dpkg-deb --info "$package")
for name in git openssh-client libyaml-0-2; do
    check "it depends on $name" grep -qE "^ Depends: .*\b$name\b" <(dpkg-deb --info "$package")
done
check "it depends on the libgit2 of this system" \
    grep -qE '^ Depends: .*\blibgit2-1\.[0-9]+ ' <(dpkg-deb --info "$package")
check "it has no list of install.sh's" \
    sh -c "! dpkg-deb --contents '$package' | grep -q installed-files"

# The first Debian mirror of sources.list, or of deb822 files, whichever this machine has.
# shellcheck disable=SC2016 # apt's own placeholders
mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "bookworm" { print $1; exit }')
[ -n "$mirror" ] || give_up "this machine's apt has no source of Debian 12"
debootstrap --variant=minbase bookworm "$system" "$mirror" >"$work/bootstrap" 2>&1 ||
    give_up "$(tail -n 20 "$work/bootstrap")"
for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/* /etc/resolv.conf; do
    [ ! -f "$file" ] || cp -L "$file" "$system$file"
done
{ mount -t proc proc "$system/proc" && mount --bind /dev "$system/dev"; } ||
    give_up "cannot mount /proc and /dev in the other system"
inside() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" \
        chroot "$system" "$@" </dev/null
}
cp "$package" "$system/root/gate.deb"
check "there is no toolchain and no git" sh -c "! ls '$system'/usr/bin/*gcc* '$system/usr/bin/git'"
inside apt-get -qq update >"$work/apt" 2>&1
inside apt-get -qq install -y --no-install-recommends /root/gate.deb >>"$work/apt" 2>&1 ||
    give_up "$(tail -n 20 "$work/apt")"
check "it says its version" test "$(inside gate --version)" = "$(dpkg-deb -f "$package" Version)"
check "its files are where they belong" inside sh -euc '
    test -x /usr/bin/gate; test -f /usr/share/gate/hooks/pre-receive
    ! dpkg -V gate | grep .'

# A policy that refuses and one that is accepted; a server whose hook answers.
# shellcheck disable=SC2016 # expanded in the other system
check "it guards a repository" inside sh -euc '
    export GIT_CONFIG_GLOBAL=/root/gitconfig
    git config --global user.name Alice
    git config --global user.email alice@wrk.example
    git init -q --bare -b master /root/server.git
    gate install --server /root/server.git
    git clone -q /root/server.git /root/clone
    cd /root/clone
    git checkout -q -b master
    ssh-keygen -q -t ed25519 -N "" -f /root/key
    ssh-keygen -q -t ed25519 -N "" -f /root/key2
    mkdir policies
    printf "%s\n" "rulesets:" "  - name: master" "    target: branch" "    enforcement: active" \
        "    include: [refs/heads/master]" "    rules:" "      deletion: {}" \
        "      pull_request: {required_approving_review_count: 1}" >policies/master.yml
    printf "%s\n" "repository: wrk/system" "teams:" \
        "  engineering: [alice@wrk.example, bob@wrk.example]" >policies/people.yml
    echo "alice@wrk.example $(cat /root/key.pub)" >policies/allowed_signers
    echo "bob@wrk.example $(cat /root/key2.pub)" >>policies/allowed_signers
    gate policy validate
    git add -A
    git commit -q -m "Add the policy"
    git push -q origin master
    gate trust -C /root/server.git --yes
    git commit -q --allow-empty -m "Not reviewed"
    if git push origin master 2>/root/refusal; then exit 9; fi
    grep -q "pull_request" /root/refusal'
check "a broken policy is refused with exit status 2, by line" inside sh -c '
    cd /root/clone && echo "rulesets: {" >policies/master.yml
    gate policy validate 2>&1 | grep -q "master.yml:[0-9]"
    gate policy validate; test $? -eq 2'
check "it goes away" inside apt-get -qq remove -y gate
check "and leaves nothing" inside sh -c '! test -e /usr/bin/gate && ! test -e /usr/share/gate'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
