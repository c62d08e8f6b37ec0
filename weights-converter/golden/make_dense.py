#!/usr/bin/env python3
"""Dense modules behind the pooling of the golden BERT as sentence-transformers writes them, and the vectors that it makes.

  make_dense.py GOLDEN

Needs sentence-transformers 6. GOLDEN is the folder that make_golden.py made. Makes GOLDEN/dense with modules.json and the folders of all
modules but the Transformer, whose files are those of GOLDEN/bert, and

  dense.json   versions and seed, and the vectors of the texts of GOLDEN/bert/golden.json

One Dense has a bias and the hyperbolic tangent, one neither, and a Normalize is behind them. The Java test SentenceTransformersModelTest
reads them.
"""

import json
import pathlib
import shutil
import sys
import tempfile

import sentence_transformers
import torch
from sentence_transformers.sentence_transformer import modules as library

SEED = 11


def main():
    golden = pathlib.Path(sys.argv[1])
    torch.manual_seed(SEED)
    bert = golden / "bert"
    texts = json.loads((bert / "golden.json").read_text())
    with tempfile.TemporaryDirectory() as work:
        source, saved = pathlib.Path(work, "source"), pathlib.Path(work, "saved")
        source.mkdir()
        for name in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"):
            shutil.copy(bert / name, source)
        model = sentence_transformers.SentenceTransformer(device="cpu", modules=[
            library.Transformer(str(source)), library.Pooling(24, "mean"),
            library.Dense(24, 10, activation_function=torch.nn.Tanh()),
            library.Dense(10, 7, bias=False, activation_function=torch.nn.Identity()), library.Normalize()])
        model.save(str(saved))
        vectors = sentence_transformers.SentenceTransformer(str(saved), device="cpu").encode(texts["left"] + texts["right"])
        target = golden / "dense"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        shutil.copy(saved / "modules.json", target)
        for folder in sorted(saved.glob("[0-9]_*")):
            shutil.copytree(folder, target / folder.name)
    made = {"versions": {"sentence-transformers": sentence_transformers.__version__, "torch": torch.__version__}, "seed": SEED,
            "vectors": [[float(value) for value in vector] for vector in vectors]}
    (target / "dense.json").write_text(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
