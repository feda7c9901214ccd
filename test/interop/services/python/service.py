"""One hop of the relay in Python: Flask and requests, instrumented from outside by opentelemetry-instrument."""

import sys

import requests
from flask import Flask, jsonify, request
from opentelemetry import baggage
from werkzeug.serving import make_server

app = Flask("relay")


@app.get("/")
def relay():
    following, _, rest = request.args.get("route", "").partition(" ")
    answer = {"name": "python", "baggage": dict(baggage.get_all())}
    if following:
        response = requests.get(following, params={"route": rest}, timeout=60)
        response.raise_for_status()
        answer["below"] = response.json()
    return jsonify(answer)


server = make_server("127.0.0.1", 0, app, threaded=True)
print(f"listening {server.server_port}", flush=True)
sys.exit(server.serve_forever())
