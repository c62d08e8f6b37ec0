#!/usr/bin/env bash
# Makes a library of empty slots (forwarder.c) that satisfies what another library imports.
#   forwarder.sh CLIENT PREFIX SONAME VERSION EMPTY_STATUS OUTPUT
#     CLIENT        the library whose undefined functions are to be exported
#     PREFIX        how their names start
#     SONAME        the name under which CLIENT asks for the library
#     VERSION       the symbol version CLIENT asks for, or - for none
#     EMPTY_STATUS  result of a function whose slot is empty
# Needs gcc and nm.
set -euo pipefail

client=$1 prefix=$2 soname=$3 version=$4 status=$5 output=$6
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# nm prints "U name@version" or "U name".
nm -D --undefined-only "$client" | awk '{ sub(/@.*/, "", $2); print $2 }' \
  | grep "^$prefix" | LC_ALL=C sort -u >"$work/functions" || {
  echo "native: $client imports nothing that starts with $prefix" >&2
  exit 1
}

sed 's/.*/FUNCTION(&)/' "$work/functions" >"$work/functions.inc"
{
  [[ $version == - ]] || printf '%s ' "$version"
  echo '{ global:'
  sed 's/$/;/' "$work/functions"
  echo 'forwarder_count; forwarder_name; forwarder_set; local: *; };'
} >"$work/exports"

mkdir -p "$(dirname "$output")"
cp "$here/forwarder.c" "$work"
# The same list gives the same bytes: no path, time or build id enters the file.
(
  cd "$work"
  gcc -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -shared -nostdlib -s -I. \
    -DEMPTY_STATUS="$status" -Wl,-soname,"$soname" -Wl,--version-script,exports \
    -Wl,--build-id=none -Wl,-z,noexecstack -o library.so forwarder.c
)
mv "$work/library.so" "$output"
