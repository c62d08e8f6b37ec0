#!/usr/bin/env python3
"""Steps of fine-tuning in PyTorch beside ours: a rival for the ratio, never a dependency.

  pytorch_finetuning.py --mirror4j ./mirror4j --model MODEL --data DATA --output FILE
      [--task mrpc squad-1.1] [--precision f32 bf16] [--steps N] [--rounds N] [--threads N]

Both fine-tune MODEL (a directory) on the same examples of a task: pairs of MRPC, 32 a step and at most 128 tokens each,
or windows of SQuAD's questions, 12 a step and at most 384 tokens each, with dropout, clipping and AdamW, by turns and on
the same number of threads. Ours is `mirror4j finetune`, timed by what it writes into train.jsonl of its steps. PyTorch
is BertModel of transformers with fused attention (scaled_dot_product_attention), fused AdamW, and bf16 by autocast where
that is asked for, in two ways: "padded", every example to the most tokens, as transformers' scripts do it by default,
compiled for that shape; and "packed", as here: products over the tokens that are there, padding only inside attention,
compiled for shapes that vary. Tokens are those of examples, padding not among them. First steps, in which memory is taken
and code compiled, are left out on all sides. Each side runs in a process of its own, whose peak of resident memory is
what the system says when it ends. Needs PyTorch, transformers, tokenizers.
"""

import argparse
import gzip
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

WARM_UP = 3
TASKS = {
    "mrpc": {"batch": 32, "length": 128, "labels": 2, "files": ["glue/MRPC/train.tsv"]},
    "squad-1.1": {"batch": 12, "length": 384, "labels": 2, "files": ["qa/squad11/train-du-test.json.gz"]},
}


def most_tokens(task, model):
    """Of an example, where the model takes so many."""
    config = json.loads((pathlib.Path(model) / "config.json").read_text())
    return min(TASKS[task]["length"], config["max_position_embeddings"])


def pairs_of(task, data, count):
    """First and second text of each example, and what is to be predicted: a class, or where in the second an answer is."""
    path = data / TASKS[task]["files"][0]
    if task == "mrpc":
        lines = path.read_text(encoding="utf-8-sig").splitlines()[1:]
        rows = [line.split("\t") for line in lines]
        return [(row[3], row[4], int(row[0])) for row in rows][:count]
    with gzip.open(path, "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    questions = [(question["question"], paragraph["context"],
                  (question["answers"][0]["answer_start"],
                   question["answers"][0]["answer_start"] + len(question["answers"][0]["text"])))
                 for article in articles for paragraph in article["paragraphs"] for question in paragraph["qas"]]
    # As many articles as there are steps, not one paragraph again and again.
    return questions[::max(1, len(questions) // count)][:count]


def examples_of(task, model, data, count):
    """(ids, types, targets) of each example; the targets of a window are its answer's first and last token, or 0."""
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(pathlib.Path(model) / "tokenizer.json"))
    tokenizer.no_padding()
    length = most_tokens(task, model)
    if task == "mrpc":
        tokenizer.enable_truncation(length)
    else:
        tokenizer.enable_truncation(length, stride=min(128, length // 4), strategy="only_second")
    examples = []
    for first, second, target in pairs_of(task, data, count):
        whole = tokenizer.encode(first, second)
        for window in [whole] + (whole.overflowing if task != "mrpc" else []):
            if task == "mrpc":
                targets = target
            else:
                inside = [i for i, (start, end) in enumerate(window.offsets)
                          if window.type_ids[i] == 1 and end > start and start < target[1] and end > target[0]]
                targets = (inside[0], inside[-1]) if inside else (0, 0)
            examples.append((window.ids, window.type_ids, targets))
    return examples[:count]


def packed_model(bert, task):
    """Products over the rows of tokens that are there; attention over sequences side by side, padded to the longest."""
    import torch
    functional = torch.nn.functional
    config = bert.config
    heads, hidden = config.num_attention_heads, config.hidden_size

    class Packed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = bert
            self.dropout = torch.nn.Dropout(config.hidden_dropout_prob)
            self.head = torch.nn.Linear(hidden, TASKS[task]["labels"])

        def attention(self, layer, x, place, mask, rate):
            count, longest = mask.shape[0], mask.shape[-1]

            def side_by_side(rows):
                padded = rows.new_zeros(count * longest, hidden).index_copy(0, place, rows)
                return padded.view(count, longest, heads, hidden // heads).transpose(1, 2)

            own = layer.attention.self
            found = functional.scaled_dot_product_attention(
                *(side_by_side(part(x)) for part in (own.query, own.key, own.value)),
                attn_mask=mask, dropout_p=rate)
            rows = found.transpose(1, 2).reshape(count * longest, hidden).index_select(0, place)
            return layer.attention.output(rows, x)

        def forward(self, ids, types, positions, place, mask, firsts):
            embeddings = self.bert.embeddings
            x = (embeddings.word_embeddings(ids) + embeddings.token_type_embeddings(types)
                 + embeddings.position_embeddings(positions))
            x = embeddings.dropout(embeddings.LayerNorm(x))
            rate = config.attention_probs_dropout_prob if self.training else 0.0
            for layer in self.bert.encoder.layer:
                x = self.attention(layer, x, place, mask, rate)
                x = layer.output(layer.intermediate(x), x)
            if task == "mrpc":
                pooled = self.bert.pooler.activation(self.bert.pooler.dense(x.index_select(0, firsts)))
                return self.head(self.dropout(pooled)).float()
            logits = self.head(x).float()
            padded = logits.new_full((mask.shape[0] * mask.shape[-1], 2), -1e4).index_copy(0, place, logits)
            return padded.view(mask.shape[0], mask.shape[-1], 2)

    return Packed()


def padded_model(bert, task):
    """As transformers' classes do it."""
    import torch
    config = bert.config

    class Padded(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = bert
            self.dropout = torch.nn.Dropout(config.hidden_dropout_prob)
            self.head = torch.nn.Linear(config.hidden_size, TASKS[task]["labels"])

        def forward(self, ids, types, mask):
            out = self.bert(input_ids=ids, token_type_ids=types, attention_mask=mask)
            if task == "mrpc":
                return self.head(self.dropout(out.pooler_output)).float()
            return self.head(out.last_hidden_state).float()

    return Padded()


def packed_inputs(some):
    import torch
    lengths = [len(ids) for ids, _, _ in some]
    longest = max(lengths)
    place = torch.cat([torch.arange(n) + i * longest for i, n in enumerate(lengths)])
    mask = (torch.arange(longest)[None, :] < torch.tensor(lengths)[:, None])[:, None, None, :]
    firsts = torch.tensor([sum(lengths[:i]) for i in range(len(some))])
    flat = [torch.tensor([x for example in some for x in example[part]]) for part in (0, 1)]
    return flat[0], flat[1], torch.cat([torch.arange(n) for n in lengths]), place, mask, firsts


def padded_inputs(some, length):
    import torch
    ids, types, mask = (torch.zeros(len(some), length, dtype=torch.long) for _ in range(3))
    for i, (tokens, kinds, _) in enumerate(some):
        ids[i, :len(tokens)] = torch.tensor(tokens)
        types[i, :len(tokens)] = torch.tensor(kinds)
        mask[i, :len(tokens)] = 1
    return ids, types, mask


def pytorch(args):
    """Runs in a process of its own; prints tokens a second and the last loss."""
    import torch
    from transformers import BertModel
    task, form = args.task[0], args.form
    batch, length = TASKS[task]["batch"], most_tokens(task, args.model)
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    examples = examples_of(task, args.model, pathlib.Path(args.data), batch * (WARM_UP + args.steps))
    bert = BertModel.from_pretrained(args.model, attn_implementation="sdpa", dtype=torch.float32,
                                     add_pooling_layer=task == "mrpc")
    model = (packed_model if form == "packed" else padded_model)(bert, task)
    model.train()
    compiled = torch.compile(model, dynamic=form == "packed")
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5, weight_decay=0.01, fused=True)
    rates = []
    for step in range(WARM_UP + args.steps):
        some = examples[step * batch:(step + 1) * batch]
        inputs = packed_inputs(some) if form == "packed" else padded_inputs(some, length)
        targets = torch.tensor([target for _, _, target in some])
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.precision[0] == "bf16"):
            logits = compiled(*inputs)
        if task == "mrpc":
            loss = torch.nn.functional.cross_entropy(logits, targets)
        else:
            loss = sum(torch.nn.functional.cross_entropy(logits[:, :, end], targets[:, end]) for end in range(2)) / 2
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rates.append(sum(len(ids) for ids, _, _ in some) / (time.perf_counter() - start))
    print(json.dumps({"rate": statistics.median(rates[WARM_UP:]), "loss": loss.item()}))


def run(command):
    """What a process prints, and the peak of its resident memory in MiB."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        out.seek(0)
        errors.seek(0)
        if status != 0:
            raise SystemExit(f"{command}: {errors.read().decode()[-2000:]}")
        return out.read().decode(), usage.ru_maxrss / 1024


def theirs(args, task, precision, form):
    printed, memory = run([
        sys.executable, __file__, "--form", form, "--mirror4j", args.mirror4j, "--model", args.model, "--data", args.data,
        "--output", args.output, "--task", task, "--precision", precision, "--steps", args.steps, "--threads", args.threads])
    said = json.loads(printed.splitlines()[-1])
    return {"tokensPerSecond": said["rate"], "loss": said["loss"], "residentMiB": memory}


def ours(args, task, precision):
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "model"
        _, memory = run([
            args.mirror4j, "finetune", task, "--model", args.model,
            "--train", pathlib.Path(args.data) / TASKS[task]["files"][0], "--output", output,
            "--batch-size", TASKS[task]["batch"], "--max-length", most_tokens(task, args.model),
            "--max-steps", WARM_UP + args.steps, "--learning-rate", "2e-5", "--weight-decay", "0.01", "--optimizer", "adamw",
            "--precision", precision, "--threads", args.threads, "--checkpoint-seconds", "100000"])
        steps = [json.loads(line) for line in (output / "train.jsonl").read_text().splitlines()]
    rates = [step["tokens"] / step["seconds"] for step in steps[WARM_UP:]]
    return {"tokensPerSecond": statistics.median(rates), "loss": steps[-1]["loss"], "residentMiB": memory}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("mirror4j", "model", "data", "output"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--task", nargs="+", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--precision", nargs="+", default=["f32", "bf16"])
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--form", choices=["padded", "packed"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.form:
        pytorch(args)
        return
    results = []
    for task in args.task:
        for precision in args.precision:
            rounds = []
            for _ in range(args.rounds):
                one = {"mirror4j": ours(args, task, precision)}
                for form in ("padded", "packed"):
                    one[form] = theirs(args, task, precision, form)
                rounds.append(one)
                print(json.dumps({"task": task, "precision": precision, **one}), flush=True)
            if not all(math.isfinite(side["loss"]) for one in rounds for side in one.values()):
                raise SystemExit(f"{task}, {precision}: a loss is not finite")
            medians = {side: {key: statistics.median(one[side][key] for one in rounds)
                              for key in ("tokensPerSecond", "residentMiB")} for side in rounds[0]}
            results.append({
                "task": task, "precision": precision, "examplesOfStep": TASKS[task]["batch"], "mostTokens": most_tokens(task, args.model),
                **medians,
                **{"ratioTo" + form.capitalize(): statistics.median(
                    one["mirror4j"]["tokensPerSecond"] / one[form]["tokensPerSecond"] for one in rounds)
                   for form in ("padded", "packed")},
                "rounds": rounds})
            pathlib.Path(args.output).write_text(json.dumps(
                {"model": pathlib.Path(args.model).name, "threads": args.threads, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
