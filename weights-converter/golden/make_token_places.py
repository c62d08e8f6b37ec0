#!/usr/bin/env python3
"""Where transformers' fast tokenizers say that tokens stand in texts, and how they put two texts together.

  make_token_places.py GOLDEN

Reads GOLDEN/tokenizers.json for the directories of its cases, makes GOLDEN/token-places.json:

  versions  of transformers and tokenizers
  cases     name; files of the directory where it is none of tokenizers.json; texts;
            single  ids and places of each text
            pairs   first, second (numbers of texts), max_length; then ids, types, texts (-1 for special tokens) and
                    places, the longer one cut first

Places are start and end in code points, one after the other. The Java test TokenPlacesGoldenTest reads them.
"""

import json
import os
import pathlib
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import tokenizers
import transformers

HARD = [
    "The quick brown fox, it's Été à la plage!", "", "   ", "e\u0301te\u0301  \u0301lone \u0130stanbul STRASSE stra\u00dfe",
    "中文字符 and ひら 한국 𠀀𪜀", "emoji 😀 👩\u200d👧 🇫🇷 done", "zero\u200bwidth so\u00adft \ufeffbom\u0000 tab\there\nnew",
    "a\u00a0b\u2003c\u3000d", "[MASK] x[MASK]y <mask>  <mask> [SEP]", "ﬁne Ⅷ ½ ﷺ Å", "low lower Lowlow 12 b\r\n\r\nc", "é" * 12]
LENGTHS = [(0, 3, 64), (3, 0, 64), (0, 3, 20), (3, 0, 20), (0, 5, 17), (5, 4, 16), (0, 0, 13), (0, 0, 14), (1, 0, 9), (2, 4, 12),
           (8, 10, 40), (6, 7, 30), (11, 9, 12), (0, 0, 5), (0, 0, 4), (0, 0, 3), (4, 0, 8)]


def characters():
    """A vocabulary of characters and of some longer pieces, so that words fall apart."""
    special = "[PAD] [UNK] [CLS] [SEP] [MASK]".split()
    plain = sorted({c for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!'[]<>éàÉÀİßi\u0307中文字ひら한국𠀀😀👩👧"
                    } | set("\u1112\u1161\u11ab\u1100\u116e\u11a8"))
    words = ["the", "The", "qu", "ick", "low", "ete", "Été", "and", "fi"]
    return "\n".join([*special, *plain, *words, *("##" + p for p in [*plain, *words])]) + "\n"


def directories(golden):
    config = golden["files"]["bert"]
    for name, lower in ("characters, uncased", True), ("characters, cased", False):
        yield name, {"vocab.txt": characters(), "config.json": config, "tokenizer_config.json": {"do_lower_case": lower}}, HARD
    for case in golden["cases"]:
        yield case["name"], case["files"], HARD if case["name"] == "byte-level" else case["texts"]


def flat(offsets):
    return [place for pair in offsets for place in pair]


def encode(tokenizer, texts, pairs):
    single = [tokenizer(text, return_offsets_mapping=True) for text in texts]
    made = []
    for first, second, max_length in pairs:
        shorter = min(len(single[first]["input_ids"]), len(single[second]["input_ids"])) - 2
        room = max_length - tokenizer.num_special_tokens_to_add(pair=True)
        if room < 1:
            continue
        if room % 2 and shorter > room:
            continue  # it stops reading a text that is long enough, and forgets which was the longer one
        out = tokenizer(texts[first], texts[second], max_length=max_length, truncation="longest_first",
                        return_offsets_mapping=True, return_token_type_ids=True)
        made.append({"first": first, "second": second, "max_length": max_length,
                     "ids": out["input_ids"], "types": out["token_type_ids"],
                     "texts": [-1 if s is None else s for s in out.sequence_ids()], "places": flat(out["offset_mapping"])})
    return {"single": [{"ids": s["input_ids"], "places": flat(s["offset_mapping"])} for s in single], "pairs": made}


def main(folder):
    golden = json.loads(pathlib.Path(folder, "tokenizers.json").read_text())
    shared, known = golden["files"], {case["name"] for case in golden["cases"]}
    cases = []
    for name, files, texts in directories(golden):
        pairs = LENGTHS if texts is HARD else [(0, 1, 64), (3, 2, 8)]
        with tempfile.TemporaryDirectory() as directory:
            for file, content in files.items():
                content = shared[content] if isinstance(content, str) and content in shared else content
                pathlib.Path(directory, file).write_bytes((content if isinstance(content, str) else json.dumps(content)).encode())
            tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
            if name == "unigram":
                pairs = []  # its file puts no second text anywhere
            case = {"name": name, **({} if name in known else {"files": files}), "texts": texts}
            cases.append(case | encode(tokenizer, texts, pairs))
    versions = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    pathlib.Path(folder, "token-places.json").write_text('{"versions": %s,\n"cases": [\n%s\n]}\n' % (json.dumps(versions), lines))


main(sys.argv[1])
