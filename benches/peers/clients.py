"""The clients that are measured: how each is started on a load, and how its own figures are read.

A new one is a class with `command` and `figures`, and a line in `CLIENTS`. Figures are durations in nanoseconds under
`ttft_ns`, `gap_ns` and `e2e_ns`, each {p50, p99}; what a client does not tell is none.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import stored

PROMPT_WORDS = 56


class Floor:
    """benches/peers/floor."""

    def __init__(self, tools):
        self.program = tools.floor

    def command(self, load, address, folder):
        return [self.program, address, str(load.streams), str(load.requests), str(load.tokens)], {}

    def figures(self, folder):
        return json.loads((folder / "stdout").read_text())


class Assayd:
    """The whole of it: answers parsed, graded, priced, and every one of them journaled before it counts."""

    def __init__(self, tools):
        self.program = tools.assayd

    def command(self, load, address, folder):
        with open(folder / "items.jsonl", "w", encoding="utf-8") as items:
            for n in range(load.requests):
                a, b = 10 + n % 90, 11 + n % 80
                prompt = f"[{n:06}] {'hello ' * PROMPT_WORDS}What is {a} + {b}?"
                items.write(json.dumps({"id": f"i{n}", "prompt": prompt, "answer": str(a + b)}) + "\n")
        (folder / "assayd.toml").write_text(f"""
[target.mock]
api = "openai-chat"
url = "http://{address}/v1"
model = "mock"
proxy = false
sampling = {{ max_tokens = {load.tokens} }}
price.tokens = {{ input = "1 USD", output = "4 USD" }}

[scenario.sums]
dataset = {{ format = "jsonl", path = "items.jsonl" }}
scorer = "number"

[workload.closed]
arrival = {{ kind = "closed", concurrency = {load.streams} }}

[[run]]
targets = ["*"]
scenarios = ["*"]
workload = "closed"
""", encoding="utf-8")
        return [self.program, "run", "-c", "assayd.toml", "--format", "json"], {}

    def figures(self, folder):
        found = stored.figures(folder / "assayd.db")
        # What it publishes, from histograms of bounded error.
        report = json.loads((folder / "stdout").read_text())["reports"][0]
        rows = [row for row in report["rows"] if row["domain"] is None and row["split"] is None]
        names = {"ttft": "first_token_seconds", "gap": "inter_token_seconds", "e2e": "duration_seconds"}
        found["published"] = {name: rows[0][field] for name, field in names.items()}
        found["failed"] += found["requests"] - found["correct"]
        return found


class GuideLlm:
    """GuideLLM, with its report of every request."""

    package = "guidellm==0.8.1"

    def __init__(self, tools):
        self.program = installed(tools.peers, "guidellm", self.package)

    def command(self, load, address, folder):
        with open(folder / "prompts.jsonl", "w", encoding="utf-8") as prompts:
            # More than are asked: it looks ahead, and does not begin again.
            for n in range(2 * load.requests):
                row = {"prompt": f"[{n:06}] " + "hello " * PROMPT_WORDS, "prompt_tokens_count": 64,
                       "output_tokens_count": load.tokens}
                prompts.write(json.dumps(row) + "\n")
        return [
            self.program / "guidellm", "run",
            "--backend", f"kind=openai_http,target=http://{address},max_tokens={load.tokens}",
            "--profile", f"kind=concurrent,streams={load.streams}",
            "--constraint", f"kind=max_requests,count={load.requests}",
            "--data", f"kind=json_file,path={folder}/prompts.jsonl",
            "--output", f"kind=json,path={folder}/report.json",
            "--disable-console",
        ], {"HF_HUB_OFFLINE": "1"}

    def figures(self, folder):
        metrics = json.loads((folder / "report.json").read_text())["benchmarks"][0]["metrics"]

        def of(name, nanos):
            found = metrics[name]["successful"]["percentiles"]
            return {q: found[q] * nanos for q in ("p50", "p99")}

        return {
            "requests": metrics["request_totals"]["successful"],
            "failed": metrics["request_totals"]["errored"],
            "ttft_ns": of("time_to_first_token_ms", 1e6),
            "gap_ns": None,  # Only a mean for each request.
            "e2e_ns": of("request_latency", 1e9),
        }


class AiPerf:
    """AIPerf, with its exports as they are by default."""

    package = "aiperf==0.13.0"

    def __init__(self, tools):
        self.program = installed(tools.peers, "aiperf", self.package)
        self.tokenizer = tools.peers / "aiperf" / "tokenizer"
        if not self.tokenizer.is_dir():
            subprocess.run([self.program / "python", "-c", TOKENIZER, str(self.tokenizer)], check=True)

    def command(self, load, address, folder):
        with open(folder / "prompts.jsonl", "w", encoding="utf-8") as prompts:
            for n in range(2 * load.requests):
                row = {"text": f"[{n:06}] " + "hello " * PROMPT_WORDS, "output_length": load.tokens}
                prompts.write(json.dumps(row) + "\n")
        return [
            self.program / "aiperf", "profile", "-m", "mock", "--url", f"http://{address}", "--endpoint-type", "chat",
            "--streaming", "--concurrency", str(load.streams), "--request-count", str(load.requests),
            "--input-file", folder / "prompts.jsonl", "--custom-dataset-type", "single-turn",
            "--use-server-token-count", "--tokenizer", self.tokenizer, "--use-legacy-max-tokens",
            "--no-gpu-telemetry", "--no-server-metrics", "--ui", "none", "--artifact-dir", folder / "artifacts",
        ], {}

    def figures(self, folder):
        report = json.loads((folder / "artifacts" / "profile_export_aiperf.json").read_text())

        def of(name):
            return {q: report[name][q] * 1e6 for q in ("p50", "p99")}

        return {
            "requests": report["request_count"]["avg"],
            "failed": report.get("error_request_count", {}).get("avg", 0),
            "ttft_ns": of("time_to_first_token"),
            "gap_ns": of("inter_chunk_latency"),
            "e2e_ns": of("request_latency"),
        }


CLIENTS = {"floor": Floor, "assayd": Assayd, "guidellm": GuideLlm, "aiperf": AiPerf}
PEERS = ("guidellm", "aiperf")

# A tokenizer for AIPerf that no hub is asked for: one token a word.
TOKENIZER = """
import sys
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
words = {word: i for i, word in enumerate(["<unk>", "<s>", "</s>", "hello"])}
made = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
fast = PreTrainedTokenizerFast(tokenizer_object=made, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="</s>")
fast.save_pretrained(sys.argv[1])
"""


def installed(folder, name, package):
    """The programs of a package, in an environment of its own, installed from PyPI when it is missing."""
    programs = folder / name / "bin"
    done = folder / name / f"{package}.installed"
    if not done.exists():
        print(f"installing {package} into {folder / name}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder / name], check=True)
        subprocess.run([programs / "pip", "install", "--quiet", package], check=True)
        done.touch()
    return Path(os.path.abspath(programs))
