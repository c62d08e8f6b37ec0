#!/usr/bin/env python3
"""Compares vectors that mirror4j wrote with those of transformers and sentence-transformers.

  check_directory.py MODEL TEXTS VECTORS.npy [MODEL TEXTS VECTORS.npy ...]

MODEL is a directory that mirror4j wrote (without modules.json: the mean of at most 64 tokens), TEXTS one text a line, VECTORS.npy what
'mirror4j embed --model MODEL --input TEXTS --output VECTORS.npy' made of them. Prints one JSON object a model:
the largest difference of an element to transformers (pooled by hand, as 1_Pooling says) and to sentence-transformers.
"""

import json
import pathlib
import sys

import numpy
import sentence_transformers
import torch
import transformers


def by_transformers(model, texts):
    length, first_token = 64, False
    if (model / "modules.json").exists():
        length = json.loads((model / "sentence_bert_config.json").read_text())["max_seq_length"]
        pooling = json.loads((model / "1_Pooling" / "config.json").read_text())
        first_token = pooling["pooling_mode_cls_token"]
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    network = transformers.AutoModel.from_pretrained(model, dtype=torch.float32).eval()
    vectors = []
    with torch.no_grad():
        for text in texts:
            encoded = tokenizer(text, truncation=True, max_length=length, return_tensors="pt")
            hidden = network(**encoded).last_hidden_state[0]
            vectors.append(hidden[0] if first_token else hidden.mean(0))
    return torch.stack(vectors).numpy()


def main():
    arguments = sys.argv[1:]
    for model, texts, vectors in zip(arguments[0::3], arguments[1::3], arguments[2::3]):
        model = pathlib.Path(model)
        lines = pathlib.Path(texts).read_text(encoding="utf-8").splitlines()
        ours = numpy.load(vectors)
        result = {"model": model.name, "texts": len(lines), "largestElement": float(abs(ours).max())}
        for name, theirs in (
            ("transformers", lambda: by_transformers(model, lines)),
            ("sentenceTransformers",
             lambda: sentence_transformers.SentenceTransformer(str(model), device="cpu").encode(lines)),
        ):
            try:
                result[name] = float(abs(theirs() - ours).max())
            except Exception as error:  # One library that fails leaves the other's result.
                result[name + "Failure"] = f"{type(error).__name__}: {error}"
        print(json.dumps(result))
    print(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__,
                      "sentenceTransformers": sentence_transformers.__version__}))


if __name__ == "__main__":
    main()
