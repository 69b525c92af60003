"""How fast openbadges 1.1.2 is with signed badges. README.md describes the arguments."""
import argparse
import json
from pathlib import Path

from lib.measure import measure
from peer_old import Web, verify

parser = argparse.ArgumentParser()
parser.add_argument("--jws", required=True, type=Path, help="a signed OB 2.0 Assertion, compact")
parser.add_argument("--documents", required=True, type=Path, help="JSON: what is served, as in a request")
parser.add_argument("--seconds", type=float, default=3)
given = parser.parse_args()

jws = given.jws.read_text(encoding="utf-8").strip()
Web.documents = json.loads(given.documents.read_text(encoding="utf-8"))


def verify_signed():
    # With its own cache, unlike the driver: that is how it is meant to run.
    report = verify(jws)["report"]
    if not report["valid"]:
        raise ValueError(report["messages"])


measure("openbadges 1.1.2: verify signed", given.seconds, verify_signed)
