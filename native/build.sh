#!/usr/bin/env bash
# Builds the native parts; a build goes on without them where a tool is missing.
#   build.sh CLIENTS CLASSES OUTPUT
#     CLIENTS  folder with native libraries of JCuda and JCublas (the product's build) or of JCudnn
#              (that of bench/): each gets what it asks for
#     CLASSES  folder of the compiled classes: takes the forwarders beside the classes that load them
#     OUTPUT   folder for what only tests use
set -euo pipefail

clients=$1 classes=$2 output=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() {
  echo "native: $*. Built without the forwarder onto a later library (JCublas then needs" \
    "libcublas.so.12 itself, and cuDNN 9 is not measured) and without the stand-ins (tests of the" \
    "JCuda binding are skipped)." >&2
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

# 15 is CUBLAS_STATUS_NOT_SUPPORTED, 801 is CUDA_ERROR_NOT_SUPPORTED, 9 and 3000 are
# CUDNN_STATUS_NOT_SUPPORTED of cuDNN 8 and 9.
for client in "$clients"/*.so; do
  case ${client##*/} in
    libJCudaDriver-*) make "$output/libcuda.so.1" "$client" cu libcuda.so.1 - 801 ;;
    libJCublas2-*)
      make "$classes/org/mirror4j/device/cuda/libcublas.so.12" \
        "$client" cublas libcublas.so.12 libcublas.so.12 15
      make "$output/libcublas.so.13" "$client" cublas libcublas.so.13 libcublas.so.13 15
      ;;
    libJCudnn-*)
      make "$classes/org/mirror4j/bench/card/libcudnn.so.8" \
        "$client" cudnn libcudnn.so.8 libcudnn.so.8 9
      make "$output/libcudnn.so.9" "$client" cudnn libcudnn.so.9 libcudnn.so.9 3000
      ;;
  esac
done
