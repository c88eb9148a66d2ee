#!/usr/bin/env python3
"""A host in its smallest form, with Python's standard library only: spawn the launcher, submit a job, follow it, stop.

Usage: host.py [COMMAND]
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

JOB_LAUNCHER = os.environ.get(
    "JOB_LAUNCHER", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/job-launcher")
)
SETTINGS = """[Launcher]
ConfigDir = {folder}/launcher
ScratchPath = {folder}/jobs
"""


class UnixConnection(http.client.HTTPConnection):
    """An HTTP connection over the launcher's socket."""

    def __init__(self, path):
        super().__init__("launcher")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def start(settings):
    """Spawns the launcher and waits for its ready line. It stops when our end of its standard input is closed."""
    child = subprocess.Popen(
        [JOB_LAUNCHER, "serve", "--settings", settings, "--supervised"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # its log, a JSON object a line; a real host keeps it
    )
    line = json.loads(child.stdout.readline() or '{"event":"failed","message":"the launcher ended"}')
    if line["event"] != "ready":
        sys.exit(f"the launcher cannot start: {line['message']}")
    return child, line


def call(address, method, path, body=None):
    """Sends one call and returns the reply, open for reading."""
    connection = UnixConnection(address)
    headers = {} if body is None else {"content-type": "application/json"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    reply = connection.getresponse()
    if reply.status >= 300:
        problem = json.load(reply)
        sys.exit(f"{problem['code']}: {problem['detail']}")
    return reply


def main(command):
    folder = tempfile.mkdtemp(prefix="host-")
    settings = os.path.join(folder, "host.gcfg")
    with open(settings, "w") as file:
        file.write(SETTINGS.format(folder=folder))
    child, ready = start(settings)
    try:
        address = ready["address"]
        print(f"ready at {address}", flush=True)

        job = json.load(call(address, "POST", "/v1/jobs", {"name": "hello", "command": command, "tags": ["example"]}))
        print(f"submitted {job['id']}", flush=True)

        output = call(address, "GET", f"/v1/jobs/{job['id']}/output?stream=stdout&follow=true")
        while piece := output.read1():
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()

        # The output is complete when the program has ended; the stream of events ends with the final status.
        events = call(address, "GET", f"/v1/jobs/{job['id']}/events")
        for line in events:
            if line.startswith(b"data: "):
                job = json.loads(line[6:])
        print(f"{job['status']}, exit code {job.get('exitCode')}, {job['reason']}")
        return job.get("exitCode", 1)
    finally:
        child.stdin.close()
        child.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else 'echo "Hello from job $$"; sleep 1; echo "and goodbye"'))
