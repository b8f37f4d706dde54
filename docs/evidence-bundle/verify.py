#!/usr/bin/env python3
"""Checks an evidence bundle of the Workato Partner Portal: verify.py BUNDLE KEY

KEY is what `partner-portal audit public-key` prints, or a file that holds it. Written from docs/evidence-bundle.md
alone, with nothing but Python's standard library; the numbers in the comments are those of its steps.
"""

import base64
import hashlib
import json
import sys

FORMAT = "partner-portal-evidence-bundle/1"
LONGEST_LINE = 16 * 1024 * 1024  # with its line feed
LARGEST = 2**63 - 1  # sequences, sizes and days
DEEPEST = 127  # lists and objects in each other


class Refused(Exception):
    pass


def demand(condition, why):
    if not condition:
        raise Refused(why)


def sha256(data):
    return hashlib.sha256(data).digest()


# Ed25519, RFC 8032, section 5.1: points in extended coordinates (X, Y, Z, T).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def multiply(factor, point):
    product = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            product = add(product, point)
        point = add(point, point)
        factor >>= 1
    return product


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    demand(y < P, "a point is not on the curve")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    demand((x * x - square) % P == 0 and (x or not sign), "a point is not on the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(public, message, signature):
    if len(signature) != 64:
        return False
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    same_y = (left[1] * right[2] - right[1] * left[2]) % P == 0
    return same_x and same_y


# Keys and signed notes


def decode(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(f"{what} is not base64")
    demand(base64.b64encode(data).decode() == text, f"{what} is not base64 in its one spelling")
    return data


def foreign(character, allowed):
    """A control character, a space or a byte order mark that is not allowed."""
    code = ord(character)
    return character not in allowed and (code < 0x20 or 0x7F <= code <= 0x9F or code == 0xFEFF or character.isspace())


class Key:
    def __init__(self, text):
        parts = text.strip().split("+", 2)
        demand(len(parts) == 3, "the key is not NAME+ID+KEY")
        self.name, number, data = parts
        demand(self.name and not any(foreign(character, "") for character in self.name), "the key's name is none")
        data = decode(data, "the key")
        demand(len(data) == 33 and data[0] == 1, "the key is none of Ed25519")
        self.public = data[1:]
        x, y, z, _ = multiply(8, decompress(self.public))
        demand(x % P or (y - z) % P, "with such a key everybody can sign")
        self.id = sha256(self.name.encode() + b"\n" + data)[:4]
        demand(self.id.hex() == number, "the key's ID does not belong to it")

    def open(self, note, what):
        """The text of a note that this key, and nobody else, has signed."""
        demand(not any(foreign(character, "\n ") for character in note), f"{what} holds unusual characters")
        text, separator, signatures = note.rpartition("\n\n")
        start = f"— {self.name} "
        demand(separator and signatures.startswith(start), f"{what} is not signed by {self.name}")
        demand(signatures.endswith("\n") and signatures.count("\n") == 1, f"{what} holds more than one signature")
        signature = decode(signatures[len(start) : -1], "the signature")
        text += "\n"
        demand(signature[:4] == self.id, f"{what} is signed by another key")
        demand(signature_holds(self.public, text.encode(), signature[4:]), f"the signature of {what} does not hold")
        return text


# Lines


def canonical(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def members(pairs):
    """An object, which must not have a key twice: of two, some parsers take the first and others the last."""
    demand(len({key for key, _ in pairs}) == len(pairs), "an object has a key twice")
    return dict(pairs)


def number(text):
    """A number that fits a double. Infinity and NaN are not JSON, although Python's parser takes them."""
    value = int(text) if text.lstrip("-").isdigit() else float(text)
    demand(abs(float(value)) < float("inf"), "a number is too large")
    return value


def depth(value):
    if isinstance(value, (dict, list)):
        return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)
    return 0


def parse(line, deepest=DEEPEST):
    try:
        # As UTF-8, and not as what the parser guesses from the first bytes.
        text = line.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=members, parse_int=number, parse_float=number, parse_constant=number
        )
        # Half of a surrogate pair is no character.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
        demand(depth(value) <= deepest, "a line is nested too deep")
        return value
    except (ValueError, OverflowError, RecursionError):
        raise Refused("a line is not JSON")


def is_object(value, *keys):
    return isinstance(value, dict) and sorted(value) == sorted(keys)


def is_number(value):
    return type(value) is int and -LARGEST - 1 <= value <= LARGEST


def root_of(sequence, leaf, proof, size):
    """The root that a proof leads to: RFC 9162, section 2.1.3.2."""
    number, last, root = sequence - 1, size - 1, leaf
    demand(0 <= number <= last, "an entry's sequence is beyond the checkpoint")
    for node in proof:
        demand(last > 0, "a proof is too long")
        if number & 1 or number == last:
            root = sha256(b"\1" + node + root)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            root = sha256(b"\1" + root + node)
        number, last = number >> 1, last >> 1
    demand(last == 0, "a proof is too short")
    return root


def hashes(values):
    demand(isinstance(values, list) and all(isinstance(value, str) for value in values), "a proof is none")
    try:
        proof = [bytes.fromhex(value) for value in values]
    except ValueError:
        raise Refused("a hash is not hexadecimal")
    demand(all(len(node) == 32 and node.hex() == value for node, value in zip(proof, values)), "a hash is none")
    return proof


def verify(bundle, key):
    demand(bundle.endswith(b"\n"), "the end is missing")  # 1
    lines = bundle[:-1].split(b"\n")
    demand(len(lines) >= 3, "the bundle is too short")
    demand(all(len(line) < LONGEST_LINE for line in lines), "a line is too long")

    # 2: the seal covers all before it; its signature is looked at last, since that takes longest.
    before = bundle[: len(bundle) - len(lines[-1]) - 1]
    last = parse(lines[-1])
    demand(is_object(last, "seal") and isinstance(last["seal"], str) and canonical(last) == lines[-1], "the last line is no seal")
    digest = base64.b64encode(sha256(before)).decode()
    sealed = f"{FORMAT}\nentries {len(lines) - 2}\nsha256 {digest}\n"
    demand(last["seal"].startswith(sealed + "\n"), "the lines are not those that were sealed")
    demand(key.open(last["seal"], "the seal") == sealed, "the seal says something else")

    # 3
    first = parse(lines[0])
    demand(is_object(first, "checkpoint", "format") and canonical(first) == lines[0], "the first line is none of a bundle")
    demand(first["format"] == FORMAT and isinstance(first["checkpoint"], str), f"the format is not {FORMAT}")
    checkpoint = key.open(first["checkpoint"], "the checkpoint").split("\n")
    demand(len(checkpoint) == 4 and checkpoint[3] == "", "the checkpoint has more lines than it should")
    origin, number, root = checkpoint[0], checkpoint[1], decode(checkpoint[2], "the root")
    demand(origin == key.name, "the checkpoint is of another log")
    demand(len(root) == 32, "the root is not a hash")
    demand(number.isascii() and number.isdigit() and len(number) <= 19, "the checkpoint's size is none")
    size = int(number)
    demand(str(size) == number and size <= LARGEST, "the checkpoint's size is none")

    # 4
    seen, removed, own = set(), 0, None
    for line in lines[1:-1]:
        value = parse(line, DEEPEST + 1)
        if line.startswith(b'{"entry":'):
            at = line.rfind(b',"proof":')
            demand(at > 0, "an entry has no proof")
            entry = parse(line[len(b'{"entry":') : at])
            demand(isinstance(entry, dict) and is_object(value, "entry", "proof"), "a line is none of an entry")
            demand(line[at:] == b',"proof":' + canonical(value["proof"]) + b"}", "a proof is not in its one spelling")
            sequence, leaf = entry.get("sequence"), sha256(b"\0" + line[len(b'{"entry":') : at])
            own = entry
        else:
            demand(is_object(value, "leaf_hash", "proof", "removed", "sequence"), "a line is none of an entry")
            demand(canonical(value) == line, "a line is not in its one spelling")
            when = value["removed"]
            demand(is_object(when, "at", "days", "entry") and isinstance(when["at"], str), "a removal is none")
            demand(all(is_number(when[name]) for name in ("days", "entry")), "a removal is none")
            sequence, leaf = value["sequence"], hashes([value["leaf_hash"]])[0]
            removed, own = removed + 1, None
        demand(is_number(sequence), "an entry has no sequence")
        demand(sequence not in seen, f"entry {sequence} stands there twice")
        demand(root_of(sequence, leaf, hashes(value["proof"]), size) == root, f"entry {sequence} is not in the log")
        seen.add(sequence)

    # 5
    is_own = own is not None and own["sequence"] == size and own.get("action") == "audit.export"
    demand(is_own, "the last entry is not that of this export")
    return len(seen), removed, size, own


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: verify.py BUNDLE KEY")
    bundle, key = sys.argv[1:]
    try:
        if "+" not in key:
            with open(key, encoding="utf-8") as file:
                key = file.read()
        with open(bundle, "rb") as file:
            entries, removed, size, export = verify(file.read(), Key(key))
    except Refused as why:
        sys.exit(f"refused: {why}")
    except OSError as why:
        sys.exit(str(why))
    print(f"{entries} entries, {removed} of them without their contents, each in the log as it was when it had {size}.")
    teams = ", of the teams that the exporter reads" if "teams" in export["parameters"] else ""
    print(f"Exported by {export['actor']['name']} at {export['at']}: {export['parameters'].get('search', 'everything')}{teams}")


if __name__ == "__main__":
    main()
