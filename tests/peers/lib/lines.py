"""The protocol: one JSON request a line on stdin, one JSON answer a line on stdout, in order."""
import json
import sys


def _answer(ops, line):
    number = None
    try:
        request = json.loads(line)
        number = request.pop("id", None)
        op = request.pop("op", None)
        if op not in ops:
            raise ValueError(f"unknown op {op}")
        return {"id": number, "ok": True, "result": ops[op](**request)}
    except Exception as error:  # whatever a peer throws is its answer
        return {"id": number, "ok": False, "error": f"{type(error).__name__}: {error}"}


def serve_lines(ops):
    """Answers until stdin ends."""
    # stdout carries the protocol; what peers print goes to stderr.
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(_answer(ops, line)), file=out, flush=True)
