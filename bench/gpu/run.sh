#!/usr/bin/env bash
# Measures mirror4j on the NVIDIA card of this machine and writes all of it into one JSON file:
#   ./run.sh [--output FILE] [--device cuda|ptx] [--skip PART,...]
# Needs Linux on x86-64, a driver and cuBLAS, and nothing else. README.md describes the file.
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
java=$here/runtime/bin/java
[[ -x $java ]] || {
  echo "run.sh: no runtime beside it: build the bundle as README.md says, unpack" \
    "target/bench/mirror4j-gpu.tar.xz and start the run.sh in there" >&2
  exit 1
}

# Parallelism is the engine's own; each call of a matrix library stays on its caller's thread.
export OMP_NUM_THREADS=1
export MALLOC_ARENA_MAX=2

output=()
[[ " $* " == *" --output"* ]] || output=(--output "$PWD/mirror4j-gpu.json")

exec "$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -XX:+UseSerialGC -XX:MaxRAMPercentage=50 -Dorg.bytedeco.javacpp.cachedir="$here/cache" \
  -cp "$here/lib/*" org.mirror4j.bench.card.CardMain \
  --fixtures "$here/fixtures" --lengths "$here/lengths" "${output[@]}" "$@"
