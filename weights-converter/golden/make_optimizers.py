#!/usr/bin/env python3
"""Steps of PyTorch's AdamW with clipping, and rates of transformers' and PyTorch's schedules.

  make_optimizers.py OUTPUT

Needs PyTorch and transformers. Writes OUTPUT/optimizers.json: versions and seed; parameters of a few elements, the
gradients of each step, and the parameters after it, computed in double. The Java test
TorchOptimizerTest reads it.
"""

import json
import pathlib
import sys

import torch
import transformers

SEED, PEAK, WARMUP, STEPS, DECAY, MAX_NORM = 7, 1e-2, 2, 6, 0.1, 0.5


def schedule(optimizer):
    return transformers.get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)


def drawn(generator, size, scale):
    # Floats, so that both sides start from the same numbers.
    return (torch.randn(size, generator=generator) * scale).double()


def train(weight, bias, gradients):
    weight, bias = (torch.nn.Parameter(p.clone()) for p in (weight, bias))
    # As transformers' users set it up: no decay of biases.
    optimizer = torch.optim.AdamW(
        [{"params": [weight], "weight_decay": DECAY}, {"params": [bias], "weight_decay": 0.0}],
        lr=PEAK, betas=(0.9, 0.98), eps=1e-6)
    rates = schedule(optimizer)
    result = []
    for weight_gradient, bias_gradient in gradients:
        weight.grad, bias.grad = weight_gradient.clone(), bias_gradient.clone()
        torch.nn.utils.clip_grad_norm_([weight, bias], MAX_NORM)
        optimizer.step()
        rates.step()
        result.append({"weight": weight.tolist(), "bias": bias.tolist()})
    return result


def rates(make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    scheduler = make(optimizer)
    result = []
    for _ in range(STEPS):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return result


def main():
    generator = torch.Generator().manual_seed(SEED)
    weight, bias = drawn(generator, 17, 1), drawn(generator, 5, 1)
    # The norms are about 4 and 0.2: together over the limit.
    gradients = [(drawn(generator, 17, 1), drawn(generator, 5, 0.1)) for _ in range(STEPS)]
    result = {
        "torch": torch.__version__, "transformers": transformers.__version__, "seed": SEED,
        "peak": PEAK, "warmupSteps": WARMUP, "steps": STEPS, "weightDecay": DECAY, "maxNorm": MAX_NORM,
        "beta1": 0.9, "beta2": 0.98, "epsilon": 1e-6,
        "weight": weight.tolist(), "bias": bias.tolist(),
        "gradients": [{"weight": w.tolist(), "bias": b.tolist()} for w, b in gradients],
        "parameters": train(weight, bias, gradients),
        "linearFromZero": rates(schedule),
        "polynomialDecay": rates(
            lambda optimizer: torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=STEPS, power=1.0)),
    }
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    (output / "optimizers.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
