"""Says which payloads Schemas/event.cddl accepts.

Reads a list of payloads in hexadecimal from standard input, writes a list of booleans.
"""

import json
import pathlib
import sys

import cddl_verifier

schema = cddl_verifier.Validator(pathlib.Path(__file__).parents[3] / "Schemas" / "event.cddl")
json.dump(
    [
        schema.validate(bytes.fromhex(payload), root_type="payload").valid
        for payload in json.load(sys.stdin)
    ],
    sys.stdout,
)
