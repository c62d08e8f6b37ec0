#!/usr/bin/env python3
"""BERT-flow in PyTorch beside ours: a rival for the ratio, never a dependency.

  pytorch_flow.py --mirror4j ./mirror4j --model MODEL --data DATA --output FILE [--rounds N] [--threads N]

Fits the flow on the sentences of STS-B (train, dev, test) as the recipe target does: both run by
turns, on the same number of threads. Ours is what `mirror4j flow` writes into train.jsonl for its
steps; the vectors that PyTorch is given are those of `mirror4j embed` of the same sentences. Scores
of both are those of STS-B's test part by the same rule. Needs PyTorch, numpy and scipy.
"""

import argparse
import json
import math
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy
import torch
from scipy.stats import spearmanr

LEVELS, DEPTH, WIDTH, BATCH, RATE, EPSILON, DECAY, CLIP = 3, 3, 32, 32, 1e-3, 1e-6, 0.01, 1.0
SCALE = 3.0
PARTS = ("train", "dev", "test")


class ActNorm(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bias = torch.nn.Parameter(torch.zeros(channels))
        self.log_scale = torch.nn.Parameter(torch.zeros(channels))
        self.fitted = False

    def forward(self, x):
        if not self.fitted:
            with torch.no_grad():
                self.bias.copy_(-x.mean(0))
                self.log_scale.copy_(torch.log(1 / ((x + self.bias).square().mean(0).sqrt() + 1e-6)) / SCALE)
            self.fitted = True
        return (x + self.bias) * torch.exp(SCALE * self.log_scale)


class Coupling(torch.nn.Module):
    """Additive: the network of the first half is added to the second."""

    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.first = torch.nn.Parameter(0.05 * torch.randn(half, WIDTH))
        self.second = torch.nn.Parameter(0.05 * torch.randn(WIDTH, WIDTH))
        self.last = torch.nn.Parameter(torch.zeros(WIDTH, half))
        self.bias = torch.nn.Parameter(torch.zeros(half))
        self.log_scale = torch.nn.Parameter(torch.zeros(half))
        self.norms = torch.nn.ModuleList([ActNorm(WIDTH), ActNorm(WIDTH)])

    def forward(self, x):
        left, right = x.chunk(2, 1)
        h = torch.relu(self.norms[0](left @ self.first))
        h = torch.relu(self.norms[1](h @ self.second))
        return torch.cat([left, right + (h @ self.last + self.bias) * torch.exp(SCALE * self.log_scale)], 1)


class Flow(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.levels = torch.nn.ModuleList()
        for _ in range(LEVELS):
            self.levels.append(torch.nn.ModuleList(
                [torch.nn.ModuleList([ActNorm(channels), Coupling(channels)]) for _ in range(DEPTH)]))
            channels //= 2

    def forward(self, x):
        """Latent vectors and the log-determinant, which is the same for all of them."""
        out, log_determinant = [], 0.0
        for number, steps in enumerate(self.levels):
            for norm, coupling in steps:
                x = norm(x)
                log_determinant = log_determinant + SCALE * norm.log_scale.sum()
                x = coupling(x.flip(1))
            if number < LEVELS - 1:
                x, done = x.chunk(2, 1)
                out.append(done)
        return torch.cat(out + [x], 1), log_determinant


class Adam(torch.optim.Optimizer):
    """Without bias correction, with decoupled decay, by operations on all parameters at once."""

    def __init__(self, parameters):
        super().__init__(list(parameters), {})
        self.p = self.param_groups[0]["params"]
        self.m = [torch.zeros_like(p) for p in self.p]
        self.v = [torch.zeros_like(p) for p in self.p]

    @torch.no_grad()
    def step(self):
        g = [p.grad for p in self.p]
        torch._foreach_lerp_(self.m, g, 0.1)
        torch._foreach_mul_(self.v, 0.999)
        torch._foreach_addcmul_(self.v, g, g, 0.001)
        root = torch._foreach_sqrt(self.v)
        torch._foreach_add_(root, EPSILON)
        torch._foreach_mul_(self.p, 1 - RATE * DECAY)
        torch._foreach_addcdiv_(self.p, self.m, root, -RATE)


def shuffled(count, generator, buffer=1000):
    """Each next one is drawn among so many, in the order of the items."""
    waiting = list(range(min(buffer, count)))
    for following in range(len(waiting), count + len(waiting)):
        at = int(torch.randint(len(waiting), (1,), generator=generator))
        yield waiting[at]
        if following < count:
            waiting[at] = following
        else:
            waiting[at] = waiting[-1]
            waiting.pop()


def fit(vectors, seed):
    """A flow and the seconds that its steps took."""
    torch.manual_seed(seed)
    left, right = vectors[0::2], vectors[1::2]
    flow = Flow(vectors.shape[1])
    order = list(shuffled(len(left), torch.Generator().manual_seed(seed)))
    with torch.no_grad():
        flow(left[order[:BATCH]])
    optimizer = Adam(flow.parameters())
    start = time.perf_counter()
    for at in range(0, len(order) - BATCH + 1, BATCH):
        rows = order[at:at + BATCH]
        z, log_determinant = flow(torch.cat([left[rows], right[rows]]))
        bits = (0.5 * z.square().sum(1) + 0.5 * z.shape[1] * math.log(2 * math.pi) - log_determinant) / (
            z.shape[1] * math.log(2))
        loss = 2 * bits.mean()  # the means of both sides, added
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(flow.parameters(), CLIP)
        optimizer.step()
    return flow, time.perf_counter() - start, len(order) // BATCH, loss.item()


def spearman(vectors, gold):
    unit = vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return 100 * spearmanr((unit[0::2] * unit[1::2]).sum(1), gold)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror4j", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", default="f32")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rows = {part: [line.rstrip("\n").split("\t") for line in
                   open(options.data / f"sts/joined/stsb.{part}.tsv", encoding="utf-8")] for part in PARTS}
    gold = [float(row[0]) for row in rows["test"]]
    sentences = [text for part in PARTS for row in rows[part] for text in row[1:3]]
    common = ["--model", options.model, "--pooling", "first-last-avg", "--max-length", "64",
              "--precision", options.precision, "--threads", str(options.threads)]
    runs = {"mirror4j": [], "pytorch": []}
    with tempfile.TemporaryDirectory() as folder:
        texts, npy = f"{folder}/texts.txt", f"{folder}/vectors.npy"
        pathlib.Path(texts).write_text("\n".join(sentences) + "\n", encoding="utf-8")
        start = time.perf_counter()
        subprocess.run([options.mirror4j, "embed", *common, "--input", texts, "--output", npy],
                       check=True, stderr=subprocess.DEVNULL)
        embedding = time.perf_counter() - start
        vectors = torch.from_numpy(numpy.load(npy))
        test = vectors[-2 * len(gold):]
        for number in range(options.rounds):
            seed = 1234 + number
            output = f"{folder}/flow{number}"
            subprocess.run([options.mirror4j, "flow", *common, "--task", *["stsb-train", "stsb-dev", "stsb"],
                            "--data", str(options.data), "--seed", str(seed), "--output", output],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            steps = [json.loads(line) for line in open(f"{output}/train.jsonl")]
            seconds = [step["seconds"] for step in steps if "step" in step]
            scored = subprocess.run([options.mirror4j, "eval", "--model", output, "--precision", options.precision,
                                     "--task", "stsb", "--data", str(options.data), "--json"],
                                    check=True, capture_output=True, text=True).stdout
            value = next(event["value"] for event in map(json.loads, scored.splitlines())
                         if event.get("event") == "measurement")
            runs["mirror4j"].append({"seed": seed, "seconds": sum(seconds), "steps": len(seconds), "stsb": value})
            flow, taken, count, loss = fit(vectors, seed)
            with torch.no_grad():
                mapped = flow(test)[0].numpy()
            runs["pytorch"].append({"seed": seed, "seconds": taken, "steps": count, "bitsPerDimension": loss / 2,
                                    "stsb": spearman(mapped, gold)})
            print(runs["mirror4j"][-1], runs["pytorch"][-1], flush=True)
    medians = {who: statistics.median(run["seconds"] for run in done) for who, done in runs.items()}
    result = {"what": "the steps of the recipe target on vectors of STS-B's sentences, by turns",
              "model": options.model, "precision": options.precision, "threads": options.threads,
              "sentences": len(sentences), "torch": torch.__version__, "runs": runs, "medianSeconds": medians,
              "ratio": medians["pytorch"] / medians["mirror4j"], "untuned": {"stsb": spearman(test.numpy(), gold)},
              "embeddingSecondsOfOurs": embedding}
    options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
