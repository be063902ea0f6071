#!/bin/sh
# Makes a virtual environment with the first Python that will do: scripts/venv.sh FOLDER
#
# Python 3.11 is what the lock files are made with, so it is tried first. PYTHON names another one.
set -eu
folder=$1

works() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

complete() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

python=
for candidate in ${PYTHON:-python3.11 python3 python3.12 python3.13 python3.14}; do
    if works "$candidate" && complete "$candidate"; then python=$candidate && break; fi
done

# Debian ships Python without what `-m venv` needs, and would leave half a folder behind.
if [ -z "$python" ] && works "${PYTHON:-python3}"; then
    "$(dirname "$0")/debian.sh" python3-venv
    python=${PYTHON:-python3}
fi
if [ -z "$python" ]; then
    echo "error: Python 3.11 or newer is needed; ${PYTHON:-python3} here is: $("${PYTHON:-python3}" --version 2>&1 || true)" >&2
    echo "       install it (on Debian: apt-get install python3 python3-venv) or name one: make PYTHON=/path/to/python" >&2
    exit 1
fi

echo "Making $folder with $("$python" --version)"
"$python" -m venv --clear "$folder"
