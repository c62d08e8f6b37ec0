#!/usr/bin/env bash
# Scores of a model before and after Mirror-BERT tuning with the published recipes, three seeds each:
#   bench/quality.sh DATA NAME MODEL [OPTION...]
# DATA holds mirror_corpus/, wordsim/, multisimlex/ and sts/; NAME names the report; MODEL is a model
# directory, or 'bundled' for the one that comes with the program. OPTIONs go to every 'train'.
# Writes bench/results/quality-NAME.json and .txt when all is measured.
set -euo pipefail
home=$(cd "$(dirname "$0")/.." && pwd)
data=${1:?usage: bench/quality.sh DATA NAME MODEL [OPTION...]}
name=${2:?a name for the report is missing}
model=${3:?a model directory, or bundled, is missing}
shift 3
# Asked before the hours of training, not after them.
for part in mirror_corpus wordsim multisimlex sts; do
  [[ -d $data/$part ]] || { echo "bench/quality.sh: no folder $data/$part" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
from=(--model "$model")
if [[ $model == bundled ]]; then
  from=()
  model=$home/src/main/resources/org/mirror4j/bundled/model
fi
after=()
for seed in 42 43 44; do
  "$home/mirror4j" train "${from[@]}" --recipe word --seed "$seed" "$@" \
    --corpus "$data/mirror_corpus/en_words_top_10k.txt" --output "$work/word-$seed"
  "$home/mirror4j" train "${from[@]}" --recipe sentence --seed "$seed" "$@" \
    --corpus "$data/mirror_corpus/stsbenchmark_train_10k_sents_random_sampled.txt" \
    --output "$work/sentence-$seed"
  after+=("word=$work/word-$seed" "sentence=$work/sentence-$seed")
done
"$home/mirror4j" eval --model "before=$model" "${after[@]}" \
  --task wordsim multisimlex-ENG sts --data "$data" \
  --output "$work/report.json" | tee "$work/report.txt"
# The report names models, not where they lay.
sed "s#$work/##; s#\"$model\"#\"$name\"#" "$work/report.json" \
  >"$home/bench/results/quality-$name.json"
mv "$work/report.txt" "$home/bench/results/quality-$name.txt"
