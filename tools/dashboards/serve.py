#!/usr/bin/env python3
"""Draws the dashboards without a Grafana: a page, the files of dashboards/, and a Prometheus behind it, on one port.

    tools/dashboards/serve.py http://127.0.0.1:9090              then open what it prints
    tools/dashboards/serve.py http://127.0.0.1:9090 --shots DIR  headless Chromium takes a picture of each instead

Pictures want Chromium, and a font that has Chinese, since names of scenarios and domains may be: `tests/setup chromium` installs both
(Debian, Ubuntu). `tests/setup node` installs what schema.js beside this file needs.

Beside each picture, what the page says of itself is printed: how many panels it drew, how many are empty, what is cut off.
"""
import argparse
import html
import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
BOARDS = HERE.parent.parent / "dashboards"
TYPES = {".html": "text/html", ".js": "text/javascript", ".json": "application/json"}
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def handler(prometheus):
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, status, kind, body):
            self.send_response(status)
            self.send_header("content-type", f"{kind}; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            path = self.path.split("?")[0]
            name = Path(path).name or "index.html"
            file = (BOARDS if path.startswith("/dashboards/") else HERE) / name
            if file.suffix in TYPES and file.is_file():
                self.answer(200, TYPES[file.suffix], file.read_bytes())
            else:
                self.answer(404, "text/plain", b"nothing there\n")

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            target = prometheus + self.path
            if "/label/" in self.path:
                # Prometheus takes this question by GET only.
                target, body = f"{target}?{body.decode()}", None
            try:
                reply = DIRECT.open(urllib.request.Request(target, data=body), timeout=30)
                self.answer(reply.status, "application/json", reply.read())
            except urllib.error.HTTPError as error:
                self.answer(error.code, "application/json", error.read())

        def log_message(self, *_):
            pass

    return Handler


def shots(address, folder, query, width, only):
    if shutil.which("chromium") is None:
        sys.exit("no chromium here: tests/setup chromium installs it")
    folder.mkdir(parents=True, exist_ok=True)
    found = 0
    for file in sorted(BOARDS.glob("*.json")):
        if only and file.stem not in only:
            continue
        board = json.loads(file.read_text())
        panels = [panel["gridPos"] for panel in board["panels"]]
        height = 46 + 24 + 38 * max(place["y"] + place["h"] for place in panels)
        url = f"{address}/?d={file.stem}&{query}"
        flags = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-proxy-server",
                 f"--window-size={width},{height}", "--virtual-time-budget=60000"]
        picture = folder / f"{file.stem}.png"
        subprocess.run([*flags, f"--screenshot={picture}", url], check=True, capture_output=True, timeout=120)
        dom = subprocess.run([*flags, "--dump-dom", url], check=True, capture_output=True, text=True, timeout=120).stdout
        said = html.unescape(re.search(r'<pre id="report"[^>]*>(.*?)</pre>', dom, re.S).group(1)).strip().splitlines()
        print(f"{file.stem}: {said[0] if said else 'nothing'}", *[f"  {line}" for line in said[1:]], sep="\n")
        found += max(len(said) - 1, 0) if said else 1
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prometheus", help="its URL")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--shots", type=Path, metavar="DIR")
    parser.add_argument("--query", default="", help="what the page's address has after ?d=NAME&, such as since=5m&scrape=1&var-instance=HOST")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="pictures of these alone")
    parser.add_argument("--width", type=int, default=1500)
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), handler(arguments.prometheus.rstrip("/")))
    address = f"http://127.0.0.1:{server.server_port}"
    if arguments.shots is None:
        print(f"{address}/?d=assayd-overview", flush=True)
        server.serve_forever()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.exit(1 if shots(address, arguments.shots, arguments.query, arguments.width, arguments.only) else 0)


if __name__ == "__main__":
    main()
