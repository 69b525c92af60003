"""How fast openbadgeslib and openbadges-bakery 2.0 are. README.md describes the arguments."""
import argparse
import io
from pathlib import Path

from lib import offline  # noqa: F401, cuts off the network
from lib.measure import measure

import openbadges_bakery
from openbadgeslib.verify import verify_badge

parser = argparse.ArgumentParser()
parser.add_argument("--badge", required=True, type=Path, help="a baked OB 3.0 PNG of a did:key issuer")
parser.add_argument("--assertion", required=True, type=Path, help="an OB 2.0 Assertion, JSON")
parser.add_argument("--png", required=True, type=Path, help="the picture to bake into")
parser.add_argument("--seconds", type=float, default=3)
given = parser.parse_args()

badge = given.badge.read_bytes()
picture = given.png.read_bytes()
assertion = given.assertion.read_text(encoding="utf-8")


def verify():
    answer = verify_badge(badge, "3", resolve_did=True)
    if not answer.valid:
        raise ValueError(answer.reason)


def bake():
    return openbadges_bakery.bake(io.BytesIO(picture), assertion).read()


measure("openbadgeslib: verify baked PNG", given.seconds, verify)
measure("openbadges-bakery 2.0: bake", given.seconds, bake)
baked = bake()
measure("openbadges-bakery 2.0: unbake", given.seconds, lambda: openbadges_bakery.unbake(io.BytesIO(baked)))
