#!/usr/bin/env python3
"""The same epochs in PyTorch: a rival for the ratio, never a dependency.

  pytorch_baseline.py --output FILE [--lengths DIR] [--compile]

Needs PyTorch and transformers, and a card. For each recipe, precision and way of padding it times
training steps of BERT-base with fresh weights on batches of real lengths and random ids:
  paper    padded to max_length (25 or 50), autocast as in the paper's code (f32: off)
  careful  padded to the longest view of the batch, autocast, fused AdamW; --compile adds torch.compile
The fields are those of the part "epoch" in the file of run.sh.
"""

import argparse
import json
import pathlib
import random
import statistics
import time

import torch
import torch.nn.functional as F
from transformers import BertConfig, BertModel

BATCH = 200
RECIPES = {"word": (25, 0.2, "cls"), "sentence": (50, 0.04, "mean")}
TYPES = {"f16": torch.float16, "bf16": torch.bfloat16, "f32": None}


def items(path):
    rows = json.loads(path.read_text())["firstSecondCount"]
    out = [(a, b) for a, b, count in rows for _ in range(count)]
    random.Random(42).shuffle(out)
    return out


def batches(pairs, pad_to, device):
    """Ids and mask per step: first views, then second views; pad_to None is the longest."""
    generator = random.Random(42)
    for at in range(0, len(pairs) - BATCH + 1, BATCH):
        ids = []
        for pair in pairs[at : at + BATCH]:
            ids.append([generator.randrange(1000, 30522) for _ in range(max(pair))])
        views = [[101, *i[1 : n - 1], 102] for k in (0, 1)
                 for i, n in ((ids[j], pairs[at + j][k]) for j in range(BATCH))]
        width = pad_to or max(map(len, views))
        tokens = torch.tensor([v + [0] * (width - len(v)) for v in views], device=device)
        mask = torch.tensor([[1] * len(v) + [0] * (width - len(v)) for v in views], device=device)
        yield tokens, mask, sum(map(len, views))


def loss_of(model, tokens, mask, pooling, temperature):
    hidden = model(tokens, attention_mask=mask).last_hidden_state
    # The paper's mean takes padding in.
    pooled = hidden[:, 0] if pooling == "cls" else hidden.mean(1)
    unit = F.normalize(pooled.float(), dim=1)
    logits = unit @ unit.T / temperature
    logits.fill_diagonal_(float("-inf"))
    half = len(unit) // 2
    target = torch.arange(2 * half, device=unit.device).roll(half)
    return F.cross_entropy(logits, target)


def measure(recipe, precision, careful, options):
    max_length, temperature, pooling = RECIPES[recipe]
    device, dtype = torch.device("cuda"), TYPES[precision]
    torch.manual_seed(42)
    torch.cuda.reset_peak_memory_stats()
    model = BertModel(BertConfig(), add_pooling_layer=False).to(device).train()
    run = torch.compile(model, dynamic=True) if careful and options.compile else model
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=2e-5, weight_decay=0.01, **({"fused": True} if careful else {}))
    scaler = torch.amp.GradScaler("cuda", enabled=precision == "f16")
    pairs = items(options.lengths / f"{recipe}.json")
    epoch = list(batches(pairs, None if careful else max_length, device))

    def step(tokens, mask):
        with torch.autocast("cuda", dtype=dtype, enabled=dtype is not None):
            loss = loss_of(run, tokens, mask, pooling, temperature)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        return loss.item()

    def timed(most):
        seconds, begin = [], time.perf_counter()
        while len(seconds) < most and time.perf_counter() - begin < options.seconds:
            tokens, mask, _ = epoch[len(seconds) % len(epoch)]
            start = time.perf_counter()
            step(tokens, mask)
            torch.cuda.synchronize()
            seconds.append(time.perf_counter() - start)
        return seconds

    timed(2 * len(epoch))
    seconds = timed(3 * len(epoch))
    mean = sum(seconds) / len(seconds)
    tokens = sum(real for _, _, real in epoch) / len(epoch)
    return {
        "stepsMeasured": len(seconds),
        "stepsOfEpoch": len(epoch),
        "realTokensPerStep": tokens,
        "rowsPerStep": sum(t.numel() for t, _, _ in epoch) / len(epoch),
        "secondsPerStep": mean,
        "secondsPerStepMedian": statistics.median(seconds),
        "stepsPerSecond": 1 / mean,
        "tokensPerSecond": tokens / mean,
        "secondsPerEpoch": mean * len(epoch),
        "peakBytes": torch.cuda.max_memory_allocated(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True)
    parser.add_argument("--lengths", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent / "lengths")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--seconds", type=float, default=8.0,
                        help="how long a run warms up and then measures at most, each")
    options = parser.parse_args()
    runs = []
    for precision in TYPES:
        for recipe in RECIPES:
            for mode in ("paper", "careful"):
                row = {"recipe": recipe, "precision": precision, "mode": mode}
                if precision == "bf16" and not torch.cuda.is_bf16_supported():
                    row["notRun"] = "the card has no bf16"
                else:
                    careful = mode == "careful"
                    try:
                        row |= measure(recipe, precision, careful, options)
                    except RuntimeError as error:
                        row["failure"] = str(error)
                    torch.cuda.empty_cache()
                runs.append(row)
    result = {
        "schema": 1,
        "device": torch.cuda.get_device_name(),
        "pytorch": torch.__version__,
        "compile": options.compile,
        "epoch": {"runs": runs},
    }
    pathlib.Path(options.output).write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
