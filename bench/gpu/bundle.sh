#!/usr/bin/env bash
# Packs what a machine with a card needs into one file: mvn -f bench/pom.xml -Pbundle package.
#   bundle.sh JAR LIBRARIES WORK OUTPUT
#     JAR        that of bench/
#     LIBRARIES  folder of the jars it needs, of which the run on a card takes some
#     WORK       folder to pack in, emptied first
#     OUTPUT     the file to write, a .tar.xz
set -euo pipefail

jar=$1 libraries=$2 work=$3 output=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../.." && pwd)
# shellcheck source=../../.mvn/find-jdk.sh
source "$home/.mvn/find-jdk.sh"

fail() {
  echo "bundle: $*" >&2
  exit 1
}

find_jdk || fail "no JDK $least or later found; set JAVA_HOME"
for tool in tar xz; do
  command -v "$tool" >/dev/null || fail "$tool is not on the PATH"
done

root=$work/mirror4j-gpu
rm -rf "$work"
mkdir -p "$root/lib" "$root/fixtures"

# jdk.zipfs reads the kernels in the jar, jdk.security.auth tells whose a folder is. Nothing is compressed
# twice: xz sees plain bytes.
"$jdk/bin/jlink" --output "$root/runtime" --compress zip-0 --strip-debug --no-header-files \
  --no-man-pages --add-modules \
  java.base,java.logging,java.management,jdk.unsupported,jdk.incubator.vector,jdk.security.auth,jdk.zipfs

# $1 is a jar, the rest are patterns of what in it the run does not need.
repack() {
  local from=$1 name unpacked
  shift
  name=$(basename "$from")
  unpacked=$work/unpacked
  mkdir "$unpacked"
  (
    cd "$unpacked"
    "$jdk/bin/jar" xf "$from"
    for unneeded in "$@"; do
      # Unquoted: a pattern.
      # shellcheck disable=SC2086
      rm -rf $unneeded
    done
    "$jdk/bin/jar" --create --no-compress --no-manifest --file "$root/lib/$name" .
  )
  rm -rf "$unpacked"
}

# Of bench/ the run on a card alone, without the contests of the CPU.
repack "$jar" META-INF 'org/mirror4j/bench/*.class' \
  'org/mirror4j/bench/[!c]*' 'org/mirror4j/bench/checkpoint' 'org/mirror4j/bench/contest'
# The bundled model is for the demo.
repack "$libraries"/mirror4j-[0-9]*.jar org/mirror4j/bundled
for name in jackson-annotations jackson-core jackson-databind picocli jcuda jcublas jcudnn javacpp \
  openblas; do
  for from in "$libraries/$name"-[0-9]*.jar; do
    [[ -f $from ]] || fail "$name is not in $libraries"
    repack "$from" 'org/bytedeco/*/*/include' 'org/bytedeco/*/*/lib' \
      'org/bytedeco/openblas/*/libjniopenblas.so' 'org/bytedeco/openblas/*/libjniopenblas_full.so'
  done
done
# NVIDIA's assembler is part of the driver too, and compiling C for cards is not wanted.
repack "$libraries"/jcuda-natives-*.jar 'lib/libJNvPTXCompiler-*' 'lib/libJNvrtc-*'
repack "$libraries"/jcublas-natives-*.jar
repack "$libraries"/jcudnn-natives-*.jar

cp "$home"/src/test/resources/ptx/*.ptx "$root/fixtures"
cp -r "$home/kernels" "$root/kernels"
cp "$here/run.sh" "$here/README.md" "$here/pytorch_baseline.py" "$here/pytorch_packed.py" "$root"
cp -r "$here/lengths" "$root"

tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - mirror4j-gpu \
  | xz -T0 -6 >"$output"
size=$(wc -c <"$output")
echo "bundle: $output, $((size / 1000000)) MB" >&2
((size < 40000000)) || fail "$output is $size bytes, expected under 40 MB"
