#!/usr/bin/env python3
"""Fuzzes the readers of strangers' bytes with libFuzzer, and shows what their corpora reach.

usage: fuzz.py [--seconds N] [--executions N] [--fast] [--reader NAME]... [--no-build] [--keep]

Builds the readers once with libFuzzer's instrumentation and AddressSanitizer (scratch path
.build-fuzz), then gives each reader N seconds (or N executions), going on from Tests/Fuzzing/Corpus
and what earlier runs left in .build-fuzz/corpus. --fast leaves the sanitizer and the counting of lines
out, in a build of its own: for many executions. Exit code 1: a crash, an endless read, a leak, a time
that does not grow in step with the input, or a corpus that reaches less than 90 % of the lines of its
reader.

What breaks a reader lies in Tests/Fuzzing/Crashers/READER afterwards: commit it together with the
mending; `swift test` then reads it every time. --keep adds to Tests/Fuzzing/Corpus the inputs that
reach something there that no other one does.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SCRATCH = ROOT / ".build-fuzz"
FAST = ROOT / ".build-fuzz-fast"
LEAST = 90.0
# One input may take so long, in seconds, before it counts as endless, on a busy machine.
TIMEOUT = 20


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def toolchain():
    """The folder of Swift's programs, and libFuzzer without a main."""
    info = json.loads(output("swiftc", "-print-target-info"))
    runtime = Path(info["paths"]["runtimeResourcePath"]) / "clang" / "lib"
    name = (f"linux/libclang_rt.fuzzer_no_main-{platform.machine()}.a" if sys.platform == "linux"
            else "darwin/libclang_rt.fuzzer_no_main_osx.a")
    fuzzer = runtime / name
    if not fuzzer.exists():
        sys.exit(f"this Swift toolchain has no libFuzzer: {fuzzer}")
    swiftc = Path(output("swiftc", "-print-target-info") and output("which", "swiftc").strip())
    return swiftc.resolve().parent, fuzzer


def build(fuzzer, is_fast):
    command = ["swift", "build", "--package-path", str(ROOT), "--scratch-path",
               str(FAST if is_fast else SCRATCH), "-c", "release", "--product", "fuzz"]
    more = {"GATE_FUZZER_FAST": "1"} if is_fast else {}
    subprocess.run(command, check=True, env={**os.environ, "GATE_FUZZER": str(fuzzer), **more})


class Reader:
    """One line of `fuzz list`."""

    program = SCRATCH / "release" / "fuzz"

    def __init__(self, line):
        self.name, self.longest, sources = line.split("\t")
        self.sources = [ROOT / "Sources" / path for path in sources.split(",") if path]
        self.corpus = HERE / "Corpus" / self.name
        self.crashers = HERE / "Crashers" / self.name
        self.work = SCRATCH / "corpus" / self.name
        self.profile = SCRATCH / "coverage" / self.name
        self.executions = self.rate = 0

    @staticmethod
    def all():
        return [Reader(line) for line in output(Reader.program, "list").splitlines()]

    @staticmethod
    def environment(**more):
        # A hash of its own in every process would make the same input reach other lines.
        # Swift's own handler of crashes would keep libFuzzer from writing down what crashed.
        return {**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1", "LLVM_PROFILE_FILE": "/dev/null",
                "SWIFT_BACKTRACE": "enable=no", **more}

    def folders(self):
        self.work.mkdir(parents=True, exist_ok=True)
        self.crashers.mkdir(parents=True, exist_ok=True)
        return [str(folder) for folder in [self.work, self.corpus] if folder.exists()]

    def fuzz(self, limits):
        """Runs libFuzzer; whether it found nothing."""
        dictionary = HERE / "Dictionaries" / f"{self.name}.dict"
        arguments = [*limits, f"-timeout={TIMEOUT}", "-rss_limit_mb=2048", "-print_final_stats=1",
                     "-use_value_profile=0", "-reload=0", f"-artifact_prefix={self.crashers}/"]
        if dictionary.exists():
            arguments.append(f"-dict={dictionary}")
        log = SCRATCH / f"{self.name}.log"
        with log.open("w") as stream:
            result = subprocess.run(
                [str(self.program), "run", self.name, *arguments, *self.folders()],
                stdout=stream, stderr=subprocess.STDOUT, env=self.environment(), cwd=ROOT)
        text = log.read_text(errors="replace")
        self.executions = int(re.findall(r"number_of_executed_units: (\d+)", text)[-1:][0]
                              if "number_of_executed_units" in text else 0)
        self.rate = int((re.findall(r"average_exec_per_sec: +(\d+)", text) or [0])[-1])
        if not any(self.crashers.iterdir()):
            self.crashers.rmdir()
        if result.returncode != 0:
            print(f"{self.name}: see {log}\n" + "\n".join(text.splitlines()[-25:]))
        return result.returncode == 0

    def keep(self):
        self.corpus.mkdir(parents=True, exist_ok=True)
        subprocess.run([str(self.program), "keep", self.name, str(self.corpus), str(self.work)],
                       check=True, env=self.environment())

    def coverage(self, programs):
        """The share of its lines that its corpus reaches, in per cent, and what it does not."""
        self.profile.mkdir(parents=True, exist_ok=True)
        raw, merged = self.profile / "raw", self.profile / "merged"
        subprocess.run([str(self.program), "replay", self.name, str(self.corpus)], check=True,
                       stdout=subprocess.DEVNULL, env=self.environment(LLVM_PROFILE_FILE=str(raw)))
        output(programs / "llvm-profdata", "merge", "-o", str(merged), str(raw))
        if not self.sources:
            return 100.0, []
        text = output(programs / "llvm-cov", "export", "-summary-only", str(self.program),
                      f"-instr-profile={merged}", *map(str, self.sources))
        lines = [(Path(file["filename"]).name, file["summary"]["lines"])
                 for file in json.loads(text)["data"][0]["files"]]
        if len(lines) != len(self.sources):
            sys.exit(f"{self.name}: a file of its sources has no coverage; is its name right?")
        total = sum(entry["count"] for _, entry in lines)
        reached = sum(entry["covered"] for _, entry in lines)
        short = [f"{name} {entry['percent']:.0f} %" for name, entry in lines
                 if entry["percent"] < LEAST]
        return 100 * reached / total, short


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--executions", type=int)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--reader", action="append", default=[])
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    programs, fuzzer = toolchain()
    if options.fast:
        Reader.program = FAST / "release" / "fuzz"
    if not options.no_build:
        build(fuzzer, options.fast)
    limits = ([f"-runs={options.executions}"] if options.executions
              else [f"-max_total_time={options.seconds}"])
    readers = [reader for reader in Reader.all()
               if not options.reader or reader.name in options.reader]
    is_good = True
    print(f"{'reader':18} {'executions':>12} {'per second':>11} {'lines':>8}")
    for reader in readers:
        if options.seconds != 0:
            is_good = reader.fuzz(limits) and is_good
        if options.fast:
            print(f"{reader.name:18} {reader.executions:12,} {reader.rate:11,}", flush=True)
            continue
        if options.keep:
            reader.keep()
        share, short = reader.coverage(programs)
        is_good = is_good and share >= LEAST
        print(f"{reader.name:18} {reader.executions:12,} {reader.rate:11,} {share:6.1f} %"
              + (f"  {', '.join(short)}" if short else ""), flush=True)
    if not options.fast and not options.reader:
        print("\nsteps for an input four times as large, by its size (1: linear)")
        growth = subprocess.run([str(Reader.program), "growth"], env=Reader.environment())
        is_good = is_good and growth.returncode == 0
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
