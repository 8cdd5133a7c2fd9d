"""Measures deployed functions beside the same functions with boto3, in one run on one machine.

    python benches/functions/measure.py [--runs N] [--no-build] [--target FOLDER]

builds `quarantine-instance` and `notify` with the profile `lambda`, starts each as Lambda does (environment only, Runtime
API on loopback), and prints a table: size of the binary, time from the start of the process to its first poll of the
Runtime API, resident memory at that poll, and for `notify` the time of the first invocation and the memory after it. Its
SDK calls go to a stub on loopback that answers at once. Starts of both sides alternate, so that a busy machine slows both;
the table has medians.

boto3 has to be installed for the Python that runs this. The goals are those of the project: 6 MB, 1/40 and 1/8.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FUNCTIONS = ("quarantine-instance", "notify")
PAYLOAD = {
    "settings": {"notification_format": "text", "ops_center": "disabled"},
    "execution": "arn:aws:states:eu-central-1:111122223333:execution:cordon-respond-ec2:bench",
    "report": {
        "schema": 1,
        "outcome": "escalated",
        "incident": None,
        "decision": None,
        "owner": None,
        "controls": [],
        "gaps": ["a gap"],
        "residual_paths": [],
    },
}


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Aws(Quiet):
    """DynamoDB and SNS, as far as `notify` needs them."""

    def do_POST(self):
        self.body()
        if self.headers.get("X-Amz-Target", "").startswith("DynamoDB"):
            self.answer(200, b"{}", [("Content-Type", "application/x-amz-json-1.0")])
        else:
            xml = (
                '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>'
                "<MessageId>b1a2</MessageId></PublishResult></PublishResponse>"
            )
            self.answer(200, xml.encode(), [("Content-Type", "text/xml")])


class Runtime(Quiet):
    """The Runtime API of one process: hands out one payload, then keeps the next poll waiting."""

    def do_GET(self):
        run = self.server.run
        run.polls.append(time.perf_counter())
        if len(run.polls) == 1:
            run.polled.set()
            run.go.wait()
            if run.over.is_set():
                return
            deadline = str(int(time.time() * 1000) + 60_000)
            headers = [
                ("Content-Type", "application/json"),
                ("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
                ("Lambda-Runtime-Deadline-Ms", deadline),
                ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:111122223333:function:bench"),
            ]
            run.handed_out = time.perf_counter()
            self.answer(200, json.dumps(PAYLOAD).encode(), headers)
        else:
            run.over.wait()

    def do_POST(self):
        run = self.server.run
        answer = self.body()
        run.answered_at = time.perf_counter()
        run.answer = (self.path.rsplit("/", 1)[-1], answer.decode())
        self.answer(202, b"")
        run.answered.set()


class Run:
    """One start of a process, and one invocation if it is asked for."""

    def __init__(self, command, invoke, endpoint):
        self.polls, self.answer = [], None
        self.polled, self.go, self.answered, self.over = (threading.Event() for _ in range(4))
        server = ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
        server.daemon_threads = True
        server.run = self
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "AKIABENCH",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_ENDPOINT_URL": endpoint,
            "RESPONSE_ACCOUNT": "111122223333",
            "TABLE_NAME": "cordon-incidents",
            "TOPIC_ARN": "arn:aws:sns:eu-central-1:111122223333:cordon-notifications",
            "PATH": os.environ["PATH"],
        }
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            if not self.polled.wait(60):
                process.kill()
                sys.exit(f"{command[0]} does not poll: {process.stderr.read().decode()[-2000:]}")
            self.start_ms = (self.polls[0] - started) * 1000
            self.start_mb = resident(process.pid)
            if invoke:
                self.go.set()
                if not self.answered.wait(60):
                    sys.exit(f"{command[0]} does not answer")
                kind, body = self.answer
                if kind != "response":
                    sys.exit(f"{command[0]} fails: {body}")
                self.invocation_ms = (self.answered_at - self.handed_out) * 1000
                self.invocation_mb = resident(process.pid)
        finally:
            process.kill()
            process.wait()
            self.over.set()
            self.go.set()
            server.shutdown()


def resident(pid):
    """VmRSS in MB (proc(5), `status`: kibibytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    sys.exit(f"/proc/{pid}/status has no VmRSS")


def row(name, ours, peer, unit, goal):
    ratio = f"1/{peer / ours:.0f}" if peer else ""
    beside = f"{peer:,.0f} {unit}" if peer else ""
    print(f"| {name} | {ours:,.1f} {unit} | {beside} | {ratio} | {goal} |")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--runs", type=int, default=15)
    arguments.add_argument("--no-build", action="store_true")
    arguments.add_argument("--target", type=Path, default=Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")))
    given = arguments.parse_args()
    if not given.no_build:
        packages = [argument for function in FUNCTIONS for argument in ("-p", function)]
        environment = os.environ | {"CARGO_TARGET_DIR": str(given.target)}
        subprocess.run(["cargo", "build", "--profile", "lambda", *packages], cwd=ROOT, env=environment, check=True)
    aws = ThreadingHTTPServer(("127.0.0.1", 0), Aws)
    aws.daemon_threads = True
    threading.Thread(target=aws.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{aws.server_port}"
    print("| function | Rust | boto3 | ratio | goal |\n|---|---|---|---|---|")
    for function in FUNCTIONS:
        binary = given.target / "lambda" / function
        peer = HERE / f"boto3_{function.replace('-', '_')}.py"
        invoke = function == "notify"
        ours, theirs = [], []
        for _ in range(given.runs):
            ours.append(Run([str(binary)], invoke, endpoint))
            theirs.append(Run([sys.executable, str(peer)], invoke, endpoint))
        median = lambda runs, field: statistics.median(getattr(run, field) for run in runs)
        row(f"`{function}`: size", binary.stat().st_size / 1e6, None, "MB", "6 MB")
        row(f"`{function}`: start to first poll", median(ours, "start_ms"), median(theirs, "start_ms"), "ms", "1/40")
        row(f"`{function}`: resident memory", median(ours, "start_mb"), median(theirs, "start_mb"), "MB", "1/8")
        if invoke:
            row(f"`{function}`: first invocation", median(ours, "invocation_ms"), median(theirs, "invocation_ms"), "ms", "")
            row(f"`{function}`: memory after it", median(ours, "invocation_mb"), median(theirs, "invocation_mb"), "MB", "1/8")


if __name__ == "__main__":
    main()
