#!/usr/bin/env bash
# Measures mirror4j beside its rivals on this machine and writes bench/results/cpu-MACHINE.json and
# the page bench/results/README.md:
#   bench/run.sh [--full] [GROUP...]
# Builds the product and this module first, where they are older than their sources.
set -euo pipefail
home=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=../.mvn/find-jdk.sh
source "$home/.mvn/find-jdk.sh"
find_jdk || { echo "bench/run.sh: no JDK $least or later found" >&2; exit 1; }
jar=$home/target/bench/mirror4j-bench.jar

newer=$(find "$home/pom.xml" "$home/src/main" "$home/weights-converter/src/main" "$home/kernels" \
  "$home/native" "$home/bench/pom.xml" "$home/bench/src" -newer "$jar" -type f -print -quit 2>&1 || true)
if [[ -n $newer ]]; then
  echo "bench/run.sh: building ..." >&2
  (cd "$home" && mvn -q -B -ntp -Dmaven.test.skip=true -Dformat.skip=true install)
  mvn -q -B -ntp -Dmaven.test.skip=true -f "$home/bench/pom.xml" package
  touch "$jar"
fi

cd "$home"
OMP_NUM_THREADS=1 exec "$jdk/bin/java" --add-modules jdk.incubator.vector \
  --enable-native-access=ALL-UNNAMED -Dbench.checkout="$home" \
  -cp "$jar:$home/target/bench/lib/*" org.mirror4j.bench.BenchMain "$@"
