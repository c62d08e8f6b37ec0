#!/usr/bin/env python3
"""Steps of SpanBERT's pretraining in PyTorch beside ours: a rival for the ratio, never a dependency.

  pytorch_pretraining.py --mirror4j ./mirror4j --model MODEL --corpus FILE --output FILE
      [--tokens N] [--steps N] [--rounds N] [--threads N] [--precision f32|bf16] [--length N]

Both train MODEL (a directory with its head) on the same text, cut into blocks of --length tokens, by masked spans and
the span boundary objective, with AdamW, clipping and dropout, --tokens at a time, by turns and on the same number of
threads. Ours is `mirror4j pretrain --from MODEL`, timed by what it writes into train.jsonl of its steps; PyTorch is
BertModel of transformers with fused attention (scaled_dot_product_attention), compiled, blocks of one length so that
nothing is padded, heads over the masked tokens alone, fused AdamW, and bf16 by autocast where that is asked for. First
steps, in which memory is taken and code compiled, are left out on both sides. Beside both stands
what PyTorch makes of the product of a layer alone, on the same numbers of rows and in the same rounds: a step that
reached it would lose nothing between its products. Needs PyTorch, transformers, tokenizers.
"""

import argparse
import gzip
import json
import math
import pathlib
import statistics
import subprocess
import tempfile
import time

import torch
from tokenizers import Tokenizer
from transformers import BertModel

PLACES, WIDTH, RATIO, WARM_UP = 15, 200, 0.15, 3


class Transform(torch.nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.dense = torch.nn.Linear(inputs, hidden)
        self.norm = torch.nn.LayerNorm(hidden, eps=1e-12)

    def forward(self, x):
        return self.norm(torch.nn.functional.gelu(self.dense(x)))


class SpanBert(torch.nn.Module):
    """Encoder and both heads; the decoder of each is the table of words."""

    def __init__(self, model):
        super().__init__()
        self.encoder = BertModel.from_pretrained(model, attn_implementation="sdpa", add_pooling_layer=False, dtype=torch.float32)
        config = self.encoder.config
        self.masked = Transform(config.hidden_size, config.hidden_size)
        self.places = torch.nn.Embedding(PLACES, WIDTH)
        self.spans = torch.nn.Sequential(
            Transform(2 * config.hidden_size + WIDTH, config.hidden_size),
            Transform(config.hidden_size, config.hidden_size))
        self.biases = torch.nn.Parameter(torch.zeros(2, config.vocab_size))

    def forward(self, ids, rows, labels, left, right, offsets, targets):
        hidden = self.encoder(input_ids=ids).last_hidden_state.flatten(0, 1)
        words = self.encoder.embeddings.word_embeddings.weight
        masked = torch.nn.functional.linear(self.masked(hidden[rows]), words, self.biases[0])
        boundary = torch.cat([hidden[left], hidden[right], self.places(offsets)], 1)
        spans = torch.nn.functional.linear(self.spans(boundary), words, self.biases[1])
        return (torch.nn.functional.cross_entropy(masked.float(), labels)
                + torch.nn.functional.cross_entropy(spans.float(), targets))


def blocks(model, corpus, length):
    """Blocks of one length of real text."""
    tokenizer = Tokenizer.from_file(str(pathlib.Path(model) / "tokenizer.json"))
    opened = gzip.open if str(corpus).endswith(".gz") else open
    with opened(corpus, "rt", encoding="utf-8") as file:
        text = file.read(4_000_000)
    ids = [i for e in tokenizer.encode_batch(text.split("\n"), add_special_tokens=False) for i in e.ids]
    first, last = (tokenizer.token_to_id(t) for t in ("[CLS]", "[SEP]"))
    inner = length - 2
    return [[first] + ids[i:i + inner] + [last] for i in range(0, len(ids) - inner, inner)], tokenizer.token_to_id("[MASK]")


def batch(some, mask, generator):
    """Masked spans of each block, of a fixed number, so that compiled code is of one shape."""
    ids = torch.tensor(some)
    length = ids.shape[1]
    rows, labels, left, right, offsets = [], [], [], [], []
    spans = max(1, round(RATIO * (length - 2) / 4))
    for b in range(len(some)):
        # One span of four tokens in each of as many parts of the block, none at a part's ends.
        part = (length - 2) // spans
        for s in range(spans):
            start = 2 + s * part + int(torch.randint(max(1, part - 5), (1,), generator=generator))
            for i in range(4):
                row = b * length + start + i
                rows.append(row)
                labels.append(some[b][start + i])
                left.append(b * length + start - 1)
                right.append(b * length + start + 4)
                offsets.append(i)
                ids[b, start + i] = mask
    as_tensor = [torch.tensor(x) for x in (rows, labels, left, right, offsets, labels)]
    return ids, *as_tensor


def theirs(args, precision, text, mask):
    """Tokens a second of PyTorch's steps, and the last loss."""
    torch.manual_seed(1)
    model = SpanBert(args.model)
    model.train()
    compiled = torch.compile(model, dynamic=False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.1, fused=True)
    generator = torch.Generator().manual_seed(1)
    count = max(1, args.tokens // args.length)
    seconds = []
    for step in range(WARM_UP + args.steps):
        at = step * count % (len(text) - count)
        inputs = batch(text[at:at + count], mask, generator)
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            loss = compiled(*inputs)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    return count * args.length / statistics.median(seconds[WARM_UP:]), loss.item()


def ours(args, precision):
    """Tokens a second of our steps, and the last loss."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "model"
        subprocess.run(
            [args.mirror4j, "pretrain", "--from", args.model, "--corpus", args.corpus, "--output", output,
             "--objective", "span+sbo", "--whole-sentences", "--max-length", str(args.length),
             "--batch-tokens", str(args.tokens), "--device-tokens", str(args.tokens),
             "--max-steps", str(WARM_UP + args.steps), "--warmup-steps", "0", "--learning-rate", "1e-4",
             "--weight-decay", "0.1", "--shuffle-blocks", "256", "--precision", precision,
             "--threads", str(args.threads), "--checkpoint-seconds", "100000"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        steps = [json.loads(line) for line in (output / "train.jsonl").read_text().splitlines()]
    rates = [step["tokens"] / step["seconds"] for step in steps[WARM_UP:]]
    return statistics.median(rates), steps[-1]["loss"]


def product(config, args, precision):
    """Flops a second of PyTorch's product of a layer's shape alone: the rows of a step by the wide weights."""
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    rows, inputs, outputs = args.tokens, config.hidden_size, config.intermediate_size
    a, b = torch.randn(rows, inputs).to(dtype), torch.randn(inputs, outputs).to(dtype)
    seconds = []
    for _ in range(24):
        start = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - start)
    return 2 * rows * inputs * outputs / statistics.median(seconds[4:])


def flops_of_token(config, length):
    """Of a step, forward and twice that backward: products of layers and attention, decoders on 0.15 of the rows twice."""
    h, i, layers = config.hidden_size, config.intermediate_size, config.num_hidden_layers
    layer = 2 * (4 * h * h + 2 * h * i) + 4 * length * h
    heads = 2 * RATIO * 2 * config.vocab_size * h
    return 3 * (layers * layer + heads)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("mirror4j", "model", "corpus", "output"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--tokens", type=int, default=4096)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--precision", nargs="+", default=["f32", "bf16"])
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    text, mask = blocks(args.model, args.corpus, args.length)
    config = BertModel.from_pretrained(args.model).config
    flops = flops_of_token(config, args.length)
    rows = []
    for precision in args.precision:
        rounds = []
        for _ in range(args.rounds):
            mine, my_loss = ours(args, precision)
            other, other_loss = theirs(args, precision, text, mask)
            rounds.append({"mirror4j": mine, "pytorch": other,
                           "productFlops": product(config, args, precision), "mirror4jLoss": my_loss, "pytorchLoss": other_loss})
            print(json.dumps({"precision": precision, **rounds[-1]}), flush=True)
        median = {key: statistics.median(r[key] for r in rounds) for key in ("mirror4j", "pytorch", "productFlops")}
        rows.append({
            "precision": precision, "tokensPerSecond": median["mirror4j"], "pytorchTokensPerSecond": median["pytorch"],
            "ratio": statistics.median(r["mirror4j"] / r["pytorch"] for r in rounds),
            "flopsOfToken": flops, "productFlops": median["productFlops"],
            "shareOfProduct": median["mirror4j"] * flops / median["productFlops"],
            "pytorchShareOfProduct": median["pytorch"] * flops / median["productFlops"], "rounds": rounds})
        if not all(math.isfinite(r["mirror4jLoss"]) and math.isfinite(r["pytorchLoss"]) for r in rounds):
            raise SystemExit(f"{precision}: a loss is not finite")
    pathlib.Path(args.output).write_text(json.dumps({
        "length": args.length, "tokensOfStep": args.tokens, "threads": args.threads, "hiddenSize": config.hidden_size,
        "layers": config.num_hidden_layers, "torch": torch.__version__, "results": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
