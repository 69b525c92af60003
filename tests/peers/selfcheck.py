"""Asks every op of every driver once or more and compares with what tests/data/INDEX.tsv says the peers answered."""
import base64
import csv
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "data"
KEYWORD = "openbadgecredential"


class Driver:
    def __init__(self, *command):
        self.process = subprocess.Popen(
            [str(part) for part in command], cwd=HERE, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def answer(self, op, **request):
        self.process.stdin.write(json.dumps({"id": op, "op": op, **request}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def ask(self, op, **request):
        answer = self.answer(op, **request)
        if not answer["ok"]:
            raise RuntimeError(f"{op}: {answer['error']}")
        return answer["result"]


class Tally:
    def __init__(self):
        self.good, self.bad = 0, []

    def same(self, what, got, expected):
        if got == expected:
            self.good += 1
        else:
            self.bad.append(f"{what}: got {got!r}, expected {expected!r}")


def text(name):
    return (DATA / name).read_text(encoding="utf-8").strip()


def read_json(name):
    return json.loads(text(name))


def read_base64(name):
    return base64.b64encode((DATA / name).read_bytes()).decode()


def observed():
    """(file, one peer's answer) for every answer in the index."""
    with open(DATA / "INDEX.tsv", encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE):
            for answer in row["observed_by_peers"].split(" | "):
                yield row["file"], answer


def ob2_documents():
    """ob2/assets under http(s)://example.org; the extensions where contexts and their schemas are looked for."""
    documents = {}
    for file in (DATA / "ob2" / "assets").iterdir():
        served = (file.read_text(encoding="utf-8") if file.suffix == ".json" else
                  {"base64": base64.b64encode(file.read_bytes()).decode(), "content_type": "image/png"})
        for scheme in ("http", "https"):
            documents[f"{scheme}://example.org/{file.name}"] = served
    for file in (DATA / "schemas" / "ob2-extensions").iterdir():
        name, kind, _ = file.name.split(".")
        for base in ("https://w3id.org/openbadges", "https://openbadgespec.org"):
            documents[f"{base}/extensions/{name}/{kind}.json"] = file.read_text(encoding="utf-8")
    return documents


def check_index(tally, node, new, old):
    did_documents = map(read_json, ("dids/dcc-legacy-did.json", "dids/dcc-oidf-did.json"))
    dids = {document["id"]: document for document in did_documents}
    documents = ob2_documents()
    for file, answer in observed():
        if answer.startswith("digitalbazaar ") and "ecdsa-sd-2023" not in answer:
            result = node.ask("di_verify", credential=read_json(file), documents=dids)
            tally.same(f"digitalbazaar {file}", result["signature"], ": VALID" in answer)
        elif answer.startswith("openbadgeslib "):
            result = new.ask("openbadgeslib_verify", base64=read_base64(file))
            said = answer.split(": ", 1)[1]
            as_said = result["valid"] if said.startswith("signature passed") else result["reason"].startswith(said)
            tally.same(f"openbadgeslib {file}", as_said, True)
        elif answer.startswith("openbadges 1.1.2: "):
            given = read_base64(file) if file.endswith(".png") else text(file)
            result = old.answer("openbadges_verify", input=given, documents=documents)
            verdict = {True: "VALID", False: "INVALID"}[result["result"]["valid"]] if result["ok"] else "EXC"
            tally.same(f"openbadges {file}", verdict, answer.split()[2])


def check_node(tally, node):
    baked = read_base64("baked/ob3-simple-json.png")
    credential = node.ask("png_get", base64=baked, keyword=KEYWORD)["text"]
    result = node.ask("di_verify", credential=json.loads(credential))
    tally.same("signature of the baked PNG", result["signature"], True)
    again = node.ask("png_set", base64=read_base64("baked/moz-unbaked.png"), keyword=KEYWORD, text=credential)
    tally.same("png_set, png_get", node.ask("png_get", keyword=KEYWORD, **again)["text"], credential)
    truncated = node.answer("png_get", base64=read_base64("baked-made/ob3-truncated.png"), keyword=KEYWORD)
    tally.same("png_get of a truncated PNG", truncated["ok"], False)

    for name, valid in (("eddsa-rdfc-2022-vc20", True), ("eddsa-rdfc-2022-vc20-tampered", False)):
        result = node.ask("verifier_core", credential=read_json(f"peer-issued/{name}.json"))
        tally.same(f"verifier_core {name}", result["signature_valid"], valid)

    unsigned = read_json("peer-issued/eddsa-rdfc-2022-vc20.json")
    del unsigned["proof"]
    for suite in ("eddsa-rdfc-2022", "ecdsa-rdfc-2019-p256", "ecdsa-rdfc-2019-p384", "ed25519signature2020"):
        issued = node.ask("di_issue", credential=unsigned, suite=suite)["credential"]
        tally.same(f"di_issue {suite}", node.ask("di_verify", credential=issued)["verified"], True)

    revoked = read_json("ob3/bit-string-list/credential-status-revoked.json")
    lists = {revoked["credentialStatus"]["statusListCredential"]: read_json("ob3/bit-string-list/testlist")}
    result = node.ask("di_verify", credential=revoked, documents=lists, status="check")
    tally.same("status bit of the revoked credential", result["status_bits"], [True])
    encoded = node.ask("bitstring_list", indices=[23])["encoded_list"]
    tally.same("bitstring_list", encoded.startswith("uH4sI"), True)


def check_jws(tally, node):
    for alg in ("RS256", "ES256", "ES384", "EdDSA"):
        signed = node.ask("jws_sign", payload={"sub": "x"}, header={"typ": "JWT"}, alg=alg)
        result = node.ask("jws_verify", compact=signed["compact"], jwk=signed["public_jwk"])
        tally.same(f"jws_sign {alg}", result["payload"], {"sub": "x"})
    for name, valid in (("rs256-jwk", True), ("rs256-badsig", False), ("alg-none", False)):
        result = node.ask("jws_verify", compact=text(f"peer-issued/vc-jwt-{name}.jwt"))
        tally.same(f"jws_verify {name}", result["verified"], valid)
    key = read_json("ob2/assets/key1.json")["publicKeyPem"]
    result = node.ask("jws_verify", compact=text("ob2/simple.jwt"), pem=key)
    tally.same("jws_verify of OB 2.0", result["verified"], True)


def check_canonical(tally, node, new):
    document = read_json("peer-issued/eddsa-rdfc-2022-vc20.json")
    tally.same("PyLD and jsonld.js", new.ask("pyld_canonize", document=document)["nquads"],
               node.ask("canonize", document=document)["nquads"])
    loose = {**document, "undefinedTerm": 1}
    tally.same("safe mode", node.ask("canonize", document=loose)["nquads"], None)


def check_bakery(tally, new):
    assertion = text("ob2/basic-assertion.json")
    for image, comes_back in (("baked/moz-unbaked.png", assertion),
                              ("baked/cs-unbaked_example.svg", json.loads(assertion)["id"])):
        baked = new.ask("bakery_bake", base64=read_base64(image), payload=assertion)
        tally.same(f"bakery {image}", new.ask("bakery_unbake", **baked)["text"], comes_back)


def check_recipient(tally, old):
    given = {"input": text("ob2/basic-assertion.json"), "documents": ob2_documents()}
    for email, valid in (("nobody@example.org", True), ("other@example.org", False)):
        result = old.ask("openbadges_verify", recipient={"email": email}, **given)
        tally.same(f"recipient {email}", result["valid"], valid)


def main():
    node = Driver("node", "peer.mjs")
    new = Driver(HERE / ".venv-new" / "bin" / "python", "peer_new.py")
    old = Driver(HERE / ".venv-old" / "bin" / "python", "peer_old.py")
    tally = Tally()
    check_node(tally, node)
    check_jws(tally, node)
    check_canonical(tally, node, new)
    check_bakery(tally, new)
    check_recipient(tally, old)
    check_index(tally, node, new, old)
    for line in tally.bad:
        print(line)
    print(f"{tally.good} as expected, {len(tally.bad)} not")
    sys.exit(bool(tally.bad))


if __name__ == "__main__":
    main()
