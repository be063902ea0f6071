#!/bin/sh
# Runs a command beside a PostgreSQL of its own: scripts/postgres.sh COMMAND...
#
#   scripts/postgres.sh --find      where the server's programs are; fails if they are not installed
#   scripts/postgres.sh --install   installs them on Debian, without the server that Debian would start with them
#
# The command finds the server by DATABASE_URL. The server lives in a new folder under /tmp, listens on a socket there and
# on no port, and is gone with the command, however that ends. No other server of the machine is touched.
set -eu

programs() {
    # Debian keeps them out of the path, one folder for each release; the newest comes first.
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(dirname "$(command -v initdb || echo none)")"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/pg_ctl" ]; then
            echo "$folder"
            return
        fi
    done
    return 1
}

install() {
    if programs >/dev/null; then return; fi
    root=
    [ "$(id -u)" -eq 0 ] || root="sudo -n"
    # Read by Debian's package when it is installed; taken away again, since it is nobody else's wish.
    folder=/etc/postgresql-common/createcluster.d
    file=$folder/portability-tests.conf
    # Who may not write there may not install either: debian.sh says what to do instead.
    { $root mkdir -p "$folder" && echo "create_main_cluster = false" | $root tee "$file"; } >/dev/null 2>&1 || true
    trap '$root rm -f "$file"' EXIT
    "$(dirname "$0")/debian.sh" postgresql
    programs >/dev/null
}

case ${1-} in
'') sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
--find) programs; exit ;;
--install) install; exit ;;
esac

if ! bin=$(programs); then
    echo "error: PostgreSQL's server is not installed (on Debian: scripts/postgres.sh --install)" >&2
    exit 1
fi

# Always /tmp: the path of a socket may have some hundred bytes, and TMPDIR may be out of reach for the server's user.
folder=$(mktemp -d /tmp/postgres.XXXXXX)

# The server refuses to run as root. It also wants a folder to stand in that it may read.
user=$(id -un)
if [ "$(id -u)" -eq 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    chown "$user" "$folder"
    server() (cd "$folder" && program=$1 && shift &&
        exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$bin/$program" "$@" </dev/null >>"$folder/log" 2>&1)
else
    server() (cd "$folder" && program=$1 && shift && exec "$bin/$program" "$@" </dev/null >>"$folder/log" 2>&1)
fi

finish() {
    status=$?
    trap - EXIT
    # Everything is thrown away, so it need not be put in order first.
    server pg_ctl stop --pgdata=data --mode=immediate || true
    rm -rf "$folder"
    exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

start() {
    server initdb --pgdata=data --username=portability --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync || return
    cat >>"$folder/data/postgresql.conf" <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$folder'
unix_socket_permissions = 0700
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 256MB
SETTINGS
    server pg_ctl start --pgdata=data --log=server.log --wait
}

if ! start; then
    echo "error: PostgreSQL does not start:" >&2
    tail -n 20 "$folder/log" "$folder/server.log" >&2 || true
    exit 1
fi
DATABASE_URL="postgresql://portability@/postgres?host=$folder" "$@"
