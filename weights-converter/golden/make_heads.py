#!/usr/bin/env python3
"""Tiny models with the heads of tasks as transformers writes them, and the logits that PyTorch computes with them.

  make_heads.py OUTPUT

Needs PyTorch, transformers and safetensors. Makes OUTPUT/TASK.EXTENSION, four examples in the official form of each task, and
OUTPUT/FAMILY-TASK, a model directory of each family and task with

  golden.json  versions and seed; of each example its token ids and types as transformers' own tokenizer gives them for
               such a task, and its logits: of classes, of the number, of the two ends of each token, of the tags of each token

Computed in double and without dropout. The Java test HeadGoldenTest reads them.
"""

import json
import pathlib
import shutil
import sys

import torch
import transformers

from make_golden import SEED, byte_pairs, word_piece

PAIRS = [("the cat sat", "A cold river"), ("two green birds fly home", "birds"), ("Bread & salt!", "what is it about"),
         ("cold", "naïve questions")]
CLASSES, NUMBERS = ["entailment", "neutral", "contradiction", "neutral"], [0.4, 2.75, 5, 3.2]
SENTENCES = [[("the", "O"), ("Cat", "B-LIVING"), ("sat", "O")], [("two", "B-NUMBER"), ("green", "O"), ("birds", "B-LIVING")],
             [("A", "O"), ("cold", "B-PLACE"), ("river", "I-PLACE")], [("Bread", "O"), ("&", "O"), ("salt", "O")]]
# Not in the order of the alphabet: the model says which number a label has, nobody else.
TAGS = ["O", "B-PLACE", "I-PLACE", "B-NUMBER", "B-LIVING"]


def question(i, asked, passage, answer):
    answers = [{"text": answer, "answer_start": passage.index(answer)}]
    return {"context": passage, "qas": [{"id": str(i), "question": asked, "answers": answers}]}


QUESTIONS = [question(0, "what sat", "the cat sat", "the cat"), question(1, "what fly", "green birds fly home", "green birds"),
             question(2, "it is", "A cold river", "cold"), question(3, "naïve", "Bread & salt!", "salt")]


def data(output):
    rows = [("mnli", "gold_label", CLASSES), ("sts-b", "score", NUMBERS)]
    for task, label, labels in rows:
        lines = [f"index\tsentence1\tsentence2\t{label}"]
        lines += [f"{i}\t{a}\t{b}\t{labels[i]}" for i, (a, b) in enumerate(PAIRS)]
        (output / f"{task}.tsv").write_text("\n".join(lines) + "\n")
    text = "\n\n".join("\n".join(" ".join(word) for word in sentence) for sentence in SENTENCES)
    (output / "tagging.conll").write_text(text + "\n")
    squad = {"version": "1.1", "data": [{"title": "toy", "paragraphs": QUESTIONS}]}
    (output / "squad-1.1.json").write_text(json.dumps(squad, ensure_ascii=False, indent=1) + "\n")


def pair(tokenizer, first, second):
    encoded = tokenizer(first, second, return_token_type_ids=True)
    return encoded["input_ids"], encoded["token_type_ids"]


def words(tokenizer, sentence):
    # As with is_split_into_words, and with add_prefix_space where a tokenizer knows blanks.
    ids = [i for word, _ in sentence for i in tokenizer(" " + word, add_special_tokens=False)["input_ids"]]
    ids = [tokenizer.cls_token_id, *ids, tokenizer.sep_token_id]
    return ids, [0] * len(ids)


def examples(tokenizer, task):
    if task == "squad-1.1":
        return [pair(tokenizer, q["qas"][0]["question"], q["context"]) for q in QUESTIONS]
    if task == "tagging":
        return [words(tokenizer, sentence) for sentence in SENTENCES]
    return [pair(tokenizer, *texts) for texts in PAIRS]


def labels(names):
    return dict(id2label=dict(enumerate(names)), label2id={name: i for i, name in enumerate(names)})


TASKS = {
    "mnli": ("ForSequenceClassification", dict(
        problem_type="single_label_classification", **labels(["entailment", "neutral", "contradiction"]))),
    "sts-b": ("ForSequenceClassification", dict(problem_type="regression", **labels(["LABEL_0"]))),
    "squad-1.1": ("ForQuestionAnswering", {}),
    "tagging": ("ForTokenClassification", labels(TAGS)),
}


def fresh(family, tokenizer, task):
    suffix, asked = TASKS[task]
    config = dict(
        vocab_size=len(tokenizer), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        pad_token_id=tokenizer.pad_token_id, **asked)
    if family == "Bert":
        config = transformers.BertConfig(max_position_embeddings=32, **config)
    else:
        config = transformers.RobertaConfig(
            max_position_embeddings=50, type_vocab_size=1, layer_norm_eps=1e-5, bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id, **config)
    model = getattr(transformers, family + suffix)(config)
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            # Everything is away from its usual start: a bias or a gamma that is left out shows.
            weight.normal_(0, 0.5, generator=generator)
            if name.endswith("LayerNorm.weight"):
                weight.add_(1)
    return model.eval()


def logits(model, task, ids, types):
    types = [min(t, model.config.type_vocab_size - 1) for t in types]
    with torch.no_grad():
        out = model(torch.tensor([ids]), token_type_ids=torch.tensor([types]))
    if task == "squad-1.1":
        return torch.stack([out.start_logits[0], out.end_logits[0]], 1).flatten().tolist()
    return out.logits[0].flatten().tolist()


def golden(family, task, target):
    tokenizer = word_piece() if family == "Bert" else byte_pairs()
    model = fresh(family, tokenizer, task)
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)
    # The values that were saved, in double from here on.
    model = model.double()
    result = {"torch": torch.__version__, "transformers": transformers.__version__, "seed": SEED, "examples": [
        {"ids": ids, "types": types, "logits": [round(x, 8) for x in logits(model, task, ids, types)]}
        for ids, types in examples(tokenizer, task)]}
    (target / "golden.json").write_text(json.dumps(result).replace('{"ids"', '\n{"ids"') + "\n")


def main():
    output = pathlib.Path(sys.argv[1])
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    data(output)
    for family in ("Bert", "Roberta"):
        for task in TASKS:
            golden(family, task, output / f"{family.lower()}-{task}")


if __name__ == "__main__":
    main()
