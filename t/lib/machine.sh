# SPDX-License-Identifier: ISC
# Copyright 2026 The ccgrant authors
#
# For check and quickstart, which set $top (the tree) and read this file:
# Debian packages, and a build out of a copy of the sources.
#
# shellcheck shell=sh

build_packages="gcc libc6-dev make autoconf automake pkgconf \
    libssl-dev libjansson-dev libconfig-dev libdb5.3-dev libfcgi-dev \
    libcurl4-openssl-dev libcrypt-dev"

# Those of the packages that are not installed.
machine_missing() {
    for package; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null |
            grep -qx installed || printf '%s ' "$package"
    done
}

# What root does.  No package starts a service meanwhile, or after a reboot:
# the web servers are wanted as programs.
machine_as_root='
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if (set -C; printf "#!/bin/sh\nexit 101\n" >"$policy") 2>/dev/null; then
    trap "rm -f $policy" EXIT
    trap "exit 1" HUP INT TERM
    chmod 755 "$policy"
fi
apt-get -q update || echo "apt-get update failed; trying what is known"
apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
for package; do
    case $package in lighttpd | apache2 | nginx)
        update-rc.d "$package" disable || :
        if command -v systemctl; then systemctl disable "$package" || :; fi ;;
    esac
done
'

# machine_install LOG PACKAGE...: install what is missing.
machine_install() {
    machine_log=$1
    shift
    command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
        return 0 # not Debian: configure says what is missing
    machine_names=$(machine_missing "$@")
    [ -n "$machine_names" ] || return 0
    machine_sudo=
    if [ "$(id -u)" -ne 0 ]; then
        machine_sudo=sudo
        if ! command -v sudo >/dev/null ||
            { ! sudo -n true 2>/dev/null && [ ! -t 0 ]; }; then
            say "some packages are missing, and only root can install them."
            say "As root, do this first: apt-get install $machine_names"
            return 1
        fi
    fi
    say "installing $machine_names"
    # shellcheck disable=SC2086 # a list of names
    $machine_sudo sh -c "$machine_as_root" sh $machine_names \
        >>"$machine_log" 2>&1
}

# machine_copy DIRECTORY: the sources anew, without anything that was built,
# so that neither an old build nor another running one is in the way.
machine_copy() {
    rm -rf "$1" && mkdir -p "$1" || return 1
    (
        cd "$top" || exit 1
        if [ -e .git ] && command -v git >/dev/null; then
            git -c safe.directory='*' ls-files -z -co --exclude-standard |
                tar --null -T - -cf - 2>/dev/null
        else
            tar -cf - --exclude='./build*' --exclude=.git --exclude='*.[oa]' \
                --exclude=.deps --exclude=.dirstamp --exclude='*.log' \
                --exclude='*.trs' --exclude='./t/unit/*.t' \
                --exclude=./config.status --exclude=./config.h \
                --exclude=./stamp-h1 --exclude=./Makefile .
        fi
    ) | tar -xf - -C "$1"
    [ -e "$1/configure.ac" ]
}

# machine_build SOURCES BUILD [OPTION...]: configure and make, out of tree.
machine_build() {
    machine_sources=$1
    machine_work=$2
    shift 2
    mkdir -p "$machine_work" || return 1
    (cd "$machine_sources" && autoreconf -i) &&
        (cd "$machine_work" && "$machine_sources/configure" "$@") &&
        make -C "$machine_work" -j "$(nproc 2>/dev/null || echo 1)"
}
