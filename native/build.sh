#!/usr/bin/env bash
# Builds the native parts; the build of the project goes on without them where a tool is missing.
#   build.sh CLIENTS CLASSES OUTPUT
#     CLIENTS  folder with the native libraries of JCuda, JCublas and JCudnn
#     CLASSES  folder of the compiled classes: takes the forwarders that are part of the product
#     OUTPUT   folder for what only tests use
set -euo pipefail

clients=$1 classes=$2 output=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() {
  echo "native: $*. Built without the forwarders onto cuBLAS 13 (JCublas then needs libcublas.so.12" \
    "itself) and cuDNN 9 (which is then not measured) and without the stand-in driver (tests of the" \
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

driver=$(echo "$clients"/libJCudaDriver-*.so)
cublas=$(echo "$clients"/libJCublas2-*.so)
cudnn=$(echo "$clients"/libJCudnn-*.so)

# 15 is CUBLAS_STATUS_NOT_SUPPORTED, 801 is CUDA_ERROR_NOT_SUPPORTED, 9 and 3000 are
# CUDNN_STATUS_NOT_SUPPORTED of cuDNN 8 and 9.
make "$classes/org/mirror4j/device/cuda/libcublas.so.12" \
  "$cublas" cublas libcublas.so.12 libcublas.so.12 15
make "$classes/org/mirror4j/device/cuda/libcudnn.so.8" \
  "$cudnn" cudnn libcudnn.so.8 libcudnn.so.8 9
make "$output/libcublas.so.13" "$cublas" cublas libcublas.so.13 libcublas.so.13 15
make "$output/libcudnn.so.9" "$cudnn" cudnn libcudnn.so.9 libcudnn.so.9 3000
make "$output/libcuda.so.1" "$driver" cu libcuda.so.1 - 801
