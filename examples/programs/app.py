"""Serves one page that says which process made it, on the port in JOB_PORT, until it is stopped."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        page = f"<!doctype html><title>App</title><p>Process {os.getpid()} served {self.path}</p>\n".encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format, *args):
        print(format % args, flush=True)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
port = int(os.environ["JOB_PORT"])
server = ThreadingHTTPServer(("127.0.0.1", port), Page)
print(f"listening on port {port}", flush=True)
server.serve_forever()
