#!/usr/bin/env python3
"""What transformers predicts where texts have [MASK].

  fill_mask.py OUTPUT MODEL...

Needs torch and transformers. MODEL is a directory in HuggingFace's layout whose folder, or the one around a folder
'model', is called as the model is. Makes OUTPUT, JSON:

  versions
  models   by name: for each of TEXTS, and each [MASK] of it, the TOP tokens of the highest probability (softmax over
           all tokens, in double, of the logits of BertForMaskedLM in f32): tokens, ids, probabilities

The Java test FillMaskGoldenTest reads it.
"""

import json
import pathlib
import sys

import torch
import transformers

TOP = 5
TEXTS = [
    "Paris is the capital of [MASK].",
    "The capital of Norway is [MASK].",
    "She put the kettle on and made a cup of [MASK].",
    "[MASK] is the largest planet of the solar system.",
    "The children were play[MASK] in the garden.",
    "The doctor told [MASK] patient to stay in bed.",
    "He opened the door with his [MASK] and went in.",
    "Water freezes at zero [MASK] Celsius.",
    "It rained all night, so the streets were [MASK]!",
    "The play was written by William [MASK] in 1603.",
    "I would like to [MASK] a table for two, please.",
    "Two plus two is [MASK], and three more is seven.",
    "[MASK] upon a time there was a king who had three [MASK].",
    "The train from [MASK] to [MASK] was late again.",
    "Super Bowl 50 was [MASK] [MASK] [MASK] [MASK] to determine the champion",
    "\"To be or not to be,\" he said, \"that is the [MASK].\"",
    "Die Hauptstadt von Frankreich ist [MASK].",
    "El ni\u00f1o come una [MASK] roja en el jard\u00edn.",
    "[MASK]",
    "The river runs through the old town, past the mill and the stone bridge that the bishop had built in the "
    "twelfth century, and then turns south towards the [MASK], where the fishing boats lie at anchor for most of "
    "the winter.",
]


def name(directory):
    path = pathlib.Path(directory).resolve()
    return path.parent.name if path.name == "model" else path.name


def predict(model, tokenizer, text):
    inputs = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        logits = model(**inputs).logits[0].double()
    masks = (inputs.input_ids[0] == tokenizer.mask_token_id).nonzero()[:, 0]
    predicted = []
    for probabilities, ids in (logits[row].softmax(0).topk(TOP) for row in masks):
        predicted.append(dict(tokens=tokenizer.convert_ids_to_tokens(ids.tolist()), ids=ids.tolist(),
                              probabilities=[round(p, 8) for p in probabilities.tolist()]))
    return dict(text=text, masks=predicted)


def main(output, *directories):
    models = {}
    for directory in directories:
        tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
        model = transformers.AutoModelForMaskedLM.from_pretrained(directory).eval()
        models[name(directory)] = [predict(model, tokenizer, text) for text in TEXTS]
    versions = dict(torch=torch.__version__, transformers=transformers.__version__)
    # One mask a line.
    lines = json.dumps(dict(versions=versions, models=models), ensure_ascii=True).replace('{"tokens"', '\n{"tokens"')
    pathlib.Path(output).write_text(lines.replace('{"text"', '\n{"text"') + "\n")


main(*sys.argv[1:])
