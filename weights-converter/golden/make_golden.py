#!/usr/bin/env python3
"""Tiny models with random weights as transformers writes them, and what PyTorch computes with them.

  make_golden.py OUTPUT

Needs PyTorch, transformers and safetensors. Makes OUTPUT/bert and OUTPUT/roberta, each a model directory with

  golden.json            versions and seed; pairs of texts, their token ids, hidden states of every layer of one
                         text, vectors of all texts by pooling, contrastive loss and ten losses under AdamW
  gradients.safetensors  gradient of that loss by every weight

Computed in double and without dropout. The Java test HuggingFaceGoldenTest reads them.
"""

import json
import pathlib
import shutil
import sys

import safetensors.torch
import tokenizers
import torch
import torch.nn.functional as F
import transformers

SEED, TEMPERATURE, LEARNING_RATE, WEIGHT_DECAY, STEPS = 7, 0.2, 1e-3, 0.01, 10
LEFT = ["the cat sat", "A river", "two green birds fly home", "cold", "Bread & salt!", "what is it about"]
RIGHT = ["that cat sits", "the stream", "birds", "it is very cold today", "salt", "naïve questions"]


def word_piece():
    words = "the cat sat a river two green birds fly home cold bread salt what is it that stream".split()
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "!", "&", *letters,
              *("##" + letter for letter in letters), *(w for w in words if len(w) > 1), "##s", "##ing"]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = tokenizers.decoders.WordPiece()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]")


def byte_pairs():
    tokenizer = tokenizers.ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(
        LEFT + RIGHT, vocab_size=290, min_frequency=1, show_progress=False,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    inner = tokenizer._tokenizer
    inner.post_processor = tokenizers.processors.RobertaProcessing(
        ("</s>", inner.token_to_id("</s>")), ("<s>", inner.token_to_id("<s>")))
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="<unk>", pad_token="<pad>", cls_token="<s>",
        sep_token="</s>", mask_token="<mask>", bos_token="<s>", eos_token="</s>")


def fresh(family, tokenizer):
    sizes = dict(
        vocab_size=len(tokenizer), hidden_size=24, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=48, pad_token_id=tokenizer.pad_token_id, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0)
    if family == "bert":
        model = transformers.BertModel(
            transformers.BertConfig(max_position_embeddings=32, **sizes), add_pooling_layer=False)
    else:
        model = transformers.RobertaModel(
            transformers.RobertaConfig(
                max_position_embeddings=34, type_vocab_size=1, layer_norm_eps=1e-5,
                bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, **sizes),
            add_pooling_layer=False)
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            # Everything is away from its usual start: a bias or a gamma that is left out shows.
            weight.normal_(0, 0.25, generator=generator)
            if name.endswith("LayerNorm.weight"):
                weight.add_(1)
    return model.eval()


def hidden_states(model, encoded):
    # One text at a time: nothing is padded.
    return [model(torch.tensor([ids]), output_hidden_states=True).hidden_states for ids in encoded]


def pooled(model, encoded, pooling):
    last = [states[-1][0] for states in hidden_states(model, encoded)]
    return torch.stack([h[0] if pooling == "cls" else h.mean(0) for h in last])


def contrastive(model, encoded):
    unit = F.normalize(pooled(model, encoded, "cls"), dim=1)
    logits = unit @ unit.T / TEMPERATURE
    logits = logits.masked_fill(torch.eye(len(unit), dtype=torch.bool), float("-inf"))
    half = len(unit) // 2
    return F.cross_entropy(logits, torch.arange(2 * half).roll(half))


def golden(family, target):
    tokenizer = word_piece() if family == "bert" else byte_pairs()
    model = fresh(family, tokenizer)
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)
    encoded = [tokenizer(text)["input_ids"] for text in LEFT + RIGHT]
    # The values that were saved, in double from here on.
    model = model.double()
    result = {
        "torch": torch.__version__, "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__, "seed": SEED, "temperature": TEMPERATURE,
        "learningRate": LEARNING_RATE, "weightDecay": WEIGHT_DECAY,
        "left": LEFT, "right": RIGHT, "tokenIds": encoded,
    }
    with torch.no_grad():
        result["hiddenStatesOfFirst"] = [h[0].tolist() for h in hidden_states(model, encoded[:1])[0]]
        result["vectors"] = {p: pooled(model, encoded, p).tolist() for p in ("cls", "mean")}
    loss = contrastive(model, encoded)
    loss.backward()
    result["loss"] = loss.item()
    gradients = {
        name: (torch.zeros_like(p) if p.grad is None else p.grad).float().contiguous()
        for name, p in model.named_parameters()}
    safetensors.torch.save_file(gradients, target / "gradients.safetensors")
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = contrastive(model, encoded)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    result["losses"] = losses
    (target / "golden.json").write_text(json.dumps(result) + "\n")


def main():
    output = pathlib.Path(sys.argv[1])
    for family in ("bert", "roberta"):
        target = output / family
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        golden(family, target)


if __name__ == "__main__":
    main()
