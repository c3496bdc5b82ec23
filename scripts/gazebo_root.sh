#!/bin/sh
# Makes a folder with Gazebo 11 of Debian 11 (bullseye) in it, without root and without touching the machine's own packages.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
lock=$here/sim/adapters/gazebo/packages.lock
wanted="gazebo gazebo-plugin-base libgazebo-dev g++ xvfb libgl1-mesa-dri base-passwd coreutils dash libc-bin"
default=${XDG_CACHE_HOME:-$HOME/.cache}/taihang/gazebo11
say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 3; }
usage() {
    cat <<END
scripts/gazebo_root.sh [--folder DIR] [--relock] [--path]
Fetches the packages that $lock names (about 480 MB) by apt into a private state folder, checks
Debian's signature and the lock's sha256 of each, and unpacks them into DIR (2.1 GB; 3 minutes on two cores).
Nothing is done when DIR is already what the lock describes.
  --folder DIR  by default $default
  --path        print the folder and end: 0 when it is ready, 1 when it is not
  --relock      write the lock from what the mirror has now
The mirror is the first Debian one of this machine's own apt sources, or TAIHANG_BULLSEYE_MIRROR (a mirror's address that
keeps Debian 11). Exit code: 0 ready, 3 could not be made (the reason is the last line).
END
}
folder=$default relock= path=
while [ $# -gt 0 ]; do
    case $1 in
    --folder) [ $# -gt 1 ] || fail "--folder wants a folder"; folder=$2; shift ;;
    --relock) relock=1 ;;
    --path) path=1 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
    esac
    shift
done
[ -f "$lock" ] || [ -n "$relock" ] || fail "$lock is missing: restore it, or write it anew with --relock"
stamp() { cat "$lock" "$0" | sha256sum | cut -c1-64; }
ready() { [ -f "$folder/.taihang" ] && [ "$(cat "$folder/.taihang")" = "$(stamp)" ]; }
if [ -n "$path" ]; then printf '%s\n' "$folder"; ready; exit; fi
if [ -z "$relock" ] && ready; then exit 0; fi

[ "$(uname -m)" = x86_64 ] || fail "Gazebo 11 is unpacked for x86-64 here, and this machine is $(uname -m)"
for tool in apt-get dpkg-deb sha256sum unshare flock tar; do
    command -v $tool >/dev/null 2>&1 || fail "$tool is not here: Debian or Ubuntu with apt, dpkg and util-linux is needed"
done
unshare --user --map-root-user --mount true 2>/dev/null ||
    fail "user namespaces are off here: switch them on (sysctl kernel.unprivileged_userns_clone=1, or AppArmor's restriction off)"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f $keyring ] || fail "$keyring is missing: apt-get install debian-archive-keyring"
mirror=${TAIHANG_BULLSEYE_MIRROR:-$(
    cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list 2>/dev/null |
        sed 's/#.*//; s/\[[^]]*\]//' |
        awk '$1 == "URIs:" { print $2 } $1 == "deb" { print $2 }' | grep -E '/debian/?$' | head -n 1 || true
)}
[ -n "$mirror" ] || fail "no Debian mirror in this machine's apt sources: set TAIHANG_BULLSEYE_MIRROR to one that keeps Debian 11"

mkdir -p "$(dirname -- "$folder")"
exec 9>"$folder.lock"
flock 9
if [ -z "$relock" ] && ready; then exit 0; fi
work=$folder.${relock:+re}work
mkdir -p "$work/etc/apt.conf.d" "$work/etc/preferences.d" "$work/state/lists/partial" "$work/cache/archives/partial"
: >"$work/status"
printf 'deb [signed-by=%s] %s bullseye main\n' "$keyring" "$mirror" >"$work/etc/sources.list"
cat >"$work/apt.conf" <<END
Dir::Etc "$work/etc";
Dir::Etc::sourcelist "$work/etc/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
APT::Architecture "amd64";
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::ForceHash "SHA256";
END
export APT_CONFIG="$work/apt.conf"
apt-get update -qq >&2 || fail "the mirror did not answer or does not keep Debian 11: set TAIHANG_BULLSEYE_MIRROR to one that does"

if [ -n "$relock" ]; then
    # shellcheck disable=SC2086
    apt-get install -y -qq --print-uris $wanted | sed "s/^'[^']*' *//" |
        awk '{ split($1, part, "_"); sub(/%3a/, ":", part[2]); sub(/^SHA256:/, "", $3); print part[1] "=" part[2], $2, $3 }' |
        LC_ALL=C sort >"$lock.new"
    [ -s "$lock.new" ] || fail "apt named no packages: is the mirror complete?"
    {
        echo "# Debian 11 (bullseye, amd64) packages of the Gazebo folder: name=version, bytes, sha256. By gazebo_root.sh --relock."
        cat "$lock.new"
    } >"$lock"
    rm -rf "$lock.new" "$work"
    say "$lock names $(grep -vc '^#' "$lock") packages."
    exit 0
fi

say "Fetching $(awk '!/^#/ { n++; b += $2 } END { printf "%d packages, %.0f MB", n, b / 1e6 }' "$lock") of Debian 11 (once) ..."
# shellcheck disable=SC2046
apt-get install -y -qq --download-only $(awk '!/^#/ { print $1 }' "$lock") >&2 ||
    fail "not every package of the lock is on the mirror: set TAIHANG_BULLSEYE_MIRROR to one that keeps Debian 11"
new=$folder.new
rm -rf "$new"
mkdir -p "$new/usr/bin" "$new/usr/sbin" "$new/usr/lib" "$new/usr/lib64" "$new/proc" "$new/dev" "$new/tmp" "$new/mnt" "$new/root"
for link in bin sbin lib lib64; do ln -s "usr/$link" "$new/$link"; done
grep -v '^#' "$lock" | while read -r package _bytes sha256; do
    version=${package#*=}
    file=$(ls "$work/cache/archives/${package%%=*}_$(printf %s "$version" | sed 's/:/%3a/')"_*.deb)
    printf '%s  %s\n' "$sha256" "$file" | sha256sum --quiet --check - >&2 || fail "$file is not what the lock names"
    dpkg-deb --fsys-tarfile "$file" |
        tar -x -C "$new" --keep-directory-symlink --no-same-owner --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*'
done
# What the packages' own scripts would have done, as far as Gazebo needs it.
libraries=$new/usr/lib/x86_64-linux-gnu
ln -sf dash "$new/usr/bin/sh"
for name in blas lapack; do ln -sf "$name/lib$name.so.3" "$libraries/lib$name.so.3"; done
for name in passwd group; do cp "$new/usr/share/base-passwd/$name.master" "$new/etc/$name"; done
chmod 1777 "$new/tmp"
inside() { unshare --user --map-root-user --mount chroot "$new" "$@"; }
inside /sbin/ldconfig || fail "the unpacked folder is incomplete: ldconfig does not run in it"
for program in gzserver Xvfb g++; do
    needs=$(inside /lib64/ld-linux-x86-64.so.2 --list "/usr/bin/$program") || fail "$program's libraries are incomplete: $needs"
done
stamp >"$new/.taihang"
rm -rf "$folder"
mv "$new" "$folder"
rm -rf "$work"
say "$folder is ready: $(du -sh "$folder" | cut -f1)."
