#!/usr/bin/env python3
"""Small tokenizers in the forms in which model directories hold them, and the ids that transformers gives.

  make_tokenizers.py OUTPUT

Needs transformers, and sentencepiece for the map of characters. Makes OUTPUT/tokenizers.json:

  versions  of transformers and tokenizers
  files     contents that several cases share, by name
  cases     name; files of the directory, content or the name of a shared one; texts; ids of each text

A vocab.txt or merges.txt is a text, all others are JSON. The Java test TokenizerGoldenTest reads them.
"""

import base64
import json
import os
import pathlib
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import sentencepiece
import tokenizers
import transformers

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the big cat ##s a b [ ] < > foo ete".split()
TEXTS = ["the bigcat Bigcat xbigcat bigcats", "thebigcat a", "the  <e1>  <e2>  foo", "Été a", "a [MASK]  b"]
PLAIN = dict(lstrip=False, rstrip=False, normalized=True, single_word=False, special=False)
BPE_TEXTS = ["low lower", " low", "low <mask> low", "<s> low", "x  low"]
UNIGRAM_TEXTS = ["the ｑuick  ﬁne fox", "  é é   ", "river <mask>  bank", "①—２ \u3000x", "é  ", "中 é é  <mask>  "]


def added(i, content, **flags):
    return {"id": i, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": True, **flags}


def config(model_type, **more):
    return dict(model_type=model_type, vocab_size=400, hidden_size=16, num_hidden_layers=1, num_attention_heads=4,
                intermediate_size=32, max_position_embeddings=40, **more)


def decoder(**flags):
    return {"added_tokens_decoder": {str(len(WORDS)): {"content": "bigcat", **PLAIN, **flags}}}


def byte_level():
    pieces, shifted = ["<s>", "<pad>", "</s>", "<unk>"], 256
    for b in range(256):
        printable = 33 <= b <= 126 or 161 <= b <= 172 or b >= 174
        pieces.append(chr(b if printable else shifted))
        shifted += not printable
    return {piece: i for i, piece in enumerate([*pieces, "lo", "low", "Ġlow", "er", "<mask>"])}


def unigram():
    """As XLM-RoBERTa's, with a map of few characters that sentencepiece has made."""
    rules = {"ａ": "a", "ｑ": "q", "ﬁ": "fi", "①": "1", "２": "2", "e\u0301": "é", "\u3000": " ", "—": "-"}
    with tempfile.TemporaryDirectory() as folder:
        points = lambda text: " ".join(f"{ord(c):X}" for c in text)
        lines = [f"{points(k)}\t{points(v)}\n" for k, v in rules.items()]
        pathlib.Path(folder, "rules.tsv").write_text("".join(lines))
        pathlib.Path(folder, "corpus").write_text("the quick brown fox jumps over a river bank é fine\n" * 50)
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/corpus", model_prefix=f"{folder}/m", vocab_size=60, minloglevel=2,
            hard_vocab_limit=False, normalization_rule_tsv=f"{folder}/rules.tsv")
        read = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/m.model")
        pieces = [[read.id_to_piece(i), read.get_score(i)] for i in range(3, read.get_piece_size())]
        # normalizer_spec (field 3) holds precompiled_charsmap (field 2).
        proto = dict(fields(pathlib.Path(folder, "m.model").read_bytes()))
        charsmap = base64.b64encode(dict(fields(proto[3]))[2]).decode()
    vocab = [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], *pieces, ["<mask>", 0.0]]
    around = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
              {"SpecialToken": {"id": "</s>", "type_id": 0}}]
    special = {t: {"id": t, "ids": [i], "tokens": [t]} for t, i in (("<s>", 0), ("</s>", 2))}
    tokens = [added(i, t) for i, t in enumerate(["<s>", "<pad>", "</s>", "<unk>"])]
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [*tokens, added(len(vocab) - 1, "<mask>", lstrip=True)],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Precompiled", "precompiled_charsmap": charsmap},
            {"type": "Strip", "strip_left": False, "strip_right": True},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {"type": "TemplateProcessing", "single": around, "pair": around, "special_tokens": special},
        "decoder": None,
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocab, "byte_fallback": False}}


def fields(message):
    """Numbers and values of a protocol buffer's fields."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = number()
        if tag & 7 == 0:
            yield tag >> 3, number()
        else:
            size = {1: 8, 5: 4}.get(tag & 7) or number()
            yield tag >> 3, message[at:at + size]
            at += size


def shared_files():
    bpe = byte_level()
    merges = ["l o", "lo w", "Ġ low", "e r"]
    tokens = [added(bpe[t], t, lstrip=t == "<mask>") for t in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
    roberta = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": True,
                           "add_prefix_space": True},
        "decoder": None,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                  "end_of_word_suffix": "", "fuse_unk": False, "vocab": bpe, "merges": merges}}
    return {"words": "\n".join(WORDS) + "\n", "bert": config("bert"), "roberta": config("roberta"),
            "xlm": config("xlm-roberta"), "bpe": bpe, "merges": "\n".join(["#version: 0.2", *merges]) + "\n",
            "roberta-tokenizer": roberta, "unigram": unigram()}


def cases():
    n = len(WORDS)
    word_piece = {"vocab.txt": "words", "config.json": "bert"}

    def bert(name, texts=TEXTS, **files):
        return name, {**word_piece, **{f"{k}.json": v for k, v in files.items()}}, texts

    tc, stm = "tokenizer_config", "special_tokens_map"
    yield bert("plain")
    yield bert("added_tokens.json", added_tokens={"bigcat": n})
    yield bert("added_tokens.json names a special token",
               added_tokens={"<e1>": n}, **{stm: {"additional_special_tokens": ["<e1>"]}})
    yield bert("decoder", **{tc: decoder()})
    yield bert("decoder: not normalized", **{tc: decoder(normalized=False)})
    yield bert("decoder: single word", **{tc: decoder(single_word=True)})
    yield bert("decoder: strips", **{tc: decoder(lstrip=True, rstrip=True)})
    yield bert("decoder outranks added_tokens.json and the map", added_tokens={"the": 5, "foo": n},
               **{tc: decoder(), stm: {"additional_special_tokens": ["<e1>"]}})
    yield bert("decoder names a piece", **{tc: {"added_tokens_decoder": {"15": {"content": "foo", **PLAIN}}}})
    yield bert("special tokens in the configuration", **{tc: {"additional_special_tokens": ["<e1>", "<e2>"]}})
    yield bert("special tokens by name", **{tc: {"extra_special_tokens": {"one_token": "<e1>"}, "bos_token": "<e2>"}})
    yield bert("mask with flags", **{tc: {"mask_token": {
        "__type": "AddedToken", "content": "[MASK]", **PLAIN, "normalized": False, "lstrip": True, "rstrip": True}}})
    yield bert("not lower-cased", **{tc: {"do_lower_case": False}})
    yield bert("accents kept", **{tc: {"strip_accents": False}})
    yield "line ends of Windows", {**word_piece, "vocab.txt": "\r\n".join(WORDS) + "\r\n"}, TEXTS
    yield "a piece twice, an empty line", {**word_piece, "vocab.txt": "\n".join([*WORDS, "", "the"])}, TEXTS

    def roberta(name, texts=BPE_TEXTS, **files):
        return name, {"config.json": "roberta", **{f"{k}.json": v for k, v in files.items()}}, texts

    plain = {"vocab.json": "bpe", "merges.txt": "merges", "config.json": "roberta"}
    yield "byte-level", {**plain, "tokenizer_config.json": {"mask_token": {
        "__type": "AddedToken", "content": "<mask>", **PLAIN, "normalized": False, "lstrip": True}}}, BPE_TEXTS
    yield "byte-level, space first", {**plain, "tokenizer_config.json": {"add_prefix_space": True, "mask_token": {
        "__type": "AddedToken", "content": "<mask>", **PLAIN, "normalized": False, "lstrip": True}}}, BPE_TEXTS
    yield roberta("configuration adds a space", tokenizer="roberta-tokenizer", **{tc: {"add_prefix_space": True}})
    yield roberta("configuration adds no space", tokenizer="roberta-tokenizer", **{tc: {"add_prefix_space": False}})
    yield "unigram", {"config.json": "xlm", "tokenizer.json": "unigram", "tokenizer_config.json": {
        "tokenizer_class": "PreTrainedTokenizerFast", "cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>",
        "mask_token": "<mask>", "unk_token": "<unk>"}}, UNIGRAM_TEXTS


def ids(files, texts, shared):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            content = shared[content] if isinstance(content, str) and content in shared else content
            text = content if isinstance(content, str) else json.dumps(content)
            pathlib.Path(folder, name).write_bytes(text.encode())
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        return [tokenizer(text)["input_ids"] for text in texts]


def main(output):
    shared = shared_files()
    made = [{"name": name, "files": files, "texts": texts, "ids": ids(files, texts, shared)}
            for name, files, texts in cases()]
    versions = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in made)
    pathlib.Path(output, "tokenizers.json").write_text(
        '{"versions": %s,\n"files": %s,\n"cases": [\n%s\n]}\n'
        % (json.dumps(versions), json.dumps(shared, ensure_ascii=False), lines))


main(sys.argv[1])
