#!/usr/bin/env python3
"""Compares the logits of models with the head of a task that mirror4j tuned with those that transformers computes.

  check_heads.py FOLDER

Needs PyTorch and transformers. FOLDER is what HeadGoldenTest writes with -Dmirror4j.heads=FOLDER: model directories, each with
logits.json of the tokens of some examples and what mirror4j computes for them in one batch. Each is loaded by AutoModel of its
class; tensors that are missing, not expected or of another shape end it. Prints one JSON object a model: its class, the largest
logit and the largest difference of a logit.
"""

import json
import pathlib
import sys

import torch
import transformers


def check(directory):
    name = json.loads((directory / "config.json").read_text())["architectures"][0]
    model, loading = getattr(transformers, name).from_pretrained(
        directory, output_loading_info=True, dtype=torch.float32)
    wrong = {key: sorted(map(str, value)) for key, value in loading.items() if value}
    if wrong:
        sys.exit(f"{directory}: {wrong}")
    expected = json.loads((directory / "logits.json").read_text())
    logits = []
    with torch.no_grad():
        for ids, types in zip(expected["ids"], expected["types"]):
            out = model.eval()(torch.tensor([ids]), token_type_ids=torch.tensor([types]))
            ends = "start_logits" in out
            logits.append((torch.stack([out.start_logits, out.end_logits], -1) if ends else out.logits).flatten())
    logits, ours = torch.cat(logits), torch.tensor(expected["logits"])
    print(json.dumps({
        "model": directory.name, "class": name, "labels": model.config.id2label, "logits": len(logits),
        "largest": logits.abs().max().item(), "difference": (logits - ours).abs().max().item()}))


for folder in sorted(path.parent for path in pathlib.Path(sys.argv[1]).glob("*/logits.json")):
    check(folder)
print(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}))
