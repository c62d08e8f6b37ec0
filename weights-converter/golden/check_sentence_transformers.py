#!/usr/bin/env python3
"""Holds mirror4j against sentence-transformers on small random models of different make.

  check_sentence_transformers.py LAUNCHER [CASE...]

LAUNCHER is the project's ./mirror4j, built; needs sentence-transformers 6. Each case is a directory as people have them. For each the
table shows the largest difference of an element, relative to the largest element of what sentence-transformers makes of the directory:

  convert   sentence-transformers on the directory that 'mirror4j convert' wrote
  embed     'mirror4j embed' on the directory
  both      'mirror4j embed' on the directory that 'mirror4j convert' wrote
  train     sentence-transformers on the directory that 'mirror4j train' wrote at a learning rate of 1e-30, with the model's pooling and length
  whiten    sentence-transformers on the directory that 'mirror4j whiten' wrote from 'convert's, against 'mirror4j embed' on the same

Exit 1 where one is above BOUND or a command fails.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing

os.environ["HF_HUB_OFFLINE"] = "1"

import make_golden
import numpy
import safetensors.torch
import sentence_transformers
import tokenizers
import torch
import transformers
from sentence_transformers.sentence_transformer import modules as library

# Both sides sum in f32 in orders of their own: products of up to 48 terms and two layers of some ten stored results, each off by
# u = 6e-8, add up to some 20 u, more where a LayerNorm divides by a small deviation. 1e-5 is 170 u; a wrong token is off by 1e-2 or more.
BOUND = 1e-5

TEXTS = ["the cat sat", "A River", "two green BIRDS fly home", "cold", "Bread & salt!", "what is it about",
         "the stream " * 16 + "it is very cold", "İstanbul ΣΑΣ", "[MASK] river", ""]

# RoBERTa's library fails on what is longer than its positions where the files say a greater length.
SHORT = [text for text in TEXTS if len(text) < 40]

OLD = "sentence_transformers.models."


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def transformer(folder, family="bert", cased=False, prefix="", more={}):
    """Weights, configuration and tokenizer; cased: a BERT tokenizer of the files of old that does not lower-case."""
    tokenizer = make_golden.word_piece() if family == "bert" else make_golden.byte_pairs()
    model = make_golden.fresh(family, tokenizer)
    model.save_pretrained(folder)
    if cased:
        words = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().get)
        (folder / "vocab.txt").write_text("\n".join(words) + "\n")
        write(folder / "tokenizer_config.json", {"do_lower_case": False, "tokenizer_class": "BertTokenizer"})
    else:
        tokenizer.save_pretrained(folder)
    if prefix or more:
        weights = {prefix + name: weight for name, weight in model.state_dict().items()}
        safetensors.torch.save_file({**weights, **more}, folder / "model.safetensors", {"format": "pt"})
    return model, tokenizer


def modules(folder, paths=("", "1_Pooling"), types=(OLD + "Transformer", OLD + "Pooling", OLD + "Normalize"), pooling=None):
    write(folder / "modules.json",
          [{"idx": i, "name": str(i), "path": path, "type": type} for i, (path, type) in enumerate(zip(paths, types))])
    write(folder / paths[1] / "config.json", pooling or flags("mean"))


def flags(pooling):
    return {"word_embedding_dimension": 24, "pooling_mode_cls_token": pooling == "cls",
            "pooling_mode_mean_tokens": pooling == "mean", "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False}


def saved(folder, family, pooling, normalize, **model):
    """As the installed version itself writes a model."""
    source = folder.with_name(folder.name + "-source")
    source.mkdir()
    transformer(source, family)
    parts = [library.Transformer(str(source), max_seq_length=20, do_lower_case=model.pop("lower", False)),
             library.Pooling(24, pooling), *([library.Normalize()] if normalize else [])]
    sentence_transformers.SentenceTransformer(modules=parts, device="cpu", **model).save(str(folder))


def bert_mean(d):
    transformer(d)
    modules(d)
    write(d / "sentence_bert_config.json", {"max_seq_length": 16, "do_lower_case": False})


def bert_cls_normalize(d):
    transformer(d)
    modules(d, ("", "1_Pooling", "2_Normalize"), pooling=flags("cls"))


def new_names(d):
    transformer(d)
    modules(d, ("", "1_Pooling", "2_Normalize"),
            ("sentence_transformers.base.modules.transformer.Transformer",
             "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
             "sentence_transformers.base.modules.normalize.Normalize"),
            {"embedding_dimension": 24, "pooling_mode": ["mean"], "include_prompt": True})
    write(d / "2_Normalize" / "config.json",
          {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"})


def names_with_file(d):
    transformer(d)
    modules(d, types=(OLD + "Transformer.Transformer", OLD + "Pooling.Pooling"), pooling={"word_embedding_dimension": 24})


def saved_bert(d):
    saved(d, "bert", "mean", True, lower=True, prompts={"query": "cold river ", "passage": ""}, default_prompt_name="query")


def saved_roberta(d):
    saved(d, "roberta", "cls", False, similarity_fn_name="dot", truncate_dim=7)


def folder_of_transformer(d):
    transformer(d / "0_Transformer")
    modules(d, ("0_Transformer", "1_Pooling"), pooling=flags("cls"))
    write(d / "config.json", {"__version__": "0.3.8"})
    write(d / "0_Transformer" / "sentence_bert_config.json", {"max_seq_length": 10, "do_lower_case": False})


def other_folder_of_pooling(d):
    transformer(d)
    modules(d, ("", "2_Pooling"), pooling=flags("cls"))
    write(d / "1_Pooling" / "config.json", flags("mean"))


def roberta_file(d):
    transformer(d, "roberta")
    modules(d, pooling=flags("cls"))
    write(d / "sentence_roberta_config.json", {"max_seq_length": 12})


def distilbert_file(d):
    transformer(d, cased=True)
    modules(d)
    write(d / "sentence_distilbert_config.json", {"max_seq_length": 9, "do_lower_case": True})


def lower_casing(d):
    transformer(d, cased=True)
    modules(d, ("", "1_Pooling", "2_Normalize"))
    write(d / "sentence_bert_config.json", {"max_seq_length": None, "do_lower_case": True})


def lower_casing_roberta(d):
    transformer(d, "roberta")
    modules(d)
    write(d / "sentence_bert_config.json", {"max_seq_length": 24, "do_lower_case": True})


def prompts(d):
    bert_mean(d)
    write(d / "config_sentence_transformers.json",
          {"__version__": {"sentence_transformers": "3.0.0"}, "prompts": {"query": "Cold: ", "passage": "it is "},
           "default_prompt_name": "query", "similarity_fn_name": None})


def truncated(d):
    bert_cls_normalize(d)
    write(d / "config_sentence_transformers.json", {"truncate_dim": 5, "similarity_fn_name": "euclidean"})


def prompt_not_pooled(d):
    transformer(d)
    modules(d, pooling={**flags("mean"), "include_prompt": False})


def length_of_tokenizer(d):
    transformer(d)
    modules(d)
    settings = json.loads((d / "tokenizer_config.json").read_text())
    write(d / "tokenizer_config.json", {**settings, "model_max_length": 8})


def length_of_positions(d):
    transformer(d, "roberta")
    modules(d)
    write(d / "sentence_bert_config.json", {"max_seq_length": 34, "do_lower_case": False})


def plain(d):
    transformer(d)


def added_tokens(d):
    _, tokenizer = transformer(d)
    modules(d)
    tokenizer.add_tokens(["green birds", tokenizers.AddedToken("Bread", lstrip=True, normalized=False)])
    tokenizer.save_pretrained(d)
    grow(d, len(tokenizer))


def added_tokens_of_old(d):
    """added_tokens.json beside a vocab.txt."""
    _, tokenizer = transformer(d, cased=True)
    modules(d)
    write(d / "added_tokens.json", {"Bread": len(tokenizer), "riverbed": len(tokenizer) + 1})
    grow(d, len(tokenizer) + 2)


def grow(d, size):
    config = json.loads((d / "config.json").read_text())
    write(d / "config.json", {**config, "vocab_size": size})
    weights = safetensors.torch.load_file(d / "model.safetensors")
    name = "embeddings.word_embeddings.weight"
    more = torch.randn(size - len(weights[name]), 24, generator=torch.Generator().manual_seed(1))
    weights[name] = torch.cat([weights[name], more])
    safetensors.torch.save_file(weights, d / "model.safetensors", {"format": "pt"})


def dense(d):
    """As the library writes it; what maps the vectors is not tuned, so 'train' refuses it."""
    source = d.with_name(d.name + "-source")
    source.mkdir()
    transformer(source)
    torch.manual_seed(3)
    sentence_transformers.SentenceTransformer(device="cpu", modules=[
        library.Transformer(str(source), max_seq_length=20), library.Pooling(24, "mean"),
        library.Dense(24, 17, activation_function=torch.nn.Tanh()),
        library.Dense(17, 5, bias=False, activation_function=torch.nn.Identity()), library.Normalize()]).save(str(d))


def dense_of_old(d):
    """No activation said, which is the hyperbolic tangent, and no Normalize."""
    transformer(d)
    modules(d, ("", "1_Pooling", "2_Dense"), (OLD + "Transformer", OLD + "Pooling", OLD + "Dense"))
    write(d / "2_Dense" / "config.json", {"in_features": 24, "out_features": 9, "bias": True})
    torch.manual_seed(4)
    linear = torch.nn.Linear(24, 9)
    safetensors.torch.save_file({"linear." + name: value.detach() for name, value in linear.named_parameters()},
                                d / "2_Dense" / "model.safetensors", {"format": "pt"})


def layers(d):
    """As the library writes it, the embeddings among its layers; 'train' would be given the pooling's name alone."""
    source = d.with_name(d.name + "-source")
    source.mkdir()
    model, _ = transformer(source)
    weights = torch.nn.Parameter(torch.tensor([0., 2.] + [0.] * (model.config.num_hidden_layers - 2) + [2.]))
    write(source / "config.json", {**json.loads((source / "config.json").read_text()), "output_hidden_states": True})
    sentence_transformers.SentenceTransformer(device="cpu", modules=[
        library.Transformer(str(source), max_seq_length=20),
        library.WeightedLayerPooling(24, num_hidden_layers=model.config.num_hidden_layers, layer_start=0, layer_weights=weights),
        library.Pooling(24, "mean"), library.Normalize()]).save(str(d))


def prefix(d):
    transformer(d, prefix="bert.", more={"classifier.weight": torch.ones(2, 24), "classifier.bias": torch.ones(2)})
    modules(d)


def prefix_roberta(d):
    transformer(d, "roberta", prefix="roberta.")
    modules(d, ("", "1_Pooling", "2_Normalize"))
    write(d / "sentence_bert_config.json", {"max_seq_length": 20, "do_lower_case": False})


def pickled(d):
    model, _ = transformer(d)
    (d / "model.safetensors").unlink()
    torch.save(model.state_dict(), d / "pytorch_model.bin")
    modules(d)


class Case(typing.NamedTuple):
    """What makes the directory, and what the library's encode() and 'embed' are given."""
    make: typing.Callable
    encode: dict = {}
    embed: list = []
    texts: list = TEXTS
    tuned: bool = True


CASES = {
    "BERT, mean, length": Case(bert_mean),
    "BERT, cls, Normalize": Case(bert_cls_normalize),
    "new names of modules": Case(new_names),
    "names of modules with file": Case(names_with_file),
    "BERT as saved, prompt, lower, Normalize": Case(saved_bert),
    "RoBERTa as saved, truncated": Case(saved_roberta),
    "0_Transformer": Case(folder_of_transformer),
    "2_Pooling": Case(other_folder_of_pooling),
    "sentence_roberta_config.json": Case(roberta_file),
    "sentence_distilbert_config.json, lower": Case(distilbert_file),
    "lower-casing, Normalize": Case(lower_casing),
    "lower-casing, RoBERTa": Case(lower_casing_roberta),
    "default prompt": Case(prompts),
    "prompt by name": Case(prompts, {"prompt_name": "passage"}, ["--prompt-name", "passage"]),
    "prompt as text": Case(prompts, {"prompt": "the "}, ["--prompt", "the "]),
    "prompt switched off": Case(prompts, {"prompt": ""}, ["--prompt", ""]),
    "truncate_dim": Case(truncated),
    "include_prompt false, no prompt": Case(prompt_not_pooled),
    "model_max_length alone": Case(length_of_tokenizer),
    "as long as RoBERTa's positions": Case(length_of_positions, texts=SHORT),
    "no modules": Case(plain),
    "added tokens": Case(added_tokens),
    "added_tokens.json": Case(added_tokens_of_old),
    "Dense as saved, Normalize": Case(dense, tuned=False),
    "2_Dense": Case(dense_of_old, tuned=False),
    "WeightedLayerPooling as saved": Case(layers, tuned=False),
    "prefix bert., a task's head": Case(prefix),
    "prefix roberta.": Case(prefix_roberta),
    "pytorch_model.bin": Case(pickled),
}


def mirror4j(launcher, *arguments):
    run = subprocess.run([launcher, *map(str, arguments)], capture_output=True, text=True)
    if run.returncode != 0:
        raise RuntimeError(next((line for line in run.stderr.splitlines() if line.startswith("mirror4j: ")), run.stderr))


def ours(launcher, model, texts, work, options):
    mirror4j(launcher, "embed", "--model", model, "--input", texts, "--output", work / "vectors.npy", *options)
    return numpy.load(work / "vectors.npy")


def theirs(model, case):
    return sentence_transformers.SentenceTransformer(str(model), device="cpu").encode(case.texts, **case.encode)


def trained(launcher, model, texts, out):
    network = sentence_transformers.SentenceTransformer(str(model), device="cpu")
    pooling, length = network[1].pooling_mode, network.max_seq_length
    mirror4j(launcher, "train", "--model", model, "--corpus", texts, "--output", out, "--pooling", pooling, "--max-length",
             min(length, 32), "--learning-rate", 1e-30, "--epochs", 1, "--batch-size", 4)


def main():
    launcher = str(pathlib.Path(sys.argv[1]).resolve())
    wanted = sys.argv[2:] or list(CASES)
    columns = ("convert", "embed", "both", "train", "whiten")
    print(f"{'case':42}" + "".join(f"{column:>10}" for column in columns))
    worst, failures = 0.0, 0
    for name in wanted:
        case = CASES[name]
        with tempfile.TemporaryDirectory() as work:
            work = pathlib.Path(work)
            model, converted, tuned, whitened = (work / name for name in ("model", "converted", "tuned", "whitened"))
            model.mkdir()
            case.make(model)
            texts = work / "texts.txt"
            texts.write_text("\n".join(case.texts) + "\n")
            expected = theirs(model, case)

            def after_convert():
                mirror4j(launcher, "convert", model, converted)
                return theirs(converted, case)

            def after_train():
                trained(launcher, model if (model / "model.safetensors").exists()
                        or (model / "0_Transformer").exists() else converted, texts, tuned)
                return theirs(tuned, case)

            def after_whiten():
                mirror4j(launcher, "whiten", "--model", converted, "--corpus", texts, "--dimension", 4, "--output", whitened)
                return theirs(whitened, case)

            row, reasons = "", []
            for column, vectors in (
                ("convert", after_convert),
                ("embed", lambda: ours(launcher, model, texts, work, case.embed)),
                ("both", lambda: ours(launcher, converted, texts, work, case.embed)),
                ("train", after_train),
                ("whiten", after_whiten),
            ):
                # embed reads no pickle, it says to convert first; a Dense is not tuned
                if column == "embed" and case.make is pickled or column == "train" and not case.tuned:
                    row += f"{'-':>10}"
                    continue
                try:
                    found = vectors()
                    right = ours(launcher, whitened, texts, work, case.embed) if column == "whiten" else expected
                    difference = float(abs(found - right).max() / abs(right).max())
                    worst = max(worst, difference)
                    wrong = not difference <= BOUND
                    row += f"{difference:10.1e}"
                except (RuntimeError, ValueError) as error:
                    wrong = True
                    reasons.append(f"    {column}: {error}")
                    row += f"{'failed':>10}"
                failures += wrong
            print(f"{name:42}{row}", *reasons, sep="\n" if reasons else "", flush=True)
    print(f"largest difference {worst:.1e} of the largest element, bound {BOUND:.0e}; {failures} wrong;",
          f"sentence-transformers {sentence_transformers.__version__}, transformers {transformers.__version__},",
          f"torch {torch.__version__}")
    sys.exit(failures > 0)


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    main()
