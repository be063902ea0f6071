#!/bin/sh
# Makes sure that Debian packages are installed: scripts/debian.sh PACKAGE...
#
# What is there already costs nothing. What is missing is installed with apt-get, as root or through a sudo that asks
# for no password; where neither works, the message says what to install by hand. Another apt-get is waited for.
set -eu

missing=
for package in "$@"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || status=
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

cure() {
    echo "error: these packages are missing:$missing" >&2
    echo "       install them, then try again:  apt-get install --no-install-recommends$missing" >&2
    exit 1
}

command -v apt-get >/dev/null || cure
if [ "$(id -u)" -eq 0 ]; then
    root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    root="sudo -n"
else
    cure
fi

echo "Installing Debian's packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # the lists are meant to split
if ! { $root apt-get update &&
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -o DPkg::Lock::Timeout=120 -y --no-install-recommends \
        $missing; } >"$log" 2>&1 </dev/null
then
    tail -n 20 "$log" >&2
    cure
fi
