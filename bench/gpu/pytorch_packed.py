#!/usr/bin/env python3
"""The strongest PyTorch beside us on a card: a rival for the ratio, never a dependency.

  pytorch_packed.py --output FILE [--lengths DIR] [--seconds X] [--minutes X] [--only TEXT,...] [--layers N] [--list]

Work as in pytorch_baseline.py: BERT-base with fresh weights, 200 pairs a step of real lengths and random ids, dropout,
AdamW with moments in f32. Here as an expert would run it: sequences lie end to end, nothing is padded but the last rows of a
batch up to a multiple of 64; attention is torch's own for sequences of different lengths, with dropout; of the last layer the
first tokens alone where those are pooled, as in ours; a layer is compiled, once for all layers and numbers of rows; the
optimiser is fused; and a whole step, the update included, is one CUDA graph for each number of rows. TF32 is a row of its own.
`embed` is the forward pass alone in a graph. Ceilings are times of products and copies inside graphs, so that the host's calls
are not in them.

Before anything is timed, losses and gradients of the packed model must be those of transformers' BertModel with the same
weights. A variant that fails is a row that says so; what is there after each is printed. Without a card --layers 1 --only
parity,eager shows that all but graphs and flash attention works. Needs PyTorch 2.5 or later, and transformers for the comparison.
"""

import argparse
import json
import math
import pathlib
import statistics
import sys
import time

import torch
import torch.nn.functional as F

from pytorch_baseline import BATCH, RECIPES, batches, items

HIDDEN, HEADS, WIDE, WORDS, POSITIONS, MULTIPLE, RATE = 768, 12, 3072, 30522, 512, 64, 0.1
CARD = torch.cuda.is_available()
DEVICE = torch.device("cuda" if CARD else "cpu")
TYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "tf32": None, "f32": None}


def packed(tokens, mask):
    """Rows of a padded batch that are there, and one more sequence that fills them up to a multiple."""
    lengths = mask.sum(1).tolist()
    rows = math.ceil(sum(lengths) / MULTIPLE) * MULTIPLE
    filling = rows - sum(lengths)
    ids = torch.cat([tokens[mask.bool()], tokens.new_zeros(filling)])
    all_lengths = torch.tensor(lengths + [filling], device=DEVICE)
    ends = all_lengths.cumsum(0)
    sequence = torch.arange(len(lengths) + 1, device=DEVICE).repeat_interleave(all_lengths)
    first = ends - all_lengths
    return {"ids": ids, "sequence": sequence, "positions": torch.arange(rows, device=DEVICE) - first[sequence],
            "first": first[:-1], "lengths": all_lengths[:-1].float()[:, None],
            "starts": F.pad(ends, (1, 0)).to(torch.int32)}


def attention(q, k, v, starts, longest, rate):
    if CARD and q.dtype != torch.float32:
        return torch.ops.aten._flash_attention_forward(q, k, v, starts, starts, longest, longest, rate, False, False)[0]
    if CARD:
        return torch.ops.aten._efficient_attention_forward(
            q[None], k[None], v[None], None, starts, starts, longest, longest, rate, 0, True)[0][0]
    sequence = torch.bucketize(torch.arange(len(q)), starts[1:].long(), right=True)
    same = sequence[:, None] == sequence[None, :]
    side_by_side = (x.transpose(0, 1)[None] for x in (q, k, v))
    return F.scaled_dot_product_attention(*side_by_side, attn_mask=same, dropout_p=rate)[0].transpose(0, 1)


class PackedBert(torch.nn.Module):
    """Parameters of a layer: of queries, keys and values side by side, of the context, of LayerNorm, of both products of the
    feed-forward block, of LayerNorm."""

    def __init__(self, layers, longest, rate, compiled):
        super().__init__()
        self.longest, self.rate = longest, rate
        matrix = lambda *shape: torch.nn.Parameter(torch.randn(*shape, device=DEVICE) * 0.02)
        vector = lambda size, value=0.0: torch.nn.Parameter(torch.full((size,), value, device=DEVICE))
        norm = lambda: [vector(HIDDEN, 1.0), vector(HIDDEN)]
        linear = lambda outputs, inputs: [matrix(outputs, inputs), vector(outputs)]
        self.tables = torch.nn.ParameterList([matrix(WORDS, HIDDEN), matrix(POSITIONS, HIDDEN), matrix(2, HIDDEN), *norm()])
        self.layers = torch.nn.ModuleList(
            torch.nn.ParameterList([*linear(3 * HIDDEN, HIDDEN), *linear(HIDDEN, HIDDEN), *norm(), *linear(WIDE, HIDDEN),
                                    *linear(HIDDEN, WIDE), *norm()]) for _ in range(layers))
        self.compiled = compiled
        self.layer = torch.compile(self._layer) if compiled else self._layer
        self.embedding = torch.compile(self._embedding) if compiled else self._embedding

    def _embedding(self, ids, positions, words, places, kinds, gamma, beta):
        x = F.embedding(ids, words) + F.embedding(positions, places) + kinds[0]
        return F.dropout(F.layer_norm(x, (HIDDEN,), gamma, beta, 1e-12), self.rate)

    def _layer(self, x, starts, taken, w, b, wo, bo, g1, b1, wi, bi, wy, by, g2, b2):
        q, k, v = F.linear(x, w, b).view(-1, 3, HEADS, HIDDEN // HEADS).unbind(1)
        context = attention(q, k, v, starts, self.longest, self.rate).reshape(-1, HIDDEN)
        if taken is not None:
            context, x = context[taken], x[taken]
        x = F.layer_norm(x + F.dropout(F.linear(context, wo, bo), self.rate), (HIDDEN,), g1, b1, 1e-12)
        y = F.linear(F.gelu(F.linear(x, wi, bi)), wy, by)
        return F.layer_norm(x + F.dropout(y, self.rate), (HIDDEN,), g2, b2, 1e-12)

    def forward(self, batch, pooling):
        ids, positions = batch["ids"], batch["positions"]
        vary = self.compiled and not (CARD and torch.cuda.is_current_stream_capturing())
        if vary:
            torch._dynamo.mark_dynamic(ids, 0)
            torch._dynamo.mark_dynamic(positions, 0)
        x = self.embedding(ids, positions, *self.tables)
        for i, parameters in enumerate(self.layers):
            if vary:
                torch._dynamo.mark_dynamic(x, 0)
            last = pooling == "cls" and i == len(self.layers) - 1
            x = self.layer(x, batch["starts"], batch["first"] if last else None, *parameters)
        if pooling == "cls":
            return x.float()
        count = len(batch["lengths"])
        return x.new_zeros(count + 1, HIDDEN, dtype=torch.float32).index_add(0, batch["sequence"], x.float())[:count] / batch["lengths"]

    @torch.no_grad()
    def take(self, bert):
        """The weights of transformers' BertModel."""
        e = bert.embeddings
        for to, of in zip(self.tables, (e.word_embeddings.weight, e.position_embeddings.weight,
                                        e.token_type_embeddings.weight, e.LayerNorm.weight, e.LayerNorm.bias)):
            to.copy_(of)
        for to, layer in zip(self.layers, bert.encoder.layer):
            own, out = layer.attention.self, layer.attention.output
            modules = [out.dense, out.LayerNorm, layer.intermediate.dense, layer.output.dense, layer.output.LayerNorm]
            values = [torch.cat([getattr(p, kind) for p in (own.query, own.key, own.value)]) for kind in ("weight", "bias")]
            for target, value in zip(to, values + [p for module in modules for p in (module.weight, module.bias)]):
                target.copy_(value)


def contrastive(pooled, temperature):
    unit = F.normalize(pooled, dim=1)
    own = torch.eye(len(unit), dtype=torch.bool, device=DEVICE)
    cosines = (unit @ unit.T / temperature).masked_fill(own, -math.inf)
    return F.cross_entropy(cosines, torch.arange(len(unit), device=DEVICE).roll(len(unit) // 2))


def parity(options, recipe, _, __):
    """Without dropout, of some pairs: both losses, and how far a layer's gradients are apart."""
    from transformers import BertConfig, BertModel
    length, temperature, pooling = RECIPES[recipe]
    tokens, mask, _ = next(batches(items(options.lengths / f"{recipe}.json"), None, DEVICE))
    some = list(range(20)) + list(range(BATCH, BATCH + 20))
    tokens, mask = tokens[some], mask[some]
    bert = BertModel(BertConfig(num_hidden_layers=options.layers), add_pooling_layer=False).to(DEVICE).eval()
    hidden = bert(tokens, attention_mask=mask).last_hidden_state
    theirs = hidden[:, 0] if pooling == "cls" else (hidden * mask[..., None]).sum(1) / mask.sum(1)[:, None]
    expected = contrastive(theirs, temperature)
    expected.backward()
    model = PackedBert(options.layers, max(MULTIPLE, tokens.shape[1]), 0.0, False)
    model.take(bert)
    loss = contrastive(model(packed(tokens, mask), pooling), temperature)
    loss.backward()
    theirs, ours = bert.encoder.layer[0].output.dense.weight.grad, model.layers[0][8].grad
    apart = ((ours - theirs).norm() / theirs.norm()).item()
    if abs(loss.item() - expected.item()) > 1e-4 or apart > 1e-3:
        raise RuntimeError(f"loss {loss.item()} beside {expected.item()}, gradients {apart} apart")
    return {"loss": loss.item(), "expected": expected.item(), "gradientsApart": apart}


class Step:
    """Forward, backward and update, eager or as one graph for each number of rows."""

    def __init__(self, model, recipe, dtype, graphed):
        self.model, self.dtype, self.graphed = model, dtype, graphed
        _, self.temperature, self.pooling = RECIPES[recipe]
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=2e-5, weight_decay=0.01, fused=True, capturable=CARD and graphed)
        self.scaler = torch.amp.GradScaler(DEVICE.type, enabled=CARD and dtype == torch.float16)
        self.graphs, self.pool = {}, None

    def eager(self, batch):
        # A graph would keep the casts of its recording, were they cached.
        with torch.autocast(DEVICE.type, dtype=self.dtype or torch.bfloat16, enabled=self.dtype is not None, cache_enabled=False):
            pooled = self.model(batch, self.pooling)
        loss = contrastive(pooled, self.temperature)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.detach()

    def record(self, batch):
        held = {name: value.clone() for name, value in batch.items()}
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(2):
                self.eager(held)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self.pool):
            loss = self.eager(held)
        self.pool = graph.pool()
        return graph, held, loss

    def __call__(self, batch):
        if not self.graphed:
            return self.eager(batch).item()
        rows = len(batch["ids"])
        if rows not in self.graphs:
            self.graphs[rows] = self.record(batch)
        graph, held, loss = self.graphs[rows]
        for name, value in batch.items():
            held[name].copy_(value)
        graph.replay()
        return loss.item()


def train(options, recipe, precision, how):
    padded = list(batches(items(options.lengths / f"{recipe}.json"), None, DEVICE))[:options.steps]
    epoch = [packed(tokens, mask) for tokens, mask, _ in padded]
    longest = max(MULTIPLE, max(tokens.shape[1] for tokens, _, _ in padded))
    model = PackedBert(options.layers, longest, RATE, "compiled" in how).train()
    step = Step(model, recipe, TYPES[precision], "graph" in how)
    for rows in dict.fromkeys(len(batch["ids"]) for batch in epoch):
        step(next(batch for batch in epoch if len(batch["ids"]) == rows))
    seconds, begin = [], time.perf_counter()
    while len(seconds) < 3 * len(epoch) and (not seconds or time.perf_counter() - begin < options.seconds):
        start = time.perf_counter()
        loss = step(epoch[len(seconds) % len(epoch)])
        seconds.append(time.perf_counter() - start)
    if not math.isfinite(loss):
        raise RuntimeError(f"the loss is {loss}")
    median, real = statistics.median(seconds), sum(count for _, _, count in padded) / len(padded)
    return {"stepsMeasured": len(seconds), "stepsOfEpoch": len(epoch), "realTokensPerStep": real,
            "rowsPerStep": sum(len(batch["ids"]) for batch in epoch) / len(epoch), "secondsPerStepMedian": median,
            "secondsPerEpoch": median * len(epoch), "tokensPerSecond": real / median, "loss": loss,
            "peakBytes": torch.cuda.max_memory_allocated() if CARD else None}


def graphed_seconds(call, times):
    """Of one call, so many in one graph."""
    call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(times):
            call()
    graph.replay()
    seconds = []
    for _ in range(5):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        graph.replay()
        end.record()
        torch.cuda.synchronize()
        seconds.append(begin.elapsed_time(end) * 1e-3 / times)
    return statistics.median(seconds)


@torch.no_grad()
def embed(options, recipe, precision, _):
    _, _, pooling = RECIPES[recipe]
    padded = list(batches(items(options.lengths / f"{recipe}.json"), None, DEVICE))[:options.steps]
    batch = packed(padded[0][0], padded[0][1])
    model = PackedBert(options.layers, max(MULTIPLE, padded[0][0].shape[1]), 0.0, False).eval()

    def forward():
        with torch.autocast(DEVICE.type, dtype=TYPES[precision] or torch.bfloat16, enabled=TYPES[precision] is not None, cache_enabled=False):
            return model(batch, pooling)

    seconds, texts = graphed_seconds(forward, 5), len(padded[0][0])
    return {"texts": texts, "secondsPerBatch": seconds, "textsPerSecond": texts / seconds}


@torch.no_grad()
def ceilings(options, _, precision, __):
    rates = {}
    for rows in (1280, 1792, 5952):
        for outputs, inputs in ((3 * HIDDEN, HIDDEN), (HIDDEN, HIDDEN), (WIDE, HIDDEN), (HIDDEN, WIDE)):
            dtype = TYPES[precision] or torch.float32
            x, w, y = (torch.randn(*shape, device=DEVICE, dtype=dtype)
                       for shape in ((rows, inputs), (outputs, inputs), (rows, outputs)))
            for kind, call in (("forward", lambda: F.linear(x, w)), ("inputGradient", lambda: y @ w), ("weightGradient", lambda: y.T @ x)):
                rates[f"{rows}x{outputs}x{inputs} {kind}"] = 2 * rows * outputs * inputs / graphed_seconds(call, 20)
    block = torch.randn(64 << 20, device=DEVICE)
    other = torch.empty_like(block)
    return {"flopsPerSecond": rates, "bytesPerSecond": {"copy": 8 * len(block) / graphed_seconds(lambda: other.copy_(block), 5)}}


def variants():
    """What is measured, by what, of which recipe and in which precision: the most telling first, as time may end."""
    rows = [("parity", parity, recipe, "f32") for recipe in RECIPES]
    for precision in ("bf16", "f16", "tf32", "f32"):
        rows += [("compiled graph", train, recipe, precision) for recipe in RECIPES]
        rows += [("embed", embed, recipe, precision) for recipe in RECIPES]
        rows += [("ceilings", ceilings, "", precision)]
    for how in ("graph", "compiled eager", "eager"):
        rows += [(how, train, recipe, precision) for precision in ("bf16", "f32") for recipe in RECIPES]
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--lengths", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent / "lengths")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long steps are measured at most, each variant")
    parser.add_argument("--minutes", type=float, default=4.0, help="after which no variant begins")
    parser.add_argument("--steps", type=int, default=50, help="of the epoch")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--only", default="", help="variants of which the name, recipe or precision has one of these, parted by commas")
    parser.add_argument("--list", action="store_true", help="name the variants")
    options = parser.parse_args()
    torch._dynamo.config.recompile_limit = 64
    begin = time.perf_counter()
    result = {"schema": 1, "device": torch.cuda.get_device_name() if CARD else "cpu", "pytorch": torch.__version__, "runs": []}
    for name, call, recipe, precision in variants():
        label = f"{name} {recipe} {precision}"
        if options.list:
            print(label)
        if options.list or not any(text in label for text in options.only.split(",")):
            continue
        row = {"variant": name, "recipe": recipe, "precision": precision}
        if time.perf_counter() - begin > 60 * options.minutes:
            row["notRun"] = "the time was over"
        else:
            torch.manual_seed(42)
            torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
            if CARD:
                torch.cuda.reset_peak_memory_stats()
            start = time.perf_counter()
            try:
                row |= call(options, recipe, precision, name)
            except Exception as failure:  # a row that says so: the others are wanted all the same
                row["failure"] = f"{type(failure).__name__}: {failure}"[:800]
            row["tookSeconds"] = time.perf_counter() - start
            if CARD:
                torch.cuda.empty_cache()
        result["runs"].append(row)
        print(json.dumps(row), flush=True)
    if options.output:
        options.output.write_text(json.dumps(result, indent=2) + "\n")
    if any(row["variant"] == "parity" and "failure" in row for row in result["runs"]):
        sys.exit("the packed model is not BERT: its times say nothing")


if __name__ == "__main__":
    main()
