"""Writes small ledgers and exports of them in Python, for the tests of audit.py.

Events, blocks and notes are made here from Schemas/; wallets' keys and signatures by embit.
"""

import base64
import hashlib
import os
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from embit import bip32
from embit.descriptor import Descriptor
from embit.descriptor.checksum import add_checksum
from embit.hashes import tagged_hash
from embit.networks import NETWORKS
from embit.script import Script, Witness
from embit.transaction import SIGHASH, Transaction, TransactionInput, TransactionOutput
from embit.util import secp256k1

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
START = 1_800_000_000_000  # milliseconds
UNSPENDABLE = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0"
BITS = bytes.fromhex("ffff7f20")


def sha256(data):
    return hashlib.sha256(data).digest()


def double_sha256(data):
    return sha256(sha256(data))


def seed(name):
    return sha256(b"strongroom test: " + name.encode())


class EventKey:
    def __init__(self, name):
        secret = int.from_bytes(seed(name), "big") % ORDER
        self.secret = ec.derive_private_key(secret, ec.SECP256K1())
        self.public = self.secret.public_key().public_bytes(
            Encoding.X962, PublicFormat.CompressedPoint
        )

    def sign(self, digest):
        der = self.secret.sign(
            digest, ec.ECDSA(utils.Prehashed(SHA256()), deterministic_signing=True)
        )
        r, s = utils.decode_dss_signature(der)
        return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


class NoteKey:
    def __init__(self, name, kind, seed_name):
        self.secret = ed25519.Ed25519PrivateKey.from_private_bytes(seed(seed_name))
        self.public = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.name, self.kind = name, kind

    @property
    def id(self):
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public)[:4]

    @property
    def vkey(self):
        encoded = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def line(self, text, seconds=1_800_000_500):
        signature = self.secret.sign(text.encode())
        if self.kind == 4:
            signed = f"cosignature/v1\ntime {seconds}\n{text}"
            signature = seconds.to_bytes(8, "big") + self.secret.sign(signed.encode())
        return f"\u2014 {self.name} {base64.b64encode(self.id + signature).decode()}\n"


def root_of(leaves):
    """The RFC 9162 root, by its recursive definition."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + root_of(leaves[:split]) + root_of(leaves[split:]))


def tile_name(level, number, width):
    digits = f"{number:03d}" if number < 1000 else f"x{number // 1000:03d}/{number % 1000:03d}"
    return f"tile/{level}/{digits}" + (f".p/{width}" if width < 256 else "")


def encode_event(key, payload, ledger):
    protected = cbor2.dumps(
        {1: -47, 3: "application/vnd.strongroom.event+cbor", 4: key.public}, canonical=True
    )
    raw = cbor2.dumps(payload, canonical=True)
    identity = sha256(cbor2.dumps(["Signature1", protected, ledger, raw]))
    return identity, cbor2.dumps(cbor2.CBORTag(18, [protected, {}, raw, key.sign(identity)]))


@dataclass
class Block:
    header: bytes
    height: int
    transactions: list = field(default_factory=list)

    @property
    def hash(self):
        return double_sha256(self.header)


def mine(previous, root, time):
    for nonce in range(1000):
        header = (4).to_bytes(4, "little") + previous + root + time.to_bytes(4, "little") + BITS
        header += nonce.to_bytes(4, "little")
        if int.from_bytes(double_sha256(header), "little") < 2**255:
            return header
    raise AssertionError("no block was found")


class WalletKeys:
    """A wallet whose keys this process has; its descriptor without a checksum in `text`."""

    def __init__(self, name, form, holders, threshold=1):
        self.name, self.holders, self.threshold, self.form = name, holders, threshold, form
        roots = [
            bip32.HDKey.from_seed(seed(f"{name} {n}"), NETWORKS["regtest"]["xprv"])
            for n in range(len(holders))
        ]
        self.accounts = [root.derive("m/48h/1h/0h/2h") for root in roots]
        keys = [
            f"[{root.my_fingerprint.hex()}/48h/1h/0h/2h]{account.to_public().to_base58()}/<0;1>/*"
            for root, account in zip(roots, self.accounts)
        ]
        joined = ",".join(keys)
        text = {
            "wpkh": f"wpkh({joined})",
            "multi": f"wsh(multi({threshold},{joined}))",
            "sortedmulti": f"wsh(sortedmulti({threshold},{joined}))",
            "tr": f"tr({joined})",
            "multi_a": f"tr({UNSPENDABLE},multi_a({threshold},{joined}))",
            "sortedmulti_a": f"tr({UNSPENDABLE},sortedmulti_a({threshold},{joined}))",
        }[form]
        self.text = add_checksum(text)
        self.taproot = form == "tr" or form.endswith("_a")

    def script(self, chain, index):
        if self.form.endswith("_a"):
            return self.taproot_parts(chain, index)[0]
        return (
            Descriptor.from_string(self.text.split("#")[0])
            .derive(index, branch_index=chain)
            .script_pubkey()
            .data
        )

    def child(self, n, chain, index):
        return self.accounts[n].derive([chain, index]).key

    def publics(self, chain, index):
        keys = [self.child(n, chain, index).get_public_key() for n in range(len(self.accounts))]
        raw = [key.xonly() if self.taproot else key.sec() for key in keys]
        return sorted(raw) if self.form.startswith("sorted") else raw

    def inner(self, chain, index):
        """The witness script or the leaf, spelled out byte by byte."""
        keys = self.publics(chain, index)
        if self.taproot:
            script = b"".join(b"\x20" + k + (b"\xba" if n else b"\xac") for n, k in enumerate(keys))
            return script + bytes([0x50 + self.threshold]) + b"\x9c"
        script = b"".join(b"\x21" + k for k in keys)
        return bytes([0x50 + self.threshold]) + script + bytes([0x50 + len(keys)]) + b"\xae"

    def taproot_parts(self, chain, index):
        leaf, internal = self.inner(chain, index), bytes.fromhex(UNSPENDABLE)
        leaf_hash = tagged_hash("TapLeaf", b"\xc0" + bytes([len(leaf)]) + leaf)
        point = secp256k1.ec_pubkey_parse(b"\2" + internal)
        tweak = tagged_hash("TapTweak", internal + leaf_hash)
        output = secp256k1.ec_pubkey_serialize(secp256k1.ec_pubkey_add(point, tweak))
        return b"\x51\x20" + output[1:33], leaf, leaf_hash, output[0] & 1

    def sign(self, n, transaction, number, places, coins):
        """(public key, signature) of the n-th holder's key for an input."""
        chain, index = places[number]
        key = self.child(n, chain, index)
        if not self.taproot:
            code = Script(self.inner(chain, index)) if self.form != "wpkh" else Script(
                b"\x76\xa9\x14" + hashlib.new("ripemd160", sha256(key.sec())).digest() + b"\x88\xac"
            )
            digest = transaction.sighash_segwit(number, code, coins[number][0])
            return key.sec() if self.form != "wpkh" else key.get_public_key().sec(), (
                key.sign(digest).serialize() + b"\1"
            )
        scripts, amounts = [Script(c[1]) for c in coins], [c[0] for c in coins]
        if self.form == "tr":
            digest = transaction.sighash_taproot(number, scripts, amounts, SIGHASH.DEFAULT)
            return key.xonly(), key.taproot_tweak(b"").schnorr_sign(digest).serialize()
        leaf = Script(self.inner(chain, index))
        digest = transaction.sighash_taproot(
            number, scripts, amounts, SIGHASH.DEFAULT, ext_flag=1, script=leaf
        )
        return key.xonly(), key.schnorr_sign(digest).serialize()

    def witness(self, chain, index, signatures):
        keys, items = self.publics(chain, index), []
        if self.form == "wpkh":
            return [signatures[keys[0]], keys[0]]
        if self.form == "tr":
            return [signatures[keys[0]]]
        if not self.taproot:
            items = [b""] + [signatures[k] for k in keys if k in signatures]
            return items + [self.inner(chain, index)]
        _, leaf, _, odd = self.taproot_parts(chain, index)
        items = [signatures.get(k, b"") for k in reversed(keys)]
        return items + [leaf, bytes([0xC0 | odd]) + bytes.fromhex(UNSPENDABLE)]


class History:
    """A ledger on regtest whose members' keys this process has."""

    def __init__(self, members, policy, limits=(1000, 8, 67_108_864), name="treasury"):
        self.name, self.entries, self.leaves, self.roots = name, [], [], {}
        self.ledger, self.clock, self.blobs = b"", START, {}
        self.keys = {member: EventKey(member) for member in members}
        self.sequence, self.wallets = {}, {}
        genesis = Block(mine(bytes(32), bytes(32), START // 1000 - 600), 0)
        self.chain, self.watched = [genesis], {}
        self.log_secret = "log " + name
        self.found(members, policy, limits)
        self.log = NoteKey(self.origin, 1, self.log_secret)
        self.exporter = NoteKey(self.origin + "/export", 1, "export " + name)
        self.witnesses = []
        self.checkpoint_sizes = []

    @property
    def origin(self):
        return f"{self.name}/{self.ledger.hex()}"

    def found(self, members, policy, limits):
        genesis = self.chain[0]
        body = {
            "log": NoteKey("", 1, self.log_secret).public,
            "name": self.name,
            "nonce": seed("nonce"),
            "rules": 1,
            "anchor": {
                "work": (2).to_bytes(32, "big"),
                "times": [START // 1000 - 600],
                "header": genesis.header,
                "height": 0,
                "period": genesis.header,
            },
            "limits": dict(zip(("hourly", "transfers", "dailyblobs"), limits)),
            "policy": policy,
            "members": [
                {"key": self.keys[m].public, "name": m, "roles": sorted(r)}
                for m, r in members.items()
            ],
            "network": "regtest",
        }
        self.ledger = self.add(next(iter(members)), "founded", body)

    def root(self, size):
        if size not in self.roots:
            self.roots[size] = root_of(self.leaves[:size])
        return self.roots[size]

    def add(self, author, kind, body, **changed):
        """Appends an event; `changed` replaces parts of it. Returns its id."""
        key = self.keys[author]
        self.clock += 1000
        size = len(self.entries)
        payload = {
            "seq": self.sequence.get(key.public, 0),
            "seen": changed.get("seen", [size, self.root(size)]),
            "time": changed.get("time", self.clock - 250),
            "type": kind,
            "body": body,
        }
        payload["seq"] = changed.get("seq", payload["seq"])
        identity, envelope = encode_event(key, payload, changed.get("ledger", self.ledger))
        self.sequence[key.public] = payload["seq"] + 1
        self.add_entry(cbor2.dumps([changed.get("recorded", self.clock), envelope]))
        return identity

    def add_entry(self, entry):
        self.entries.append(entry)
        self.leaves.append(sha256(b"\0" + entry))

    def value(self, data):
        """A byte-string of the schema, as a blob where it is long."""
        if len(data) <= 16_384:
            return data
        self.blobs[sha256(data)] = data
        return [len(data), sha256(data)]

    def request(self, author, intent, approvers=()):
        body = {"expires": self.clock + 86_400_000, "request": intent}
        identity = self.add(author, "initiated", body)
        for approver in approvers:
            self.add(approver, "approved", {"request": identity})
        return identity

    def create_wallet(self, keys, quorum, author, approvers, gap=3, **changed):
        intent = {
            "gap": gap, "kind": "create-wallet", "depth": 1, "quorum": quorum, "wallet": keys.name,
            "holders": keys.holders, "ceilings": [1_000_000, 100, 50], "shortcut": False,
            "descriptor": keys.text, **changed,
        }
        identity = self.request(author, intent, approvers)
        for holder in sorted(set(keys.holders)):
            self.add(holder, "accepted", {"wallet": keys.name, "descriptor": keys.text})
        self.wallets[keys.name] = keys
        self.watched[keys.name] = [keys.text, gap, gap]
        return identity

    def scripts_digest(self):
        return sha256(cbor2.dumps([self.watched[name] for name in sorted(self.watched)]))

    def next_block(self, transactions, parent=None, time=None):
        """A block with these transactions behind a coinbase; (block, [branch of each])."""
        parent = parent or self.chain[-1]
        coinbase = Transaction(
            vin=[TransactionInput(bytes(32), 0xFFFFFFFF, Script(b"\1\1"))],
            vout=[TransactionOutput(50, Script(b"\x6a" + seed(str(parent.height + (time or 0)))))],
        )
        everything = [coinbase, *transactions]
        level, branches = [tx_id(t) for t in everything], [[] for _ in everything]
        places = list(range(len(everything)))
        while len(level) > 1:
            level += level[-1:] if len(level) % 2 else []
            for n, place in enumerate(places):
                branches[n].append(level[place ^ 1])
            places = [place // 2 for place in places]
            level = [double_sha256(a + b) for a, b in zip(level[::2], level[1::2])]
        time = time or START // 1000 - 500 + parent.height
        block = Block(mine(parent.hash, level[0], time), parent.height + 1)
        return block, [(n, branches[n], everything[n]) for n in range(1, len(everything))]

    def observe(self, author, transactions=(), empty_blocks=0, block=None, **changed):
        """A watcher's `observed` with a new block that has these transactions, and empty ones."""
        headers, found = b"", []
        for n in range(1 + empty_blocks):
            made, branches = block or self.next_block(transactions if n == 0 else [])
            block = None
            self.chain.append(made)
            headers += made.header
            found += [
                [made.hash, at, branch, self.value(tx.serialize())] for at, branch, tx in branches
            ]
        body = {"headers": headers, "scripts": self.scripts_digest(), "transactions": found}
        return self.add(author, "observed", {**body, **changed})

    def export(self, folder, size=None):
        """Writes the export of the first `size` entries as a folder."""
        size = len(self.entries) if size is None else size
        files = {"README.txt": b"A test.\n", "schemas/entry.cddl": b"; a schema\n"}
        for digest, data in self.blobs.items():
            files[f"blobs/{digest.hex()[:2]}/{digest.hex()}"] = data
        sizes = [s for s in self.checkpoint_sizes if s < size] + [size]
        notes = [self.checkpoint(s) for s in sizes]
        files["checkpoint"], files["checkpoints"] = notes[-1], b"".join(n + b"\n" for n in notes)
        policy = [f"log {self.log.vkey}"]
        policy += [f"witness w{n} {key.vkey}" for n, key in enumerate(self.witnesses)]
        names = " ".join(f"w{n}" for n in range(len(self.witnesses)))
        policy += [f"group witnesses all {names}", "quorum witnesses"] if names else ["quorum none"]
        files["tlog-policy"] = ("\n".join(policy) + "\n").encode()
        for number in range((size + 255) // 256):
            part = self.entries[number * 256 : min(size, number * 256 + 256)]
            data = b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
            files[tile_name("entries", number, len(part))] = data
        level, hashes = 0, self.leaves[:size]
        while hashes:
            for number in range((len(hashes) + 255) // 256):
                part = hashes[number * 256 : number * 256 + 256]
                files[tile_name(level, number, len(part))] = b"".join(part)
            full = len(hashes) // 256
            hashes = [root_of(hashes[n * 256 : n * 256 + 256]) for n in range(full)]
            level += 1
        for path, data in files.items():
            write(folder, path, data)
        self.write_manifest(folder, size)

    def checkpoint(self, size):
        text = f"{self.origin}\n{size}\n{base64.b64encode(self.root(size)).decode()}\n"
        lines = "".join(key.line(text) for key in [self.log, *self.witnesses])
        return f"{text}\n{lines}".encode()

    def write_manifest(self, folder, size):
        sums = manifest_of(folder)
        head = f"{self.origin}\n{size}\n{base64.b64encode(self.root(size)).decode()}\n"
        text = f"strongroom-export/v1\n{head}{base64.b64encode(sha256(sums)).decode()}\n"
        write(folder, "verify/SHA256SUMS", sums)
        write(folder, "verify/SHA256SUMS.note", f"{text}\n{self.exporter.line(text)}".encode())


def tx_id(transaction):
    return bytes(reversed(transaction.txid()))


def manifest_of(folder):
    paths = []
    for parent, _, names in os.walk(folder):
        paths += [os.path.relpath(os.path.join(parent, name), folder) for name in names]
    lines = b""
    for path in sorted(p for p in paths if not p.startswith("verify/")):
        with open(os.path.join(folder, path), "rb") as file:
            lines += f"{sha256(file.read()).hex()}  {path}\n".encode()
    return lines


def write(folder, path, data):
    place = os.path.join(folder, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as file:
        file.write(data)


def payment(script, amount, salt):
    """A transaction of a stranger that pays to a script."""
    spent = TransactionInput(bytes(reversed(seed(salt))), 0, Script(), 0xFFFFFFFD)
    change = TransactionOutput(40_000, Script(b"\0\x14" + seed(salt)[:20]))
    return Transaction(vin=[spent], vout=[change, TransactionOutput(amount, Script(script))])


class Transfer:
    """A transfer of coins (transaction, output, chain, index) of one wallet, and its signatures."""

    def __init__(self, history, wallet, coins, to, amount, fee, change_index=None, replaces=None):
        self.keys, self.places = wallet, [(c[2], c[3]) for c in coins]
        outputs = [c[0].vout[c[1]] for c in coins]
        self.coins = [(o.value, o.script_pubkey.data) for o in outputs]
        vin = [TransactionInput(c[0].txid(), c[1], Script(), 0xFFFFFFFD) for c in coins]
        vout = [TransactionOutput(amount, Script(to))]
        rest = sum(c[0] for c in self.coins) - amount - fee
        change = None
        if change_index is not None:
            change = [1, change_index]
            vout.append(TransactionOutput(rest, Script(wallet.script(1, change_index))))
        self.transaction = Transaction(version=2, vin=vin, vout=vout, locktime=0)
        self.intent = {
            "fee": fee,
            "kind": "transfer",
            "change": change,
            "wallet": wallet.name,
            "coins": [
                [
                    o.value,
                    o.script_pubkey.data,
                    None if wallet.taproot else history.value(c[0].serialize()),
                ]
                for o, c in zip(outputs, coins)
            ],
            "transaction": history.value(self.transaction.serialize()),
        }
        if replaces:
            self.intent["replaces"] = replaces
        self.signatures = [{} for _ in coins]

    def sign(self, n):
        """What `signed` carries for the n-th holder's key."""
        found = []
        for number in range(len(self.coins)):
            key, signature = self.keys.sign(n, self.transaction, number, self.places, self.coins)
            self.signatures[number][key] = signature
            found.append([number, key, signature])
        return found

    def final(self):
        witnesses = [
            self.keys.witness(*place, signatures)
            for place, signatures in zip(self.places, self.signatures)
        ]
        for one, items in zip(self.transaction.vin, witnesses):
            one.witness = Witness(items)
        raw = self.transaction.serialize()
        final = Transaction.parse(raw)
        for one in self.transaction.vin:
            one.witness = Witness([])
        return final
