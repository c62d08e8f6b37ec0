#!/usr/bin/env python3
"""Resident memory and rate of `mirror4j embed` over very many lines.

  many_lines.py --mirror4j ./mirror4j --corpus FILE.txt.gz... --work DIR --output FILE
                [--lines N] [--model NAME] [--precision TYPE] [--threads N]

Lines are windows of four words of the corpora, begun at every second word, as many as are asked
for. The resident set is that of the process, looked at every five seconds; lines done are those of
whole parts. DIR has to have room for the lines and their vectors and is left as it is.
"""

import argparse
import gzip
import json
import pathlib
import subprocess
import time

PART = 100_000
WORDS, STRIDE, EVERY = 4, 2, 5.0


def windows(corpora):
    for corpus in corpora:
        with gzip.open(corpus, "rt", encoding="utf-8") as text:
            for line in text:
                words = line.split()
                for start in range(0, len(words) - WORDS + 1, STRIDE):
                    yield " ".join(words[start : start + WORDS])


def make_lines(corpora, count, path):
    with open(path, "w", encoding="utf-8") as out:
        made = 0
        for line in windows(corpora):
            if made == count:
                return
            out.write(line + "\n")
            made += 1
    if made < count:
        raise SystemExit(f"the corpora give {made} lines, expected {count}")


def resident_kib(process):
    try:
        for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except FileNotFoundError:
        pass
    return None


def at(samples, lines):
    return next(sample["residentKiB"] for sample in samples if sample["lines"] >= lines)


def rate(samples):
    first, last = samples[0], samples[-1]
    # Lines are counted by parts: from the end of one to the end of another.
    last = next(sample for sample in samples if sample["lines"] == last["lines"])
    return round((last["lines"] - first["lines"]) / (last["seconds"] - first["seconds"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror4j", required=True)
    parser.add_argument("--corpus", nargs="+", required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    lines = arguments.work / "lines.txt"
    vectors = arguments.work / "vectors"
    if not lines.exists():
        make_lines(arguments.corpus, arguments.lines, lines)
    options = [
        f"--model={arguments.model}",
        f"--part-lines={PART}",
        "--vectors=f16",
        f"--precision={arguments.precision}",
        f"--threads={arguments.threads}",
    ]
    command = [arguments.mirror4j, "embed", *options]
    samples = []
    begin = time.monotonic()
    process = subprocess.Popen(
        [*command, f"--input={lines}", f"--output={vectors}", "--json"], stdout=subprocess.DEVNULL
    )
    while process.poll() is None:
        resident = resident_kib(process)
        done = PART * sum(1 for _ in vectors.glob("part-*.npy"))
        if resident is not None:
            seconds = round(time.monotonic() - begin, 1)
            samples.append({"seconds": seconds, "lines": done, "residentKiB": resident})
        time.sleep(EVERY)
    seconds = time.monotonic() - begin
    if process.returncode != 0:
        raise SystemExit(f"embed ended with {process.returncode}")
    third = [sample for sample in samples if sample["lines"] >= 2 * arguments.lines / 3]
    result = {
        "command": " ".join(["./mirror4j", "embed", *options, "--input=LINES", "--output=DIR"]),
        "lines": arguments.lines,
        "textBytes": lines.stat().st_size,
        "seconds": round(seconds, 1),
        "linesPerSecond": round(arguments.lines / seconds),
        "linesPerSecondOfLastThird": rate(third),
        "residentKiB": {
            "firstPart": at(samples, PART),
            "half": at(samples, arguments.lines / 2),
            "end": samples[-1]["residentKiB"],
        },
        "samples": samples[::6] + samples[-1:],
    }
    arguments.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
