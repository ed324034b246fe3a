#!/bin/bash
# The tests where there is little to be had: no network but the machine's own, 8 GB of address space for each process,
# a home that cannot be written, and a full folder for temporary files. Linux; pytest's options follow.
#     tests/adverse.sh [-k checkpoint ...]
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${ADVERSE:-}" ]; then
    ADVERSE=1 exec unshare --user --map-root-user --mount --net "$0" "$@"
fi
ip link set lo up
room=$(mktemp -d)
trap 'umount "$room"/* && rm -r "$room"' EXIT
mkdir "$room/home" "$room/full" "$room/tests"
mount -t tmpfs -o ro,size=4k tmpfs "$room/home"
mount -t tmpfs -o size=4k tmpfs "$room/full"
mount -t tmpfs tmpfs "$room/tests"
dd if=/dev/zero of="$room/full/rest" bs=4k count=2 status=none 2>/dev/null || true
python=${PYTHON:-$PWD/.venv/bin/python}
export HOME="$room/home" TMPDIR="$room/full" TMP="$room/full" TEMP="$room/full"
unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_RUNTIME_DIR
ulimit -v $((8 << 20))
# pytest itself catches output in temporary files unless it is told not to.
"$python" -W error -m pytest -p no:cacheprovider --basetemp "$room/tests/pytest" --capture sys "$@"
