#!/usr/bin/env python3
"""Training steps in PyTorch beside ours on a processor: a rival for the ratio, never a dependency.

  pytorch_steps.py --mirror4j ./mirror4j --model MODEL --data DATA --output FILE
      [--task words sentences mrpc squad-1.1] [--precision f32 bf16] [--steps N] [--rounds N] [--threads N]

Both train MODEL (a directory) on the same examples of a task, with dropout and AdamW, by turns and on the same number of
threads: Mirror-BERT's two views of 200 words or 200 sentences a step, as in the recipes of `mirror4j train`; pairs of
MRPC, 32 a step and at most 128 tokens each, or windows of SQuAD's questions, 12 a step and at most 384 tokens each, as in
`mirror4j finetune`, with clipping. Ours is timed by what it writes into train.jsonl of its steps. PyTorch is BertModel of
transformers with fused attention (scaled_dot_product_attention), fused AdamW, and bf16 by autocast where that is asked
for, in two ways. "padded": examples of fine-tuning to the most tokens, as transformers' scripts do it by default, compiled
for that shape, views to the longest of their batch, compiled for lengths that vary. "packed", as here: products over the
tokens that are there, padding only inside attention, of the last layer the first tokens alone where those are what is
pooled, compiled for shapes that vary. Tokens are those of examples, padding not among them. First steps, in which memory
is taken and code compiled, are left out on all sides. Each side runs in a process of its own, whose peak of resident
memory is what the system says when it ends. Needs PyTorch, transformers, tokenizers.
"""

import argparse
import gzip
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

WARM_UP = 3
MASKED, LEAST = 5, 30  # characters masked in the second view of a sentence that has so many
TASKS = {
    "words": {"batch": 200, "length": 25, "temperature": 0.2, "pooling": "cls",
              "files": ["mirror_corpus/en_words_top_10k.txt"]},
    "sentences": {"batch": 200, "length": 50, "temperature": 0.04, "pooling": "mean",
                  "files": ["mirror_corpus/stsbenchmark_train_10k_sents_random_sampled.txt"]},
    "mrpc": {"batch": 32, "length": 128, "labels": 2, "files": ["glue/MRPC/train.tsv"]},
    "squad-1.1": {"batch": 12, "length": 384, "labels": 2, "files": ["qa/squad11/train-du-test.json.gz"]},
}


def most_tokens(task, model):
    """Of an example, where the model takes so many."""
    config = json.loads((pathlib.Path(model) / "config.json").read_text())
    return min(TASKS[task]["length"], config["max_position_embeddings"])


def is_mirror(task):
    return "temperature" in TASKS[task]


def is_of_firsts(task):
    """Whether of the last layer the first token of each sequence alone is taken."""
    return task == "mrpc" or TASKS[task].get("pooling") == "cls"


def views_of(task, path, count):
    """Two views of each text: of a sentence with a span of characters masked in the second."""
    draws = random.Random(1)
    texts = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()][:count]
    for text in texts:
        at = draws.randrange(max(1, len(text) - MASKED))
        whole = task == "words" or len(text) < LEAST
        yield text, text if whole else text[:at] + "[MASK]" + text[at + MASKED:]


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
    """(ids, types, targets) of each example, for Mirror-BERT of both its views; the
    targets of a window are its answer's first and last token, or 0."""
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(pathlib.Path(model) / "tokenizer.json"))
    tokenizer.no_padding()
    length = most_tokens(task, model)
    if is_mirror(task):
        tokenizer.enable_truncation(length)
        views = views_of(task, pathlib.Path(data) / TASKS[task]["files"][0], count)
        return [tuple((view.ids, view.type_ids, None) for view in tokenizer.encode_batch(list(pair))) for pair in views]
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
            self.head = None if is_mirror(task) else torch.nn.Linear(hidden, TASKS[task]["labels"])

        def attention(self, layer, x, place, mask, rate, taken):
            count, longest = mask.shape[0], mask.shape[-1]

            def side_by_side(rows):
                padded = rows.new_zeros(count * longest, hidden).index_copy(0, place, rows)
                return padded.view(count, longest, heads, hidden // heads).transpose(1, 2)

            own = layer.attention.self
            found = functional.scaled_dot_product_attention(
                *(side_by_side(part(x)) for part in (own.query, own.key, own.value)),
                attn_mask=mask, dropout_p=rate)
            rows = found.transpose(1, 2).reshape(count * longest, hidden)
            if taken is not None:
                return layer.attention.output(rows.index_select(0, place.index_select(0, taken)), x.index_select(0, taken))
            return layer.attention.output(rows.index_select(0, place), x)

        def forward(self, ids, types, positions, place, mask, firsts):
            embeddings = self.bert.embeddings
            x = (embeddings.word_embeddings(ids) + embeddings.token_type_embeddings(types)
                 + embeddings.position_embeddings(positions))
            x = embeddings.dropout(embeddings.LayerNorm(x))
            rate = config.attention_probs_dropout_prob if self.training else 0.0
            last = len(self.bert.encoder.layer) - 1
            for i, layer in enumerate(self.bert.encoder.layer):
                x = self.attention(layer, x, place, mask, rate, firsts if i == last and is_of_firsts(task) else None)
                x = layer.output(layer.intermediate(x), x)
            if task == "mrpc":
                return self.head(self.dropout(self.bert.pooler.activation(self.bert.pooler.dense(x)))).float()
            if is_mirror(task):
                if is_of_firsts(task):
                    return x.float()
                sums = x.new_zeros(mask.shape[0], hidden, dtype=torch.float32)
                sums = sums.index_add(0, place // mask.shape[-1], x.float())
                return sums / mask.sum((1, 2, 3))[:, None]
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
            self.head = None if is_mirror(task) else torch.nn.Linear(config.hidden_size, TASKS[task]["labels"])

        def forward(self, ids, types, mask):
            out = self.bert(input_ids=ids, token_type_ids=types, attention_mask=mask)
            if is_mirror(task):
                hidden = out.last_hidden_state.float()
                return hidden[:, 0] if is_of_firsts(task) else (hidden * mask[..., None]).sum(1) / mask.sum(1)[:, None]
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


def loss_of(task, result, targets):
    import torch
    functional = torch.nn.functional
    if is_mirror(task):
        unit = functional.normalize(result, dim=1)
        count = len(unit)
        own = torch.eye(count, dtype=torch.bool)
        cosines = (unit @ unit.T / TASKS[task]["temperature"]).masked_fill(own, float("-inf"))
        return functional.cross_entropy(cosines, torch.arange(count).roll(count // 2))
    if task == "mrpc":
        return functional.cross_entropy(result, targets)
    return sum(functional.cross_entropy(result[:, :, end], targets[:, end]) for end in range(2)) / 2


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
    compiled = torch.compile(model, dynamic=form == "packed" or is_mirror(task))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5, weight_decay=0.01, fused=True)
    rates = []
    for step in range(WARM_UP + args.steps):
        some = examples[step * batch:(step + 1) * batch]
        if is_mirror(task):
            some = [first for first, _ in some] + [second for _, second in some]
            length = max(len(ids) for ids, _, _ in some)
        inputs = packed_inputs(some) if form == "packed" else padded_inputs(some, length)
        targets = None if is_mirror(task) else torch.tensor([target for _, _, target in some])
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.precision[0] == "bf16"):
            result = compiled(*inputs)
        loss = loss_of(task, result, targets)
        optimizer.zero_grad()
        loss.backward()
        if not is_mirror(task):
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
        file = pathlib.Path(args.data) / TASKS[task]["files"][0]
        command = (["train", "--recipe", task.removesuffix("s"), "--corpus", file] if is_mirror(task) else
                   ["finetune", task, "--train", file, "--optimizer", "adamw"])
        _, memory = run([
            args.mirror4j, *command, "--model", args.model, "--output", output,
            "--batch-size", TASKS[task]["batch"], "--max-length", most_tokens(task, args.model),
            "--max-steps", WARM_UP + args.steps, "--learning-rate", "2e-5", "--weight-decay", "0.01",
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
