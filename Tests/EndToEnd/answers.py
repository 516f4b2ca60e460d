"""What the programs answer with --json, against Schemas/reading.json."""

import functools
import json
from pathlib import Path

import jsonschema

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "Schemas/reading.json").read_text())
# A definition that begins in lower case is the answer of the command of that name.
COMMANDS = {name for name in SCHEMA["$defs"] if name[0].islower()}


def command_of(words):
    """The command that a program's words name, as the schema names it."""
    program, *rest = (str(word) for word in words)
    for name in ("-".join(rest[:2]), rest[0]):
        if name in COMMANDS:
            return name
    assert Path(program).name == "strongroom-verify", f"Schemas/reading.json knows no {words}"
    return "verify"


@functools.lru_cache(maxsize=None)
def validator(name):
    schema = {**SCHEMA, "$ref": f"#/$defs/{name}"}
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def texts(out):
    """The JSON texts that follow one another on standard output."""
    decoder = json.JSONDecoder()
    rest = out.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        yield value
        rest = rest[end:].lstrip()


def check(words, out):
    """Fails unless everything that a command answered is as the schema says."""
    name = command_of(words)
    for value in texts(out):
        error = jsonschema.exceptions.best_match(validator(name).iter_errors(value))
        assert error is None, f"{name} --json is not as Schemas/reading.json says: " \
            f"{error.json_path}: {error.message[:400]}"
