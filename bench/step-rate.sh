#!/usr/bin/env bash
# One training step of a BERT-base-shaped model against its own matrix products on this machine:
#   bench/step-rate.sh CORPUS [RECIPE] [STEPS] [VOCAB]
# RECIPE is word (default) or sentence, STEPS the steps that count (default 8), VOCAB a vocab.txt
# of BERT, without which words fall into more pieces than usual.
set -euo pipefail
home=$(cd "$(dirname "$0")/.." && pwd)
source "$home/.mvn/find-jdk.sh"
corpus=${1:?usage: bench/step-rate.sh CORPUS [RECIPE] [STEPS] [VOCAB]}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$home/mirror4j" init --config bert-base-uncased-shape ${4:+--vocab "$4"} --output "$work/base" >&2
"$(find_jdk)/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -XX:+UseSerialGC -cp "$home/target/mirror4j.jar:$home/target/lib/*" \
  "$home/bench/StepRate.java" "$work/base" "$corpus" "${2:-word}" "${3:-8}"
