"""openbadges 1.1.2, 1EdTech's own OB 2.0 validator, behind one process. README.md describes the requests."""
import io
import json
from base64 import b64decode

import requests
from urllib3 import HTTPResponse

from lib import offline
from lib.lines import serve_lines

from openbadges.verifier.verifier import verify
from openbadges_bakery import unbake

PNG = "iVBORw0KGgo"  # how base64 of every PNG begins


class Web:
    """All of the web there is: the contexts, and the documents of one request."""

    contexts = offline.contexts()
    documents = {}

    @classmethod
    def send(cls, adapter, request, **_options):
        document = cls.documents.get(request.url, cls.contexts.get(request.url))
        if document is None:
            raise requests.ConnectionError(f"offline: {request.url}")
        if isinstance(document, dict):
            body, kind = b64decode(document["base64"]), document["content_type"]
        else:
            body, kind = document.encode(), "application/ld+json"
        return adapter.build_response(request, HTTPResponse(
            io.BytesIO(body), {"Content-Type": kind}, 200, preload_content=False))


# In the class, because openbadges has made sessions of its own when it was imported.
requests.adapters.HTTPAdapter.send = lambda adapter, request, **options: Web.send(adapter, request, **options)


def hosted(text, documents):
    """A hosted Assertion is fetched again; unless the request serves another one, it is served as given."""
    try:
        url = json.loads(text).get("id")
    except ValueError:  # a JWS or a URL, not hosted here
        return documents
    return {url: text, **documents} if url else documents


def messages(report, level):
    return [f"{m['name']}: {m['result']}" for m in report["messages"] if m["messageLevel"] == level]


def openbadges_verify(input, documents=None, recipient=None):
    """`input` is JSON text, a compact JWS, a URL or the base64 of a baked PNG."""
    text = unbake(io.BytesIO(b64decode(input))) if input.startswith(PNG) else input
    if not text:
        raise ValueError("the picture holds no badge")
    Web.documents = hosted(text, documents or {})
    # No cache: what one request served must not answer the next.
    answer = verify(text, recipient, use_cache=False, cache_backend=None)
    report = answer["report"]
    return {"valid": report["valid"], "errors": messages(report, "ERROR"), "warnings": messages(report, "WARNING"),
            "version": report.get("openBadgesVersion"), "subject": report.get("validationSubject"),
            "graph": answer["graph"]}


if __name__ == "__main__":
    serve_lines({"openbadges_verify": openbadges_verify})
