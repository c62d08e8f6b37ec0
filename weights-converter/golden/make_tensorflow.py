#!/usr/bin/env python3
"""A checkpoint of a tiny BERT as TensorFlow writes it, and what TensorFlow, PyTorch and transformers make of it.

  make_tensorflow.py GOLDEN

Needs tensorflow, torch and transformers. Makes GOLDEN/tensorflow:

  bert_model.ckpt.index, .data-0000N-of-00003   variables under the names of Google's BERT, in float32, float16 and
                                                bfloat16, in three files; with slots of an optimiser and its step
  bert_config.json, vocab.txt                   as in Google's releases
  golden.json   versions and seed
                tensors   by the name in transformers: shape, and CRC-32 of the values as little-endian f32, as
                          TensorFlow reads them back, kernels transposed by numpy
                texts     and for each
                vectors   the mean of the last hidden states of its tokens, in double, by transformers

The Java test TensorFlowGoldenTest reads them.
"""

import json
import pathlib
import sys
import tempfile
import zlib

import numpy as np
import tensorflow as tf
import torch
import transformers

SEED = 20261128
CONFIG = dict(attention_probs_dropout_prob=0.1, hidden_act="gelu", hidden_dropout_prob=0.1, hidden_size=12,
              initializer_range=0.02, intermediate_size=20, max_position_embeddings=24, num_attention_heads=3,
              num_hidden_layers=2, type_vocab_size=2)
VOCAB = "[PAD] [UNK] [CLS] [SEP] [MASK] the a quick brown fox war peace is not ##s ##ing , . ! ?".split()
TEXTS = ["The quick brown fox", "war is not peace", "Foxs, quick!", "a"]
TYPES = [tf.float32, tf.float16, tf.bfloat16]


def shapes():
    hidden, inner, vocab = CONFIG["hidden_size"], CONFIG["intermediate_size"], len(VOCAB)
    yield "bert/embeddings/word_embeddings", [vocab, hidden]
    yield "bert/embeddings/position_embeddings", [CONFIG["max_position_embeddings"], hidden]
    yield "bert/embeddings/token_type_embeddings", [2, hidden]
    yield from norm("bert/embeddings", hidden)
    for i in range(CONFIG["num_hidden_layers"]):
        layer = f"bert/encoder/layer_{i}"
        for part in "query", "key", "value":
            yield from dense(f"{layer}/attention/self/{part}", hidden, hidden)
        yield from dense(f"{layer}/attention/output/dense", hidden, hidden)
        yield from norm(f"{layer}/attention/output", hidden)
        yield from dense(f"{layer}/intermediate/dense", hidden, inner)
        yield from dense(f"{layer}/output/dense", inner, hidden)
        yield from norm(f"{layer}/output", hidden)
    yield from dense("bert/pooler/dense", hidden, hidden)
    yield "cls/predictions/output_bias", [vocab]
    yield from dense("cls/predictions/transform/dense", hidden, hidden)
    yield from norm("cls/predictions/transform", hidden)
    yield "cls/seq_relationship/output_weights", [2, hidden]
    yield "cls/seq_relationship/output_bias", [2]


def dense(name, rows, columns):
    return [(name + "/kernel", [rows, columns]), (name + "/bias", [columns])]


def norm(name, size):
    return [(name + "/LayerNorm/gamma", [size]), (name + "/LayerNorm/beta", [size])]


def save(prefix):
    """Every variable in the next type and file; two have slots of Adam."""
    random = np.random.default_rng(SEED)
    parts = [{}, {}, {}]
    for i, (name, shape) in enumerate(shapes()):
        values = random.normal(1.0 if name.endswith("gamma") else 0.0, 0.3, shape).astype(np.float32)
        parts[i // 20].update({name: tf.cast(tf.constant(values), TYPES[i % 3])})
    for slot in "adam_m", "adam_v":
        for name in "bert/embeddings/LayerNorm/beta", "bert/encoder/layer_0/output/dense/kernel":
            shape = dict(shapes())[name]
            parts[1][f"{name}/{slot}"] = tf.constant(random.normal(0, 1, shape).astype(np.float32))
    parts[2]["global_step"] = tf.constant(1000000, tf.int64)
    with tempfile.TemporaryDirectory() as folder:
        prefixes = []
        for i, part in enumerate(parts):
            prefixes.append(f"{folder}/part{i}")
            tf.raw_ops.SaveV2(prefix=prefixes[-1], tensor_names=list(part), shape_and_slices=[""] * len(part),
                              tensors=list(part.values()))
        tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=prefixes, destination_prefix=str(prefix))


def read(prefix):
    """The weights as TensorFlow reads them, under the names of transformers, in f32."""
    reader = tf.train.load_checkpoint(str(prefix))
    weights = {}
    for name, _ in shapes():
        values = np.asarray(reader.get_tensor(name)).astype(np.float32)
        if name.endswith("/kernel"):
            values, name = values.T, name[:-len("kernel")] + "weight"
        for old, new in ("/", "."), ("layer_", "layer."), ("gamma", "weight"), ("beta", "bias"), \
                ("output_weights", "weight"), ("output_bias", "bias"):
            name = name.replace(old, new)
        weights[name + ".weight" if name.endswith("_embeddings") else name] = np.ascontiguousarray(values)
    return weights


def vectors(folder, weights):
    config = transformers.BertConfig(**CONFIG, vocab_size=len(VOCAB))
    model = transformers.BertForPreTraining(config).double().eval()
    state = {name: torch.from_numpy(values).double() for name, values in weights.items()}
    state["cls.predictions.decoder.weight"] = state["bert.embeddings.word_embeddings.weight"]
    state["cls.predictions.decoder.bias"] = state["cls.predictions.bias"]
    model.load_state_dict(state)
    tokenizer = transformers.BertTokenizer(str(folder / "vocab.txt"))
    with torch.no_grad():
        return [model.bert(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(0).tolist() for text in TEXTS]


def main():
    folder = pathlib.Path(sys.argv[1]) / "tensorflow"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bert_config.json").write_text(json.dumps(dict(CONFIG, vocab_size=len(VOCAB)), indent=2) + "\n")
    (folder / "vocab.txt").write_text("\n".join(VOCAB) + "\n")
    save(folder / "bert_model.ckpt")
    weights = read(folder / "bert_model.ckpt")
    golden = dict(
        versions=dict(tensorflow=tf.__version__, torch=torch.__version__, transformers=transformers.__version__),
        seed=SEED,
        tensors={name: dict(shape=list(values.shape), crc32=zlib.crc32(values.tobytes())) for name, values in weights.items()},
        texts=TEXTS,
        vectors=vectors(folder, weights))
    (folder / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
