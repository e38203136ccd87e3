#!/bin/bash
# Runs a command in a fresh Debian 12 tree, in a clone of this repository's committed state (root only).
#
#   scripts/fresh-debian.sh [--base FILE.tar] [--user] DIR [COMMAND...]      COMMAND defaults to `make`
#
# DIR        where the tree is laid; must not exist yet, and is left behind to look into: remove it yourself
# --base     keep the bare tree in this tarball, and start from it the next time
# --user     run COMMAND as an ordinary user without sudo (uid 1000), not as root
#
# The tree holds debootstrap's minbase with python3, python3-venv, make, git and ca-certificates, and nothing
# else: what `make demo` and `make test` may expect of a machine. It reaches packages in the way this machine
# does: the apt sources and settings, the pip settings and the certificates are read from the host when this
# runs. COMMAND sees neither the host's processes nor its mounts, and nothing that it starts outlives it.
set -euo pipefail

readonly suite=bookworm
readonly packages=python3,python3-venv,make,git,ca-certificates
readonly certificates=/etc/ssl/certs/ca-certificates.crt

base="" uid=0 home=/root
while [[ ${1-} == --* ]]; do
    case $1 in
        --base) base=$2; shift 2 ;;
        --user) uid=1000 home=/home/visitor; shift ;;
        *) echo "unknown option $1" >&2; exit 2 ;;
    esac
done
[[ $# -ge 1 ]] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[[ $(id -u) == 0 ]] || { echo "fresh-debian.sh: only root can chroot and mount" >&2; exit 2; }
[[ ! -e $1 ]] || { echo "fresh-debian.sh: $1 exists already" >&2; exit 2; }
mkdir -p "$1"
tree=$(cd "$1" && pwd)
shift
[[ $# -gt 0 ]] || set -- make
repository=$(cd "$(dirname "$0")/.." && pwd)

debian_sources() {  # each of the host's Debian 12 sources as one sources.list line
    apt-get indextargets --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" "Created-By: Packages" \
        | awk -v suite="$suite" 'index($2, suite) == 1 && $2 !~ /backports/ { print "deb", $1, $2, $3 }' \
        | sort -u
}

pip_settings() {  # the host's pip settings as NAME=VALUE, from its files and its environment alike
    python3 -m pip config list 2>/dev/null | sed -nE "s/^(global|install|:env:)\.([a-z-]+)='(.*)'$/\2 \3/p" \
        | while read -r name value; do
            name=${name//-/_}
            echo "PIP_${name^^}=$value"
        done
}

# --- the bare tree ------------------------------------------------------------------------------------------
sources=$(debian_sources)
mirror=$(awk -v suite="$suite" '$3 == suite { print $2; exit }' <<<"$sources")
if [[ -n $base && -f $base ]]; then
    tar -xf "$base" -C "$tree"
else
    debootstrap --variant=minbase --include="$packages" "$suite" "$tree" \
        "${mirror:-http://deb.debian.org/debian}" >"$tree.log" 2>&1 \
        || { tail -n 20 "$tree.log" >&2; exit 1; }
    rm -f "$tree.log" "$tree"/var/cache/apt/archives/*.deb
    [[ -z $base ]] || tar --one-file-system -cf "$base" -C "$tree" .
fi

# --- the way to packages, as this machine has it ------------------------------------------------------------
[[ -z $sources ]] || echo "$sources" >"$tree/etc/apt/sources.list"
apt-config dump | grep -iE '^Acquire::(http|https|Check-|Retries)' >"$tree/etc/apt/apt.conf.d/90host" || true
cp /etc/resolv.conf /etc/hosts "$tree/etc/"
[[ ! -f $certificates ]] || cp "$certificates" "$tree$certificates"
mapfile -t settings < <(pip_settings)
mounts=()
read -ra words <<<"${settings[*]#*=}"
for word in "${words[@]}"; do  # local indexes, wheel folders and files: one setting may list several
    path=${word#file://}
    path=${path%/simple}  # an index's pages point to files beside it
    if [[ $path == /* && -d $path ]]; then
        mounts+=("$path")
    elif [[ $path == /* && -f $path ]]; then  # a file of constraints, a certificate
        install -D -m 644 "$path" "$tree$path"
    fi
done

# --- the clone, and the one who runs the command ------------------------------------------------------------
if [[ $uid != 0 ]]; then chroot "$tree" useradd --create-home --uid "$uid" visitor; fi
git clone --quiet --no-hardlinks "$repository" "$tree$home/dragoman"
chown -R "$uid:$uid" "$tree$home/dragoman"

echo "$suite tree in $tree: $(git -C "$repository" rev-parse --short HEAD), uid $uid, command: $*" >&2
export tree home uid
# shellcheck disable=SC2016  # the quoted scripts are expanded by the shells that run them
exec unshare --mount --pid --fork --kill-child bash -euc '
    mount --bind "$tree" "$tree"  # a mount point of its own: COMMAND may then make mount namespaces
    while [[ $1 != -- ]]; do
        mkdir -p "$tree$1"
        mount --bind -o ro "$1" "$tree$1"
        shift
    done
    mount -t proc proc "$tree/proc"
    mount -t sysfs sysfs "$tree/sys"
    mount --rbind /dev "$tree/dev"
    shift
    cd "$tree"
    exec chroot --userspec="$uid:$uid" --groups="$uid" "$tree" "$@"
' fresh-debian "${mounts[@]}" -- /usr/bin/env -i "${settings[@]}" HOME="$home" LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    bash -c 'cd "$HOME/dragoman" && exec "$@"' command "$@" </dev/null
