# What schemathesis needs to get past the doors: requests of desks are signed (RFC 9421, as docs/server.md says), all others carry a token; and
# half of the ids are such as there are. See tests/tests/server/openapi.rs.
import base64
import hashlib
import os
import random
import secrets
import time
from urllib.parse import urlsplit

import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from requests.auth import AuthBase

TOKEN, DID = os.environ["SATCHEL_TOKEN"], os.environ["SATCHEL_DID"]
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(os.environ["SATCHEL_SEED"]))
IDS = os.environ["SATCHEL_IDS"].split(",")
CHOICE = random.Random(1)


def sign(request):
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    if not isinstance(body, bytes):
        return
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    key = f"{DID}#{DID.removeprefix('did:key:')}"
    parameters = (
        '("@method" "@target-uri" "content-digest");'
        f'created={int(time.time())};keyid="{key}";alg="ed25519";nonce="{secrets.token_urlsafe(24)}";tag="satchel-desk"'
    )
    base = (
        f'"@method": {request.method}\n"@target-uri": {request.url}\n'
        f'"content-digest": sha-256=:{digest}:\n"@signature-params": {parameters}'
    )
    signature = base64.b64encode(KEY.sign(base.encode())).decode()
    request.headers["Content-Digest"] = f"sha-256=:{digest}:"
    request.headers["Signature-Input"] = f"desk={parameters}"
    request.headers["Signature"] = f"desk=:{signature}:"


class Caller(AuthBase):
    def __call__(self, request):
        path = urlsplit(request.url).path
        if path.startswith("/api/v1/issuers/"):
            sign(request)
        elif path.startswith("/api/v1/"):
            request.headers["Authorization"] = f"Bearer {TOKEN}"
        return request


schemathesis.auth.set_from_requests(Caller())


@schemathesis.hook
def before_call(context, case, kwargs):
    parameters = case.path_parameters or {}
    if "did" in parameters and CHOICE.random() < 0.95:
        parameters["did"] = DID
    # A device is never one there is: ours would end.
    if "id" in parameters and (CHOICE.random() < 0.5 or case.operation.path.startswith("/api/v1/devices/")):
        parameters["id"] = CHOICE.choice(IDS)
    if isinstance(case.query, dict) and "wait" in case.query:
        # Waiting has a test of its own.
        case.query["wait"] = 0 if CHOICE.random() < 0.5 else 26
