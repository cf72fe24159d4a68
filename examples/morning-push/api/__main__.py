"""python3 -m api: serves on $PORT (8080)."""

import json
import os
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from api import payouts
from lib.database import connect


class Handler(BaseHTTPRequestHandler):
    """POST /payouts, GET /payouts/ID, GET /healthz."""

    def answer(self, status, body):
        """Sends a JSON body."""
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):  # noqa: N802
        """Health, and one payout."""
        if self.path == "/healthz":
            connect().execute("SELECT count(*) FROM payouts").fetchone()
            self.answer(200, {"revision": os.environ.get("REVISION", "")})
            return
        match = re.fullmatch(r"/payouts/(\d+)", self.path)
        found = payouts.read(connect(), int(match[1])) if match else None
        if found is None:
            self.answer(404, {"error": "no such payout"})
        else:
            self.answer(200, found)

    def do_POST(self):  # noqa: N802
        """A new payout."""
        try:
            size = int(self.headers["Content-Length"])
            self.answer(201, payouts.create(connect(), json.loads(self.rfile.read(size))))
        except (KeyError, TypeError, ValueError) as error:
            self.answer(400, {"error": str(error)})

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        """Kubernetes keeps standard error; a line for each request is the proxy's business."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()
