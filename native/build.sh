#!/usr/bin/env bash
# Builds the native parts; the build of the project goes on without them where a tool is missing.
#   build.sh CLIENTS CLASSES OUTPUT
#     CLIENTS  folder with the native libraries of JCuda and JCublas
#     CLASSES  folder of the compiled classes: takes the forwarder that is part of the product
#     OUTPUT   folder for what only tests use
set -euo pipefail

clients=$1 classes=$2 output=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() {
  echo "native: $*. Built without the forwarder onto cuBLAS 13 (JCublas then needs libcublas.so.12" \
    "itself) and without the stand-in driver (tests of the JCuda binding are skipped)." >&2
  exit 0
}

[[ $(uname -sm) == "Linux x86_64" ]] || skip "this is $(uname -sm), not Linux x86_64"
for tool in gcc nm; do
  command -v "$tool" >/dev/null || skip "$tool is not on the PATH"
done

# $1 is the library to make, the rest are the arguments of forwarder.sh before it.
make() {
  local target=$1 source
  shift
  for source in "$1" "$here"/forwarder.*; do
    if [[ ! -f $target || $source -nt $target ]]; then
      "$here/forwarder.sh" "$@" "$target"
      return
    fi
  done
}

driver=$(echo "$clients"/libJCudaDriver-*.so)
cublas=$(echo "$clients"/libJCublas2-*.so)

# 15 is CUBLAS_STATUS_NOT_SUPPORTED, 801 is CUDA_ERROR_NOT_SUPPORTED.
make "$classes/org/mirror4j/device/cuda/libcublas.so.12" \
  "$cublas" cublas libcublas.so.12 libcublas.so.12 15
make "$output/libcublas.so.13" "$cublas" cublas libcublas.so.13 libcublas.so.13 15
make "$output/libcuda.so.1" "$driver" cu libcuda.so.1 - 801
