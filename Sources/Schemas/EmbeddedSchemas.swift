// swift-format-ignore-file
// Written by Tools/embed-schemas from the folder Schemas; a test compares the two.

/// The texts that say what an export's bytes mean, for programs that have no sources beside them.
public enum EmbeddedSchemas {
    /// Each file's name in the folder `Schemas` and its text, in the order of names.
    public static let files: [(name: String, text: String)] = [
        ("README.md", README_md),
        ("ccss.csv", ccss_csv),
        ("entry.cddl", entry_cddl),
        ("event.cddl", event_cddl),
        ("export.md", export_md),
        ("files.cddl", files_cddl),
        ("golden/approved.json", golden_approved_json),
        ("kept.cddl", kept_cddl),
        ("proofs.md", proofs_md),
        ("rules.md", rules_md),
        ("tables.md", tables_md),
    ]
}

private let README_md = #"""
# Formats

What Strongroom records and exports, so that it can be read and checked without Strongroom.

| file | format |
|---|---|
| `event.cddl` | the event: its COSE envelope, its payload, every fact, every request |
| `entry.cddl` | the entry: a leaf of the log, around an event |
| `files.cddl` | the files that carry a request to another machine and a signed event back |
| `rules.md` | the rules, version 1: which event may stand where, what follows, what a verifier reports |
| `export.md` | the layout of an export, a delta, a disclosure, a replica |
| `tables.md` | the columns of events, requests and coin movements as CSV and JSON Lines |
| `ccss.csv` | which events evidence which control of the CryptoCurrency Security Standard |
| `kept.cddl` | what an auditor keeps, so that the next verification costs what is new |
| `proofs.md` | files that stand alone: an entry's place, consistency, a fork |
| `golden/` | one event of every kind, with every intermediate value; beside an export only `approved.json` |

The schemas are CDDL (RFC 8610). Any validator that knows all of it takes them as they are; some
read a bare map key such as `time` as the name of a type, which is why keys stand in quotes.

## The answers of the commands

`reading.json` (JSON Schema 2020-12) describes what `strongroom` and `strongroom-verify` print with
`--json`: one definition for each command, named after its words (`wallet-show`), and one for each
shape that these share. All are closed: a field that no definition names is never printed.
Amounts stand twice, in bitcoins with all 8 decimals and in
satoshis; times are ISO 8601 in UTC with milliseconds; digests, keys and other bytes are
hexadecimal; a Boolean reads `is…` or is a verb; what a value does not have is absent, never null.

Keys are sorted, and what has no order of its own is sorted too, so that equal answers are equal
bytes: two people who ask two copies of a ledger can compare the hashes of what they were told. The
one exception is `seconds` of `verify`, the time that it took.

The answers are a reading, not evidence: nobody signs them, and `reading.json` lies beside the
sources of Strongroom alone, not in an export.

## Checking an event by hand

An event is a COSE_Sign1 (RFC 9052) with ES256K (RFC 8812). All that is not in the event itself and
yet needed is the **ledger's id**, 32 bytes that whoever founded the ledger has made known.

1. Take the envelope apart: tag 18, then an array of `protected`, an empty map, `payload`,
   `signature`.
2. Build the **Sig_structure** of RFC 9052 §4.4 in deterministic CBOR:
   `["Signature1", protected, external_aad, payload]`, where `external_aad` is the ledger's id, and
   the empty byte string for the founding event.
3. The **event id** is the SHA-256 of the Sig_structure.
4. Verify the signature, r ‖ s, of the event id with the key `kid` of the protected header. Refuse s
   in the upper half of the group order, which many libraries accept.
5. The **ledger's id** is the event id of the founding event, the first of the log.
6. The **leaf hash** is SHA-256(0x00 ‖ entry), as in RFC 9162 §2.1.1; an inclusion proof leads from
   there to the root of a checkpoint.

That proves who said what, and where it stands in the log. Whether he was allowed to say it there
is for the replay of all events before it to decide.

### A worked example

`golden/approved.json`: bob approves a request. The envelope, in order:

    d2                          tag 18: COSE_Sign1
    84                          array of 4
    58 50 a3                    protected header, 80 bytes: a map of
      01 38 2e                    alg: -47, ES256K
      03 78 25 6170…6f72          content type: application/vnd.strongroom.event+cbor
      04 58 21 0378…c51c          kid: 33 bytes
    a0                          unprotected header: empty
    58 7b a5                    payload, 123 bytes: a map of
      63736571 06                 seq: 6
      64626f6479 a1               body:
        6772657175657374            request: the id of the event
          58 20 e7bd…1687             that initiated it
      647365656e 82               seen:
        11 58 20 c139…1bb2          17 entries, and their root
      6474696d65                  time: 1,767,226,620,000 ms
        1b 0000019b76ea3860         (2026-01-01 00:17 UTC)
      6474797065                  type:
        68 617070726f766564         approved
    58 40 1d6e…4b8f             signature

The Sig_structure of it is

    84                          array of 4
    6a 5369676e617475726531     "Signature1"
    58 50 a301…c51c             the protected header again
    58 20 0ac9…294d             external_aad: the ledger's id
    58 7b a563…6564             the payload again

and its SHA-256, the event id, is
`f726529b6b4cf635f3d7c1b5bc35b345f9a1a919fcbffacea483cb8c3d5211fa`. With nothing but a shell, `jq`,
`xxd` and OpenSSL:

```sh
cd golden
field() { jq -r ".$1" approved.json; }

# The event id, from the Sig_structure put together anew.
protected=a301382e0378256170706c69636174696f6e2f766e642e7374726f6e67726f6f6d2e6576656e742b63626f72
protected=${protected}045821$(field kid)
structure=846a5369676e6174757265315850${protected}5820$(field ledger)587b$(field payload)
echo "$structure" | xxd -r -p | sha256sum            # f726529b…

# The signature. OpenSSL wants the key with its curve in front, and r and s as DER integers
# (as they stand here: both begin with a byte below 0x80).
echo 3036301006072a8648ce3d020106052b8104000a032200$(field kid) | xxd -r -p > key.der
signature=$(field signature)
echo 30440220${signature:0:64}0220${signature:64} | xxd -r -p > signature.der
echo "$structure" | xxd -r -p | openssl dgst -sha256 -keyform DER -verify key.der \
    -signature signature.der                         # Verified OK

# The leaf hash.
echo 00$(field entry) | xxd -r -p | sha256sum        # 06bb01d1…
```

## Golden vectors

Each file of `golden/` is named after the event's type and holds, in hexadecimal where it is bytes:

| field | |
|---|---|
| `name`, `about` | the file's name, and what it shows |
| `secret_key`, `kid` | the author's key. It is published here and good for nothing else |
| `ledger` | the ledger's id, null for a founding event |
| `diagnostic` | the payload in CBOR's diagnostic notation (RFC 8949 §8) |
| `payload` | the payload |
| `sig_structure`, `event_id` | what is signed, and its SHA-256 |
| `signature`, `envelope` | r ‖ s with the nonce of RFC 6979 and low s; the whole event |
| `entry`, `leaf_hash` | the event in the log, recorded 250 ms after its time |

The secret keys are SHA-256 of `strongroom golden vector: ` and the author's name. The vectors show
encodings; they are not a history: the roots that the events have seen, for one, are made up.

The tests make each vector anew and compare it byte for byte. A change of a format changes them on
purpose, and only then are they written again:

```sh
STRONGROOM_UPDATE_GOLDEN=1 swift test --filter EventsTests
```

"""#

private let ccss_csv = #"""
standard,control,levels,topic,evidence,extent,note
CCSS v9.0,1.01.1,I II,Key material is generated by the actor who will use it,acceptances,part,"Each holder's own signature accepts his event key and each wallet's descriptor, which proves possession, not where the key was made."
CCSS v9.0,1.01.2,II,The way of generating key material is validated,,none,A procedure outside of the log.
CCSS v9.0,1.01.3,III,Deterministic random bit generators conform to a standard,,none,A property of software and devices outside of the log.
CCSS v9.0,1.01.4,I,Entropy,,none,A property of software and devices outside of the log.
CCSS v9.0,1.02,II III,Wallet generation (1.02.1 to 1.02.5),wallets,part,"Each wallet's keys, holders, threshold and rule stand in the request that created it, with its approvals. Where backups and devices are does not."
CCSS v9.0,1.03,I II III,Key material storage (1.03.1 to 1.03.6),,none,"Storage, encryption and backups of keys leave no event."
CCSS v9.0,1.04,I II III,Key material access: grant and revoke (1.04.1 to 1.04.3),access,part,"Every grant and revocation is a request with its approvals, in force from a position on. The written procedure behind it is not in the log."
CCSS v9.0,1.05.1,I III,Authentication for access to key material,,none,How a holder unlocks his key leaves no event.
CCSS v9.0,1.05.2,I,Key material is used in a trusted environment,,none,A property of machines outside of the log.
CCSS v9.0,1.05.3,I,Reference checks of actors,,none,A procedure outside of the log.
CCSS v9.0,1.05.4,I,Identity checks of actors,,none,A procedure outside of the log; the log holds names as handles or commitments.
CCSS v9.0,1.05.5,I,Background checks of actors,,none,A procedure outside of the log.
CCSS v9.0,1.05.6,I,,,unknown,
CCSS v9.0,1.05.7,I,Responsibilities are acknowledged in writing,acceptances,part,"Each member has signed his membership, and each key holder the full descriptor; what responsibilities that entails is not in the log."
CCSS v9.0,1.05.8,II,Destinations and amounts are verified before key material is used,approvals,part,Each approval signs the exact transaction and precedes the signatures. By what channel the destination was confirmed is not in the log.
CCSS v9.0,1.05.9,I,,,unknown,
CCSS v9.0,1.05.10,I,,,unknown,
CCSS v9.0,1.06,I III,Data sanitization (1.06.1 and 1.06.2),,none,Media leave no event.
CCSS v9.0,2.01,I II III,Security tests and audits (2.01.1 and 2.01.2),,none,"Attested events record replays of the log, which are not tests of security."
CCSS v9.0,2.02.1,I II,Logging,events,full,"Every action in the ledger is a signed event under the tree, complete and in order as far as the verdict says."
CCSS v9.0,2.02.2,II III,Retention and backup of logs,events,part,The whole history since the founding is here and verified; where copies are kept does not show in it.
CCSS v9.0,2.02.3,I II,Monitoring,observations,part,"The watcher records blocks, movements and spends that nothing explains. Alerts and who reads them are outside of the log."
CCSS v9.0,2.02.4,III,Response to incidents,,none,Incidents are recorded; the response to them is outside of the log.
CCSS v9.0,2.03.1,I,Governance,rules,part,"The rules in force and each change of them, with who approved it; the organisation behind them is not in the log."
CCSS v9.0,2.03.2,II III,Risk management,,none,A procedure outside of the log.
CCSS v9.0,2.03.3,I,Service providers,,none,Contracts leave no event.
CCSS v9.0,2.04,I II III,Key compromise documentation (2.04.1 and 2.04.2),revocations,part,Suspensions and replaced keys show that a response was carried out; the documented plan and its rehearsal are not in the log.

"""#

private let entry_cddl = #"""
; The entry: a leaf of the log. CDDL as RFC 8610 defines it.
;
; Deterministic CBOR as in event.cddl, at most 65,535 bytes. The leaf's hash in the RFC 9162 tree is
; SHA-256(0x00 || entry).

entry = [
  recorded: 0..9007199254740991,     ; when the ledger recorded the event: milliseconds since 1970,
                                     ; never less than in the entry before
  event: bstr .size (0..65530),      ; the envelope of event.cddl, as its author signed it
]

"""#

private let event_cddl = #"""
; The event: one fact, signed by the person or device that did it. CDDL as RFC 8610 defines it.
;
; What CDDL can not say, and every reader checks all the same:
;
; - The encoding is the deterministic one of RFC 8949 section 4.2.1, also inside the byte strings
;   `protected` and `payload`: shortest integers and lengths, definite lengths, map keys in the
;   bytewise order of their encodings, none twice. No floats, no tags but the 18 in front, no
;   undefined. Arrays and maps nest at most 16 deep. So each event has one encoding, and its id is
;   the identity of what it says.
; - Every map is closed: a key that is not named here is refused.
; - Texts are valid UTF-8 and taken as they are, without normalisation. Sizes are in bytes.
; - An envelope has at most 65,519 bytes, so that its entry fits an entry bundle of the log.
; - A key is the compressed encoding of a point: its first byte is 2 or 3.
; - The signature is r then s, big-endian, with s in the lower half of the group order (BIP-146).
; - A quorum needs at most as many terms as it has.
; - What the comments call decided is judged against the ledger's state where the event stands,
;   and not part of the format.
;
; Digests are SHA-256. Ids of transactions and blocks stand in the byte order in which they are
; hashed, which is the reverse of how nodes print them.

; ---------------------------------------------------------------------------------------------
; Envelope: COSE_Sign1 (RFC 9052 section 4.2).

event = #6.18([
  protected: bstr .cbor protected-header,
  unprotected: {},
  payload: bstr .cbor payload,
  signature: bstr .size 64,          ; ES256K over the Sig_structure, see README.md
])

protected-header = {
  1 => -47,                          ; alg: ES256K (RFC 8812)
  3 => "application/vnd.strongroom.event+cbor",
  4 => key-id,                       ; kid: the author's key
}

; ---------------------------------------------------------------------------------------------
; Payload.

payload = founded-event
        / accepted-event
        / initiated-event
        / approved-event
        / aborted-event
        / signed-event
        / exported-event
        / broadcast-event
        / relayed-event
        / observed-event
        / issued-event
        / attested-event
        / attached-event

bookkeeping = (
  "seq": uint53,                     ; how many events this key had signed before; no gap
  "seen": tree-head,                 ; the newest head of the log that the author had verified
  "time": milliseconds,              ; the author's clock
)

founded-event   = { bookkeeping, "type": "founded", "body": founded }
accepted-event  = { bookkeeping, "type": "accepted", "body": accepted }
initiated-event = { bookkeeping, "type": "initiated", "body": initiated }
approved-event  = { bookkeeping, "type": "approved", "body": approved }
aborted-event   = { bookkeeping, "type": "aborted", "body": aborted }
signed-event    = { bookkeeping, "type": "signed", "body": signed }
exported-event  = { bookkeeping, "type": "exported", "body": exported }
broadcast-event = { bookkeeping, "type": "broadcast", "body": broadcast }
relayed-event   = { bookkeeping, "type": "relayed", "body": relayed }
observed-event  = { bookkeeping, "type": "observed", "body": observed }
issued-event    = { bookkeeping, "type": "issued", "body": issued }
attested-event  = { bookkeeping, "type": "attested", "body": attested }
attached-event  = { bookkeeping, "type": "attached", "body": attached }

; ---------------------------------------------------------------------------------------------
; Facts, by their type.

; The ledger begins. Author: a founding member. Only at position 0, and there under an empty
; external_aad; the event's id is the ledger's id.
founded = {
  "log": bstr .size 32,              ; the Ed25519 key, raw, that checkpoints are signed with
  "name": label,                     ; what checkpoints call the ledger
  "nonce": bstr .size 32,            ; random, so that two ledgers of one text differ
  "rules": uint53,                   ; the version of the rules that decide; 1 is the only one
  "anchor": anchor,
  "limits": limits,
  "policy": quorum,                  ; for changes of members, wallets and itself
  "members": [1*128 enrolment],
  "network": network,
}

; The block from which on the ledger follows the chain, trusted because the founders signed it.
anchor = {
  "work": bstr .size 32,             ; chainwork up to and with the block, big-endian
  "times": [1*11 uint32],            ; of the last eleven blocks up to this one, oldest first;
                                     ; seconds since 1970; fewer below height 10
  "header": block-header,
  "height": uint32,
  "period": block-header,            ; of the first block of this block's retargeting period
}

; What one member may do.
limits = {
  "hourly": uint53,                  ; events in an hour of recorded time
  "transfers": uint53,               ; open transfers that he initiated
  "dailyblobs": uint53,              ; bytes of blobs in a day of recorded time
}

network = "main" / "testnet4" / "signet" / "regtest"

; A member as he is proposed. He may act from his own `accepted` on.
enrolment = {
  "key": key-id,                     ; his event key
  "name": label,
  "roles": [*16 label],              ; sorted, each once; known: auditor, operator, watcher
  ? "person": digest,                ; SHA-256(32-byte salt || UTF-8 name)
}

; A consent, signed by the key that it brings into force. Author: the member himself, with the new
; key; or a holder of one of the wallet's keys.
accepted = { "member": label }
         / { "wallet": label, "descriptor": descriptor }

; A request is made; its id is this event's id. Author: an approver of the request's quorum, a
; holder of one of the wallet's keys, an operator.
initiated = {
  "expires": milliseconds,           ; of recorded time; decided: at most 30 days ahead
  "request": request,
  ? "reference": line140,            ; as known elsewhere; public for ever
}

; A member approves. Author: an approver of the request's quorum, once, while it is open.
approved = { "request": event-id }

; A member ends a request. Author: the initiator or an approver, until the quorum is complete.
aborted = {
  ? "reason": line140,               ; public for ever
  "request": event-id,
}

; Signatures of a request's transaction exist. Author: the member who released them. Recorded
; before they leave his process.
signed = {
  "request": event-id,
  "signatures": [*400 input-signature], ; decided: at least one
}

input-signature = [
  input: uint32,                     ; the input's index
  key: bstr .size (0..33),           ; decided: 33 bytes compressed for version 0 scripts, 32 bytes
                                     ; x-only for taproot
  signature: bstr .size (0..73),     ; decided: DER and 0x01 (SIGHASH_ALL) for version 0 scripts,
                                     ; 64 bytes (SIGHASH_DEFAULT) for taproot
]

; A PSBT of a request is handed out. Author: any member who may sign for the wallet, or an operator.
exported = {
  "psbt": digest,                    ; of the PSBT's bytes
  "request": event-id,
}

; The final transaction is about to be given to a node. Author: a signer or an operator.
broadcast = {
  "request": event-id,
  "transaction": byte-string,        ; with its witnesses
}

; What the node answered. Author: a watcher.
relayed = {
  "txid": digest,
  "message": line512,                ; the node's words when it refused
  "request": event-id,
  "accepted": bool,
}

; What the chain showed. Author: a watcher.
observed = {
  "headers": bstr .size (0..16000),  ; 0 to 200 headers of 80 bytes, each on its predecessor
  "scripts": digest,                 ; of the watched scripts' specification, see rules.md 10.3
  "transactions": [*1000 observed-transaction],
}

observed-transaction = [
  block: digest,                     ; the block's hash
  index: 0..32767,                   ; the transaction's index in the block
  branch: [*15 digest],              ; the siblings on the way to the Merkle root, leaf first
  transaction: byte-string,          ; with its witnesses
]

; An address is handed out. Author: any active member. Decided: the next index of the wallet.
issued = {
  "index": address-index,            ; on the receive chain
  "wallet": label,
}

; An audit's result. Author: an auditor. Decided: head equals seen.
attested = {
  "head": tree-head,
  "state": digest,                   ; of the state's deterministic encoding at head
  "findings": uint53,                ; how many
}

; A document. Author: any active member.
attached = {
  ? "label": line140,                ; public for ever
  ? "request": event-id,
  "document": blob,                  ; of a 32-byte salt followed by the document
}

; ---------------------------------------------------------------------------------------------
; Requests, by their kind. In force from the event that completes their quorum.

request = transfer / create-wallet / retire-wallet / enrol-member / suspend-member / rotate-key
        / replace-policy / cancel

; One exact transaction.
transfer = {
  "fee": satoshis,                   ; inputs minus outputs
  "kind": "transfer",
  "coins": [*500 spent-coin],        ; one for each input, in the inputs' order
  "change": change-output / null,
  "wallet": label,
  ? "replaces": event-id,            ; the request whose transaction this one replaces (BIP-125)
  "transaction": byte-string,        ; unsigned: version 2, every nSequence 0xfffffffd, nLockTime 0
}

spent-coin = [
  amount: satoshis,
  script: bstr .size (0..34),        ; scriptPubKey
  previous: byte-string / null,      ; the whole transaction that made the coin, for version 0
                                     ; scripts; null for taproot
]

change-output = [
  output: uint32,                    ; the output's index in the transaction
  index: address-index,              ; on the descriptor's change chain
]

create-wallet = {
  "gap": 0..1000,                    ; addresses watched beyond the highest used one; decided: >= 1
  "kind": "create-wallet",
  "depth": 0..1000,                  ; confirmations before a coin can be spent; decided: >= 1
  ? "offset": bstr .size 32,         ; r of an internal key H + rG; without it the key is H
  "quorum": quorum,                  ; for its transfers, its retirement, and itself
  "wallet": label,
  "holders": [*32 label],            ; who holds each key, in the descriptor's order
  "ceilings": fee-ceilings,
  "shortcut": bool,                  ; declares that a spend path needs fewer members than quorum
  "descriptor": descriptor,
}

; What a transfer may pay to the miners; all must hold.
fee-ceilings = [
  fee: satoshis,
  rate: 0..1000000,                  ; satoshis per virtual byte
  share: 0..1000000,                 ; percent of the amount sent to others; 100 and more: no limit
]

retire-wallet = { "kind": "retire-wallet", "wallet": label }

enrol-member = { "kind": "enrol-member", "member": enrolment }

suspend-member = { "kind": "suspend-member", "member": label }

rotate-key = {
  "to": key-id,                      ; the member's next event key
  "kind": "rotate-key",
  "member": label,
}

replace-policy = {
  "kind": "replace-policy",
  "quorum": quorum,
  ? "wallet": label,                 ; whose quorum; the ledger's own when absent
}

; Ends an authorised transfer that has not been broadcast.
cancel = { "kind": "cancel", "request": event-id }

; ---------------------------------------------------------------------------------------------
; Quorums: at least `need` of the terms in `of`. A term is a member, a count of different holders
; of a role, or a quorum again, four deep at most.

quorum = { "of": [1*32 term4], "need": 1..32 }
quorum3 = { "of": [1*32 term3], "need": 1..32 }
quorum2 = { "of": [1*32 term2], "need": 1..32 }
quorum1 = { "of": [1*32 leaf], "need": 1..32 }

term4 = leaf / quorum3
term3 = leaf / quorum2
term2 = leaf / quorum1
leaf = label / [role: label, count: 1..32]

; ---------------------------------------------------------------------------------------------
; Values.

; A byte string: inline up to 16,384 bytes, above as a blob that is committed with the event.
byte-string = bstr .size (0..16384)
            / [size: 16385..4194304, digest: digest]

blob = [size: 1..4194304, digest: digest]

; A head of the log: how many entries, and the RFC 9162 root over them.
tree-head = [size: uint53, root: digest]

event-id = digest                    ; of the Sig_structure of the event
digest = bstr .size 32               ; SHA-256
key-id = bstr .size 33               ; a compressed secp256k1 key (SEC 1 section 2.3.3)
block-header = bstr .size 80

uint32 = 0..4294967295
uint53 = 0..9007199254740991
milliseconds = uint53                ; since 1970-01-01 UTC, without leap seconds
satoshis = 0..2100000000000000       ; 21,000,000 BTC
address-index = 0..1000000

; A handle: 1 to 32 characters, public for ever, and not a person's name.
label = tstr .regexp "[a-z][a-z0-9-]{0,31}"

; A descriptor with its checksum (BIP-380), in printable ASCII.
descriptor = tstr .size (0..8192)

; One line of text without characters that break a line, steer a terminal or reorder its
; neighbours: none of U+0000-001F, 007F-009F, 00AD, 061C, 180E, 200B-200F, 2028-202E, 2060-206F,
; E000-F8FF, FDD0-FDEF, FEFF, FFF0-FFFB, FFFE, FFFF, E0000-10FFFF.
line140 = tstr .size (0..140)
line512 = tstr .size (0..512)

"""#

private let export_md = #"""
# Export

How a ledger's evidence leaves the machine: a folder, or the same as a POSIX tar under zstd. A web
server that serves the folder as it is serves a C2SP `tlog-tiles` log.

## Layout

| path | content |
|---|---|
| `README.txt` | for the recipient: what this is, and how to check it with and without Strongroom |
| `blobs/<hh>/<digest>` | a blob: 64 lower-case hexadecimal digits of its SHA-256, below their first two |
| `checkpoint` | the signed checkpoint of this export, with every known cosignature |
| `checkpoints` | every signed checkpoint up to it, smallest first, each note followed by an empty line |
| `schemas/…` | what the bytes mean: the texts of the folder `Schemas` of the program that wrote the export, and `golden/approved.json`, the event of their worked example |
| `tile/<L>/<N>[.p/<W>]` | hash tiles (tlog-tiles): W hashes of 32 bytes, 256 in a full one |
| `tile/entries/<N>[.p/<W>]` | entry bundles: W entries, each behind its length as a big-endian uint16 |
| `tlog-policy` | whose signatures a checkpoint needs (C2SP tlog-policy): the log's key, the witnesses |
| `verify/SHA256SUMS` | one line for each other file but the note, `<digest>  <path>`, sorted by path |
| `verify/SHA256SUMS.note` | the signed note that vouches for them, by the export key |

The blobs are large transactions, every attached document, and every person's name that the ledger
has: whoever has the export can read them. Of a document and of a name they are a salt of 32 bytes
and the value. A name that is missing is no finding.

A delta has two files more, and of the others only what is new: tiles and bundles that the older
tree did not have in full (the bundle with its last entry is there whole), checkpoints above its
size, blobs that the new entries name.

| path | content |
|---|---|
| `consistency` | the RFC 9162 consistency proof, one base64 hash a line; empty when nothing is to prove |
| `since` | the older signed checkpoint that the delta starts from |

Every path is ASCII, at most 100 bytes, and matches one of the lines above; a reader refuses every
other. `README.txt` is there, and some file below `schemas`: one or two names of letters, digits, `-`
and `.`, none of which begins with a `.`. In `<N>` each three digits are a folder and all but the last
begin with `x`, as tlog-tiles says. Only the tiles of the tree of the checkpoint's size are there,
partial ones in the one width that it needs, and only blobs that an event names.

## Tar

The files in ascending order of their paths' bytes and nothing else: no folders, links or extended
headers. POSIX ustar, mode 0644, owner, group and device numbers 0 without names, time 0, no padding
beyond the two blocks of zeros at the end. A file of 8 GiB or more does not fit. Two exports of one head and one set of cosignatures by one export key are
the same bytes, since Ed25519 signatures are deterministic. The zstd frame around it (RFC 8878) may differ
between versions of the compressor.

## The manifest's note

A C2SP signed note. Its key's name is `<origin>/export`, and its text has five lines:

    strongroom-export/v1
    <the checkpoint's origin>
    <the checkpoint's size, decimal>
    <the checkpoint's root, base64>
    <SHA-256 of verify/SHA256SUMS, base64>

`sha256sum --check verify/SHA256SUMS`, run in the folder, checks every file with coreutils alone. The
key signs what left the house and nothing else: it is never the log's key, and nothing in the log
depends on it.

## Disclosure

Some events of a log, each with the proof of its place, and nothing of the others. `README.txt`,
`checkpoint`, `schemas/…`, `tlog-policy` and the manifest are as above; of the other files there are
only these:

| path | content |
|---|---|
| `blobs/<hh>/<digest>` | what `decide` reads of a disclosed event, or a document or name that was opened |
| `disclosed/<NNNNNNNNN>.entry` | the entry at that position, in nine decimal digits |
| `disclosed/<NNNNNNNNN>.tlog-proof` | the C2SP tlog-proof, without extra data, that it stands there |

The founding event, position 0, is always disclosed: its id is the ledger's, and it names the log's
key. Every proof ends in the very head of `checkpoint`. Documents and names that stand in an event
as SHA-256(salt ‖ value) are opened by their blob, and stay closed without; the value begins at its
byte 33. A name that was opened is one line of at most 256 bytes. What the watcher saw of the chain
is disclosed only by position, since one observation can speak of several wallets.

A disclosure proves for each event who signed it and where it stands. Whether it was allowed there,
and whether these are all events about their subject, follows from the whole log alone.

## Replica

A copy that its owner keeps and brings on with deltas: an export without `verify/`, and the file
`kept`, which holds what its own verification came to (`kept.cddl`). A delta is taken up when the
log's key signed its `checkpoint` and `since`, the replica's tree had the root of `since`, the new
entries lead from the replica's tree to the new root, and replaying them from the kept state gives no
finding. The new folder takes the old one's place in one step.

## Limits

| | at most |
|---|---|
| entry | 65,535 bytes |
| entries | 256,000,000 (a million bundles, so that the order of paths is that of entries) |
| bundle | 256 entries |
| disclosed events | 100,000 |
| blob | 4,194,304 bytes |
| signed checkpoint | 1,000,000 bytes, 100 signatures |
| `tlog-policy` | 1,048,576 bytes; 100 logs, 100 witnesses, 100 groups |
| any other file | 16,777,216 bytes, but for `checkpoints` and `verify/SHA256SUMS`, which are read line by line |

A reader applies them before it allocates. A bundle or tile that is shorter or longer than its path
says, an entry beyond the last of a bundle, and bytes after the end are refused, with the file and the
offset.

## Checking

1. The ledger's id, known beforehand, is the event id of entry 0, and the origin is
   `<name>/<ledger id>`.
2. The checkpoint verifies under the key in the founding event, and under `tlog-policy` if the
   recipient has one of his own (the one in the export says only what the sender expects).
3. Hashing every entry gives every tile and the checkpoint's root.
4. Replaying every entry under the rules (`rules.md`) gives no finding; blobs are what their digests
   say; every older checkpoint has the root that the tree had at its size.

The manifest is not needed for any of this: it tells which files the sender vouched for, and finds a
damaged one before the replay does.

"""#

private let files_cddl = #"""
; Files that people carry between a ledger and its members' machines. CDDL (RFC 8610).
;
; A file is text: base64 (RFC 4648, with padding, white space ignored) in lines of 76 characters
; between two lines, what stands outside of them is ignored:
;
;     -----BEGIN STRONGROOM REQUEST-----
;     -----END STRONGROOM REQUEST-----
;
; The word is EVENT or REQUEST, and the bytes are an event-file or a request-file in deterministic
; CBOR (RFC 8949 §4.2.1); the text has at most 268,435,456 bytes. Nothing in a file is trusted: an
; event is judged where it is submitted, and the history in a request file is replayed by the rules,
; under a checkpoint that the log's key has signed.

; A signed event on its way to the ledger: `approve --out`, `attach --out`, …, for `submit`.
event-file = {
  "blobs": [*1024 blob],         ; the blobs that the event names by their SHA-256, in any order: long
                                 ; byte strings, an attached document, the name of a person who is
                                 ; enrolled. Others are dropped. All but names must be here or in the
                                 ; ledger already, or the event is refused
  "event": bstr .size (1..65519), ; the envelope, event.cddl
  "ledger": digest,              ; the ledger's id
}

; A request with the history that it takes to judge it: `request export`.
request-file = {
  "blobs": [*blob],              ; what `decide` reads of the entries, and the documents attached to
                                 ; the request (at most 67,108,864 bytes; not with
                                 ; --without-documents). Never other documents, nor people's names
  "roots": [*[size: uint, root: digest, consistency]],
                                 ; heads older than `start` that events here have seen, each with the
                                 ; RFC 9162 consistency proof up to `start`
  "start": uint,                 ; the size from which on entries are here; 0 for all of them
  "state": bstr / null,          ; the state at `start`, in Strongroom's encoding, which the reader's
                                 ; key must remember by its digest; null for 0
  "proofs": [*[position: uint, entry, inclusion: [*64 digest]]],
                                 ; the request's events, and the initiations before `start` of
                                 ; requests that entries here name, each with its RFC 9162 inclusion
                                 ; proof under the checkpoint
  "entries": [*entry],           ; the log's entries from `start` to the checkpoint's size, entry.cddl
  "request": digest / null,      ; the id of the request, null for a file about the whole ledger
  "frontier": [*64 digest],      ; of the tree at `start`: the roots of its perfect subtrees, largest
                                 ; first
  "checkpoint": bstr,            ; a signed checkpoint (C2SP tlog-checkpoint)
}

consistency = [*64 digest]
entry = bstr .size (1..65535)
blob = bstr .size (1..4194304)   ; of a document or a name: 32 bytes of salt, then the value
digest = bstr .size 32

"""#

private let golden_approved_json = #"""
{
  "name": "approved",
  "about": "an approval",
  "secret_key": "30e9df1c03edddb0c35e7d462306ce9e7349856b006de6706623003525701121",
  "kid": "03785823b10ba6b96272a403e397e93d193cbe5291558e3784ef0080ebf78dc51c",
  "ledger": "0ac975a35365125409e60ec52fed1f452bcb96c1ab601d6ffbf5a2322c5a294d",
  "diagnostic": "{\"seq\": 6, \"body\": {\"request\": h'e7bd18c635eae9de62832919d8902c2d5504fb06a323e7e7c5915db5ceaf1687'}, \"seen\": [17, h'c139a4d1423518d3e48d5d20ebf3517e2e03a1b411c52c9497541edff6ac1bb2'], \"time\": 1767226620000, \"type\": \"approved\"}",
  "payload": "a5637365710664626f6479a167726571756573745820e7bd18c635eae9de62832919d8902c2d5504fb06a323e7e7c5915db5ceaf1687647365656e82115820c139a4d1423518d3e48d5d20ebf3517e2e03a1b411c52c9497541edff6ac1bb26474696d651b0000019b76ea3860647479706568617070726f766564",
  "sig_structure": "846a5369676e6174757265315850a301382e0378256170706c69636174696f6e2f766e642e7374726f6e67726f6f6d2e6576656e742b63626f7204582103785823b10ba6b96272a403e397e93d193cbe5291558e3784ef0080ebf78dc51c58200ac975a35365125409e60ec52fed1f452bcb96c1ab601d6ffbf5a2322c5a294d587ba5637365710664626f6479a167726571756573745820e7bd18c635eae9de62832919d8902c2d5504fb06a323e7e7c5915db5ceaf1687647365656e82115820c139a4d1423518d3e48d5d20ebf3517e2e03a1b411c52c9497541edff6ac1bb26474696d651b0000019b76ea3860647479706568617070726f766564",
  "event_id": "f726529b6b4cf635f3d7c1b5bc35b345f9a1a919fcbffacea483cb8c3d5211fa",
  "signature": "1d6e76abc512c9b8cb2e4fb937ea8c57f945ef8db145a5a42cfd7c03fd55d460615ad4df5b023624069eb8dc196c85ff8967c80016dda357e4eb7f50a14f4b8f",
  "envelope": "d2845850a301382e0378256170706c69636174696f6e2f766e642e7374726f6e67726f6f6d2e6576656e742b63626f7204582103785823b10ba6b96272a403e397e93d193cbe5291558e3784ef0080ebf78dc51ca0587ba5637365710664626f6479a167726571756573745820e7bd18c635eae9de62832919d8902c2d5504fb06a323e7e7c5915db5ceaf1687647365656e82115820c139a4d1423518d3e48d5d20ebf3517e2e03a1b411c52c9497541edff6ac1bb26474696d651b0000019b76ea3860647479706568617070726f76656458401d6e76abc512c9b8cb2e4fb937ea8c57f945ef8db145a5a42cfd7c03fd55d460615ad4df5b023624069eb8dc196c85ff8967c80016dda357e4eb7f50a14f4b8f",
  "entry": "821b0000019b76ea395a590114d2845850a301382e0378256170706c69636174696f6e2f766e642e7374726f6e67726f6f6d2e6576656e742b63626f7204582103785823b10ba6b96272a403e397e93d193cbe5291558e3784ef0080ebf78dc51ca0587ba5637365710664626f6479a167726571756573745820e7bd18c635eae9de62832919d8902c2d5504fb06a323e7e7c5915db5ceaf1687647365656e82115820c139a4d1423518d3e48d5d20ebf3517e2e03a1b411c52c9497541edff6ac1bb26474696d651b0000019b76ea3860647479706568617070726f76656458401d6e76abc512c9b8cb2e4fb937ea8c57f945ef8db145a5a42cfd7c03fd55d460615ad4df5b023624069eb8dc196c85ff8967c80016dda357e4eb7f50a14f4b8f",
  "leaf_hash": "06bb01d1792a208012c16d9fd9b61de64437839e017c3506f7203d2415ca0cbc"
}

"""#

private let kept_cddl = #"""
; What an auditor keeps of a verification (CDDL, RFC 8610): `strongroom verify --keep FILE` and
; `strongroom attest --keep FILE` write it, `verify --since FILE` starts from it.
;
; Deterministic CBOR (RFC 8949 §4.2.1) with the limits of entry.cddl, at most 268,435,456 bytes. It
; is evidence of nothing: the digest in it finds damage, not forgery. One that comes from other
; hands is good when the log holds an `attested` event (event.cddl) of an auditor whose key is known
; with its head, the SHA-256 of its state and its number of findings: `--attested-by KEY`.

kept = [
  version: 1,
  ledger: bstr .size 32,          ; the ledger's id
  checkpoint: tstr / null,        ; the newest signed checkpoint that the entries bore out, a signed
                                  ; note whole; it covers the head or fewer entries
  frontier: [
    size: uint .le 9007199254740992, ; how many entries were verified
    [0*53 bstr .size 32],         ; the roots of the perfect subtrees that they fall into, largest
                                  ; first; as many as the size has one bits. RFC 9162 folds them into
                                  ; the root of the head
  ],
  state: bstr,                    ; the state after those entries, in Strongroom's encoding of its
                                  ; snapshots, version 2
  findings: uint,                 ; how many findings the verification had, and the one before it
                                  ; that it started from
  digest: bstr .size 32,          ; SHA-256 of this array's encoding without this item
]

"""#

private let proofs_md = #"""
# Proofs

Files that stand alone. Each is text of lines that end in a newline, without control characters;
hashes are the base64 of 32 bytes, one a line; checkpoints are C2SP signed notes. There is one
spelling of each file: what differs from it in a byte is refused.

None of them is trusted for what it says about itself. Whoever checks one brings from elsewhere the
ledger's id, the log's verifier key (`name+id+key`), or a C2SP `tlog-policy`.

## An entry: `.tlog-proof`

A C2SP `tlog-proof`, which any tool for that checks, given the entry:

    c2sp.org/tlog-proof@v1
    extra <base64>
    index <the entry's position, decimal>
    <the RFC 9162 inclusion proof, from the leaf's sibling up>

    <the signed checkpoint>

`extra` is not covered by the proof. Ours is deterministic CBOR (RFC 8949 §4.2.1), and makes the file
self-contained:

    { "entry": bytes, "founding": bytes }

`entry` is the leaf's bytes (`entry.cddl`) and must hash to the leaf that the proof leads from;
`founding` is the entry at position 0. To check one with the ledger's id alone:

1. The event id of the event in `founding` (`README.md`) is the ledger's id, and its signature
   verifies. It names the log's Ed25519 key and the founding members' keys.
2. The checkpoint's origin and the name of its first signature is `<name>/<ledger id>`, and that
   signature verifies under the log's key.
3. SHA-256(0x00 ‖ `entry`), `index` and the hashes lead to the checkpoint's root.
4. The signature of the event in `entry` verifies under the `kid` that it names, with the ledger's id
   as `external_aad` (the empty string at position 0).
5. The cosignatures that a policy demands are there and verify.

It shows who said what, where it stands, and since when others have seen it. It does **not** show that
the event was authorised, which is for the replay of all entries before it to decide, nor that nothing
followed it, nor whose key it is unless the founding event names it.

## Consistency: `strongroom-consistency/v1`

    strongroom-consistency/v1
    <the RFC 9162 consistency proof>

    <the older signed checkpoint>

    <the newer signed checkpoint>

Both are of one origin, and signed by the log's key. There are no hashes when the sizes are equal; the
roots then are too.

## A fork: `strongroom-fork/v1`

    strongroom-fork/v1
    prefix <root, base64>
    <an RFC 9162 consistency proof>

    <the smaller signed checkpoint>

    <the larger signed checkpoint>

Both are of one origin, and signed by the log's key, which should never have signed both. Of equal
sizes the roots differ: there is no `prefix` line and no hash, and the lower root stands first. Of
different sizes, the hashes show that the larger tree began with `prefix` at the smaller size, and
`prefix` is not the root that the log signed at that size.

It shows that the log's owner signed two histories; which is the right one it does not.

## Limits

| | at most |
|---|---|
| file | 4,000,000 bytes |
| `extra` | 1,048,576 bytes |
| hashes | 64 |
| signed checkpoint | 1,000,000 bytes, 100 signatures |

"""#

private let rules_md = #"""
# The rules, version 1

How a history is judged: which events may stand where, what follows from each, and what a verifier
reports. Whoever writes a verifier from this page, `event.cddl` and `entry.cddl` finds the same
findings at the same positions as ours. Bytes are big-endian and digests SHA-256 unless said
otherwise; names in `code` are those of the schemas or of rules.

A **finding** is a position (or none, when it is about the whole log) and a **rule**. Rules that refuse
an event are named below where they refuse. The others are

| rule | position | |
|---|---|---|
| `encoding` | the entry | the entry, its event or a part of it is not in its only encoding |
| `recorded-time` | the entry | the recorded time is below that of an entry before |
| `signature` | the entry | an admitted event's signature, or one inside it, does not verify |
| `blob` | the entry | the document of an admitted `attached` is missing or other bytes |
| `unexplained-spend` | the entry | incident: a coin was spent and no request explains it |
| `unauthorised-signature` | the entry | incident: a signature exists that nobody was to make |
| `missing-entry` | the first missing | there are fewer entries than the checkpoint says |
| `tree` | the entry, or none | a stored hash is not that of the entries |
| `checkpoint` | none | a checkpoint is no signed note of this log, or its signature does not verify |
| `rollback` | its size less one, or none | a checkpoint that verifies has another root; none when it is larger than the log |

A verifier reports all findings and stops at none. Findings stand in the order of positions, those
about the whole log last. At one position: `recorded-time`, then the refusal or `blob` and incidents,
then `signature`. A pair of position and rule may be reported more than once (two wrong signatures in
one event); two verifiers agree when the sets of pairs are equal.

**Not checkable** (exit status 2, no verdict) is a log without an entry 0 that founds a ledger (every
refusal of *Founding* below), and one that holds an event with something that `event.cddl` does not name and a newer program
may: a type of event, a kind of request, a form of quorum. That is: the payload is deterministic CBOR
and a map of the five fields, of which `seq`, `seen` and `time` are sound and `type` is a text of at
most 32 bytes; and, whatever else is wrong with its `body`,

- `type` is none of those named; or
- `type` is `initiated`, and the body's `request` is a map whose `kind` is a text of at most 32 bytes,
  none of those named; or
- its `kind` is `create-wallet` or `replace-policy`, and its `quorum`, or an item of an `of` within it,
  is a map whose keys are not `of` and `need`. (Within means: in the `of` of a map with just these.)

When something else was found before, the findings are reported with one of
`encoding` about the whole log, and nothing behind that event is judged.

## 1. Reading

Entries are read in order, position 0 first. For each, with the state that follows from all before it:

1. Decode the entry, its envelope, its payload. If any of these is not in its only encoding (every
   constraint in `event.cddl`, its comments included, but for those marked *decided*): finding
   `encoding`; the entry is **skipped** without an event (see 4.3) and nothing else is judged.
   Its recorded time counts if the entry itself, the outer array of two, is sound, and else not.
2. If `recorded` is below the state's recorded time: finding `recorded-time`. From here on the
   entry's recorded time is the larger of the two.
3. Let time pass up to the recorded time (section 8: expiry).
4. Decide (sections 4 to 14). The first check that fails is the one finding of the entry: the rule that
   refuses. A refused event is skipped.
5. An admitted event is applied, whether or not its signatures verify. Each signature that does not
   (the event's own; those inside `signed`) is a finding `signature`.
6. For `attached`: the blob, `size` bytes with this digest, must be there, else a finding `blob`.
7. Each incident that followed from applying is a finding of its kind.

Every entry, skipped or not, is a leaf of the tree and takes its position.

The **signature of an event** is ECDSA on secp256k1 over the event id with the key `kid`; r and s are
from 1 to the group order less one, s in its lower half. Other values do not verify; they are not
`encoding`.

## 2. State

| part | content |
|---|---|
| size, recorded | how many entries; the last recorded time |
| founding | the founding event's body; the ledger's id; whether the founding is complete |
| policy | the ledger's quorum |
| members | by name: roles, key, status (awaiting, active, suspended); hour and events in it, day and bytes of blobs in it |
| keys | by the 33 bytes: whose, status (awaiting, in force, retired), next `seq`, size of the newest `seen`. A key stays for ever |
| wallets | by name: descriptor, holders, quorum, ceilings, depth, gap, shortcut, retired?, who has not accepted, next index and watched count of both chains |
| requests | those that live (section 7) |
| coins | by transaction id and output: wallet, chain, index, amount, script, coinbase?, height or none, spent by which transaction at which height or not |
| blocks | headers of the last 288 blocks on all branches, with our transactions in each; the active branch |
| scripts | watched script → wallet, chain, index. Never removed |

The **roster** is the active members with their roles. **Prospects** are all members that are not
suspended, with their roles.

## 3. Founding

Entry 0 is judged by itself; its `external_aad` is empty, and its event id is the ledger's id. Anything
that fails makes the log not checkable:

| what must hold | rule |
|---|---|
| it decodes, as entry and event, and is `founded` | `encoding`, `founding` |
| `rules` is 1 | `unknown-rules` |
| `seq` is 0 and `seen` is `[0, SHA-256 of nothing]` | `founding` |
| its `time` against its `recorded`, as in 4.1 | `too-old`, `from-the-future` |
| the anchor holds (section 12) | `header` |
| of the members in order: the key is a point of the curve; the name is new; the key is new | `founding`, `name-taken`, `key-taken` |
| its author's key is that of a founding member | `founding` |
| the policy names only founding members; no one fills two leaves; it is reachable, all founders counted as active | `unknown-member`, `quorum-overlap`, `quorum-unreachable` |

Its signature is checked with the `kid`: `signature` at position 0 otherwise. Afterwards every founder
and key is awaiting, the author's next `seq` is 1, the size is 1. It counts against no hourly limit.

The founding is **complete** from the first moment on at which no member is awaiting, after an
`accepted` of a member, and stays so.

## 4. What every event obeys

### 4.1 Checks, in this order

| check | rule |
|---|---|
| the author's key belongs to a member | `unknown-key` |
| `seq` is not below the key's next | `equivocation` |
| `seq` is the key's next | `sequence` |
| `time` + 2,592,000,000 (30 days) is at least the recorded time | `too-old` |
| `time` is at most the recorded time + 600,000 (10 minutes) | `from-the-future` |
| `seen`'s size is at most the entry's position | `seen-beyond-entry` |
| `seen`'s size is not below that of the key's last event | `seen-shrank` |
| the position exceeds `seen`'s size by at most 1,048,576 | `seen-too-far-behind` |
| `seen`'s root is the root of the tree of that size (RFC 9162; SHA-256 of nothing for size 0) | `seen-foreign` |
| the member has recorded fewer than `limits.hourly` events in this hour (recorded time / 3,600,000, rounded down) | `hourly-limit` |
| each blob of evidence is there, has this size and digest | `blob-missing` |
| if the event names blobs: the bytes of blobs of the member in this day (recorded time / 86,400,000) and of this event are at most `limits.dailyblobs` | `blob-limit` |

Blobs of **evidence** are those behind a `byte-string`: of `initiated` (a transfer's transaction and
previous transactions), `broadcast` and `observed`. Bytes of blobs are the sum over all of them, each
as often as it is named, and for `attached` the document's size.

Then, for every event but a member's `accepted` (5.1):

| check | rule |
|---|---|
| the key is not retired | `key-retired` |
| the key has accepted | `key-not-accepted` |
| the member is active | `member-suspended` |
| the founding is complete | `founding` |

and then the checks of its type. `founded` elsewhere than at position 0 is refused here with
`founding`.

**Covering.** "`seen` covers p" below means that `seen`'s size is larger than p; if not, the rule is
`seen-does-not-cover`.

### 4.2 Applying

Size and recorded time advance; the key's next `seq` grows by one; its newest seen size is that of the
event. The member's hour and day are those of the recorded time (a new hour or day starts at zero);
his events in the hour grow by one and his bytes of blobs in the day by the event's. Then what the
type says.

### 4.3 Skipping

An entry that is not admitted advances the size, and the recorded time to the larger of the two. If
its event could be read, its key is known and its `seq` is the key's next, the next `seq` grows by
one. Nothing else changes: not the seen size of the key, no count, no limit. Time has passed all the
same (step 3 of reading), so requests may have expired.

## 5. Types of events

### 5.1 `accepted` of a member

Checks: the key was enrolled for the member that is named (`acceptance`); the key is awaiting
(`acceptance`); the member is not suspended (`member-suspended`). Effect: member active, his key in
force; perhaps the founding is complete.

### 5.2 The others, in short

| type | checks, in order |
|---|---|
| `accepted` of a wallet | wallet known (`unknown-wallet`); the member is one of its holders (`acceptance`); he has not accepted it (`acceptance`); the text is the wallet's descriptor (`acceptance`) |
| `initiated` | section 7.1 |
| `approved` | section 7.2 |
| `aborted` | section 7.3 |
| `signed`, `exported`, `broadcast`, `relayed` | section 11 |
| `observed` | section 12 |
| `issued` | wallet known (`unknown-wallet`); all holders have accepted (`wallet-not-ready`); not retired (`wallet-retired`); the member holds one of its keys or is an `operator` (`role`); `index` is the next of the receive chain (`address-index`) and below 1,000,000 (`address-index`) |
| `attested` | role `auditor` (`role`); `head` equals `seen` (`attestation`) |
| `attached` | if it names a request: it lives or is archived (`unknown-request`); `seen` covers its position |

Effects: an accepted wallet no longer waits for that member; `issued` uses the index (section 10.3);
`attested` and `attached` have none.

**Archived** is a request that does not live but was initiated: some entry before this one, at a
position above 0, decodes and is an `initiated` event with that id, admitted or not. Its position is
that of the first such entry.

## 6. Quorums

A term is **met** by a set of approvers in a roster: a member, when he approved and is in the roster; a
`[role, count]`, when at least `count` approvers in the roster hold the role; a quorum, when it is
complete. A quorum is **complete** when at least `need` of its terms are met. Only members of the
roster count; a term that stands twice counts twice.

- **Approvers** of a quorum: the members of the roster that are named in it, or hold a role that is,
  at any depth.
- **Reachable**: complete if the whole roster approved.
- **Somebody fills two leaves**: walk all leaves (members and roles at any depth). A member leaf is
  held by that member, whether he is in the roster or not; a role leaf by the members of the roster
  with that role. If any member holds two leaves, the quorum overlaps. (The same name in two leaves is
  an overlap too.)
- **Fewest members**: of a member term 1 if he is in the roster, else impossible; of a role term
  `count` if at least so many in the roster hold it, else impossible; of a quorum the sum of the
  `need` cheapest possible terms, impossible if there are fewer.

"The quorum is **sound**" means, in this order: every member named in it exists, of whatever status
(`unknown-member`); nobody fills two leaves among the prospects (`quorum-overlap`); it is reachable in
the roster (`quorum-unreachable`).

## 7. Requests

A request **lives** from its `initiated` until it is removed. It has its intent, its initiator (the
member), the approvals, whether and where it was authorised, the signatures on record, whether
something was **released** (a `signed` or `exported` event), where it was last broadcast, an **ending**
or none (aborted, expired, voided, superseded, cancelled, executed), and what the chain shows: nothing,
confirmed at a height, or in conflict at a height with a transaction.

- Its **rule** is the quorum that decides it: the wallet's for `transfer`, `retire-wallet` and
  `replace-policy` of a wallet; the target's rule for `cancel`; otherwise the ledger's policy. The rule
  is looked up when it is needed and not kept.
- Its **subject** is the member of a `suspend-member` or `rotate-key`.
- It is **open** when it has no ending and the chain shows nothing of it.
- It is **changeable** when it has no ending, was not broadcast, and is not confirmed (a conflict does
  not matter).
- **Ending** a request sets its ending. If nothing was released it is removed at once. Otherwise it
  stays, outstanding, with its coins reserved, until the chain settles it (section 12).

### 7.1 `initiated`

| check, in order | rule |
|---|---|
| `expires` is above the recorded time, by at most 2,592,000,000 (30 days) | `expiry` |
| the intent holds (7.4) | as there |
| `seen` covers the position of the request that a `cancel` ends; of the one that a transfer replaces | `seen-does-not-cover` |
| the member is an approver of the rule in the roster, or an `operator`, or, for `transfer` and `retire-wallet`, a holder of the wallet | `role` |
| for a transfer: he has initiated fewer than `limits.transfers` transfers that are open now | `open-transfers` |

Effect: the request lives; its id is the event's. A transfer reserves its coins, and uses its change
index (10.3).

### 7.2 `approved`

| check, in order | rule |
|---|---|
| the request lives | `request-ended` if it is archived, else `unknown-request` |
| `seen` covers its position | `seen-does-not-cover` |
| it is open | `request-ended` |
| it is not authorised | `quorum-complete` |
| the member has not approved it | `already-approved` |
| he is not its subject | `subject` |
| it has a rule: a `cancel` has none once its target does not live | `request-ended` |
| he is an approver of its rule in the roster | `not-approver` |

Effect: his approval counts. If the rule is now complete (approvers as members, by whatever key they
approved, in the roster without the subject), the request is authorised at this position. Then:

- A **transfer** waits to be signed. If it replaces others, those of its chain (section 9.3) that were
  initiated before it and are changeable end as superseded.
- Any **other** request takes effect at once (7.5).

Approvals count by the rule and the roster of the moment: of one who is no longer in the roster the
approval does not count. The quorum is looked at only when somebody approves; no other event completes
it.

### 7.3 `aborted`

As 7.2 up to `quorum-complete`. Then, unless the member is the initiator and not the subject: not the
subject (`subject`); it has a rule (`request-ended`); an approver of it in the roster (`not-approver`). Effect: it ends as aborted.

### 7.4 Whether an intent holds

Judged when it is initiated, and again when its quorum is complete (but not for a transfer).

| kind | checks, in order |
|---|---|
| `transfer` | section 9 |
| `create-wallet` | section 10.1 |
| `retire-wallet` | wallet known (`unknown-wallet`); not retired (`wallet-retired`) |
| `enrol-member` | no member has the name (`name-taken`); the key is new (below); with the member among the prospects, no one fills two leaves of a quorum in force: the policy, and those of all wallets, retired ones included (`quorum-overlap`) |
| `suspend-member` | member known (`unknown-member`); not suspended (`member-suspended`); without him every quorum in force is reachable in the roster (`quorum-unreachable`) |
| `rotate-key` | member known (`unknown-member`); not suspended (`member-suspended`); the key is new; without him the policy is reachable in the roster (`quorum-unreachable`) |
| `replace-policy` | the quorum is sound (section 6). For a wallet's: wallet known, retired or not (`unknown-wallet`); no shortcut (`shortcut`, 10.2) |
| `cancel` | the target lives (`request-ended` if archived, else `unknown-request`); is open (`request-ended`); is an authorised transfer (`not-cancellable`); was not broadcast (`not-cancellable`) |

A key is **new** when it is a point of the curve, is and was nobody's event key, and is not the public
key of an extended key of any wallet, retired ones included (each `key-taken`).

### 7.5 What takes effect

At the event that completes the quorum. If the intent no longer holds, the request ends as voided
instead; that is no finding. Otherwise:

| kind | effect |
|---|---|
| `create-wallet` | the wallet exists; all its holders have yet to accept; both chains are watched up to the gap |
| `retire-wallet` | retired. **Voids** `transfer`, `retire-wallet` and `replace-policy` of the wallet |
| `enrol-member` | the member and his key exist, awaiting |
| `suspend-member` | suspended; out of the roster. Voids what he acts on |
| `rotate-key` | the member's present key is retired, the new one awaiting (next `seq` 0, seen size 0), and so is the member: out of the roster until the new key accepts. Voids what he acts on |
| `replace-policy` | the quorum is in force. Voids what it rules: of a wallet as for `retire-wallet`; of the ledger `create-wallet`, `enrol-member`, `suspend-member`, `rotate-key` and `replace-policy` of the ledger |
| `cancel` | the target ends as cancelled |

then the request itself ends as executed. A member **acts on** the requests that he initiated, has
approved, or is the subject of. Voiding ends, as voided, every *changeable* request that is touched,
and every changeable `cancel` of one that is so ended; never the request itself.

## 8. Expiry

Before an entry is decided, every request that is changeable and of which the chain shows nothing, and
whose `expires` is at most the entry's recorded time, ends as expired.

## 9. Transfers

### 9.1 The intent

| check, in order | rule |
|---|---|
| wallet known; all its holders have accepted | `unknown-wallet`, `wallet-not-ready` |
| not retired, unless `change` is null | `wallet-retired` |
| **form**: the transaction decodes, without witnesses (section 13) | `transaction` |
| version 2, nLockTime 0 | `transaction` |
| as many inputs as `coins`, at least one | `transaction` |
| of each input: nSequence 0xfffffffd, empty scriptSig | `transaction` |
| no outpoint twice; at least one output | `transaction` |
| the script of each of `coins` is watched and this wallet's | `unknown-coin` |
| **coins**, each in order, all checks of one before the next (9.2) | |
| **outputs**, each in order: has an address (below); its amount is not dust | `transaction`, `dust` |
| **change**, if not null: the output exists; `index` is the next of the change chain; the output's script is that of the wallet's change chain at `index` | `change`, `address-index`, `change` |
| **fee**: amounts of coins and of outputs each sum to at most 2,100,000,000,000,000; inputs are not below outputs; `fee` is the difference | `fee` |
| the ceilings hold (9.4) | `fee-ceiling` |
| the replacement holds, if there is one (9.3) | `replacement` |

Scripts **with an address**: P2PKH (25 bytes), P2SH (23 bytes), and every witness program: 4 to 42
bytes, of which the first is 0x00 or 0x51 to 0x60 and the second is the number of those behind it.
**Dust** is less than 3 × (8 + size of the script's length + script + 41 + s) satoshis, where s is 26
for witness programs and 107 for others: 546 for P2PKH, 540 for P2SH, 294 for P2WPKH, 330 for P2WSH
and P2TR.

### 9.2 Each coin

| check, in order | rule |
|---|---|
| the outpoint is a coin of the wallet | `unknown-coin` |
| amount and script are the coin's | `coin-mismatch` |
| no transaction of the active branch spends it | `coin-spent` |
| its confirmations (tip's height − its height + 1; none without a block) are at least the wallet's depth, and 101 for a coinbase | `coin-immature` |
| no other request holds it (below) | `coin-reserved` |
| version 0 wallets: `previous` decodes as a whole transaction, its id is the outpoint's, and the output has this amount and script; taproot: `previous` is null | `previous-transaction` |

A coin is **held** by every living transfer that spends it and of which the chain shows nothing,
whatever its ending. Holders of the chain of replacements that the transfer joins do not count.

### 9.3 Replacement

A transfer without `replaces` begins a chain; one with it joins the chain of the one that it names, if
that lives. The chain of a request does not change when others of it end.

If there is `replaces`: it lives, is a transfer of the same wallet, and the chain shows nothing of it;
no living request of the chain of which the block chain shows nothing was initiated later than it; and
with each living request of the chain, in conflict or not, the transfer has a coin in common and,
unless that request has an ending and was never authorised, a higher fee.

### 9.4 Ceilings

With the **virtual size** v = (4 × size + 2 + Σ over inputs (w − 164) + 3) / 4, rounded down, where
size is that of the unsigned transaction and w the most that an input of the wallet weighs, with k
the threshold and n the count of keys, c(x) the size of a CompactSize of x:

| descriptor | w |
|---|---|
| `wpkh` | 165 + 107 |
| `wsh(multi)` | 165 + 1 + 73 k + c(3 + 34 n) + 3 + 34 n |
| `tr(KEY)` | 165 + 65 |
| `tr(U,multi_a)` | 165 + 65 k + (n − k) + c(s) + s + 34, with s = 34 n + 2, or + 3 if k > 16 |

`fee` is at most the first ceiling; fee / v, rounded up, at most the second; and, unless the third is
100 or more or nothing is sent, 100 × fee / sent, rounded up, at most the third. **Sent** is the sum of
all outputs but the change.

## 10. Wallets

### 10.1 `create-wallet`

| check, in order | rule |
|---|---|
| no wallet has the name, retired ones included | `name-taken` |
| the descriptor is accepted (10.4), and is its own canonical text | `descriptor` |
| as many holders as keys | `holders` |
| of each holder and key in order: member known; active; the extended key's public key was nobody's event key; and is not of another wallet | `unknown-member`, `holders`, `key-taken`, `key-taken` |
| the quorum is sound (section 6) | as there |
| `depth` is 1 to 1,000; `gap` is 1 to 1,000 | `descriptor` |
| no shortcut (10.2) | `shortcut` |

### 10.2 Shortcuts

Not judged when the wallet declares one, or when the quorum's fewest members (section 6, in the roster)
is impossible. Otherwise: count the keys of each holder, take the holders with most keys first until
their keys reach the threshold; so many members must be at least the quorum's fewest.

### 10.3 Watched scripts

Each chain (receive 0, change 1) has a next index and a watched count, both 0 at first. The wallet's
creation watches `gap` scripts of each. **Using** an index that is not below the next sets the next to
one more, and watches, if that is more than now, next + `gap` scripts; using a lower index changes
nothing. Used are: the index of `issued`; the change index of an `initiated` transfer; the index of
each coin when the active branch makes it (12.3). A watched script stays watched.

The **digest of the watched scripts** is SHA-256 of the deterministic CBOR of
`[[descriptor, receive count, change count], …]`, all wallets in the order of their names, the
descriptor as text with its checksum, counts of watched scripts. Without wallets it is that of `80`.

### 10.4 Descriptors

Printable ASCII (0x20 to 0x7e), at most 8,192 bytes: an expression, `#`, and BIP-380's checksum of 8
characters. Expressions, without spaces:

    wpkh(KEY)    wsh(multi(k,KEY,…))    wsh(sortedmulti(k,KEY,…))
    tr(KEY)      tr(U,multi_a(k,KEY,…)) tr(U,sortedmulti_a(k,KEY,…))

- `k` is decimal without leading zeros, 1 to the count of keys; 1 to 15 keys in `wsh`, 1 to 20 in `tr`.
- `U` is the x coordinate, in 64 lower-case hexadecimal digits, of H, or of H + rG where the request
  has an `offset` r, which is at least 1 and below the group's order. `H` is
  `50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0`, with an even y (BIP-341). An
  `offset` beside another expression is refused.
- `KEY` is an optional origin, an xpub (main) or tpub (other networks) in Base58Check, and `/<0;1>/*`.
  An extended key of depth 0 has a zero parent fingerprint and child number; its key is a point of the
  curve; its depth is at most 253. An origin is `[` 8 lower-case hexadecimal digits, then for each step
  `/`, a decimal number below 2³¹ without leading zeros and, if hardened, `h`; then `]`; at most 253
  steps.
- No x coordinate stands twice among those of all extended keys and of the keys derived from each at
  `0/0`.

This is the canonical text; what parses but is not it (`'` for `h`, other case, no checksum) is refused
with `descriptor` like all else.

Script `i` of chain `c`: each key by BIP-32 public derivation `c/i`; then P2WPKH (BIP-382); P2WSH of
`OP_k <key>… OP_n OP_CHECKMULTISIG`, keys of 33 bytes in the order of the descriptor or, for
`sortedmulti`, of their bytes (BIP-383); P2TR of the key without scripts (BIP-386); or P2TR with the
internal key U and one tapscript leaf, version 0xc0, `<x> OP_CHECKSIG <x> OP_CHECKSIGADD …
OP_k OP_NUMEQUAL`, x coordinates in the order of the descriptor or, for `sortedmulti_a`, of their bytes
(BIP-387). Numbers are pushed in the shortest way: `OP_1` to `OP_16`, above as a script number.

## 11. Signing and sending

A **frozen** transfer is its transaction, the amounts and scripts of `coins`, and for each the derived
script behind it. Every digest to be signed follows: for version 0 scripts BIP-143 with SIGHASH_ALL,
script code P2PKH of the key (`wpkh`) or the witness script; for taproot BIP-341 with SIGHASH_DEFAULT
(type byte 0), no annex, and for `multi_a` BIP-342's extension with the leaf's hash, key version 0 and
code separator position 0xffffffff.

### 11.1 `signed`

Any active member may record it: it tells that signatures exist.

| check, in order | rule |
|---|---|
| the request lives, or is archived | `unknown-request` |
| `seen` covers its position | `seen-does-not-cover` |
| it is a transfer | `unknown-request` |
| if archived: its wallet is known; the blob of its transaction is there; **form** and scripts of 9.1 | `unknown-wallet`, `blob-missing`, `transaction`, `unknown-coin` |
| there is a signature | `signature-of-input` |
| each in order: the input exists; `key` is one of the keys derived for it; the request has no signature of that input and key yet, nor has this event; its form (below) | `signature-of-input` |
| if the request lives, is authorised and has no ending: `seen` covers the position where it was authorised | `seen-does-not-cover` |

Keys are 33 bytes for version 0 scripts and 32 bytes (x) for taproot; for `tr(KEY)` the derived key
before the tweak, although the signature verifies with the output key. Form: version 0: strict DER
(BIP-66) of r and s below the group order, s in the lower half, then the byte 0x01; taproot: 64 bytes
(BIP-340).

Each signature is then verified: `signature` if it does not hold, and still the event is applied.
Effect, if the request lives: its signatures are on record, also one that does not verify; something
was released. If the request does not live, is not authorised, or has an ending: incident
`unauthorised-signature` (once for the event).

### 11.2 `exported`, `broadcast`, `relayed`

| `exported`, `broadcast`: check, in order | rule |
|---|---|
| the request lives; `seen` covers its position | `request-ended` if archived, else `unknown-request`; `seen-does-not-cover` |
| it is a transfer | `unknown-request` |
| it is open | `request-ended` |
| it is authorised | `not-authorised` |
| the member holds a key of the wallet or is an `operator` | `role` |
| `exported`: `seen` covers the position where it was authorised | `seen-does-not-cover` |
| `broadcast`: the transaction decodes; its id is that of the frozen one; the witness of each input is the one below | `final-transaction` |

Witness of an input: of the signatures on record for it, exactly as many as the threshold stand among
the witness's items; these verify; and the witness is what they make, byte for byte: P2WPKH signature
and key; P2WSH the empty item, the signatures in the order of the keys in the script, the script; key
path the signature; script path for each key of the script, the last first, its signature or an empty
item, then the script and the control block (33 bytes: 0xc0 or 0xc1, U of 10.4).

Effects: `exported`: something was released. `broadcast`: the request was broadcast at this position;
the answer of an earlier one no longer counts.

| `relayed`: check, in order | rule |
|---|---|
| role `watcher` | `role` |
| the request lives and is a transfer | `unknown-request` |
| it was broadcast; `seen` covers the position of the last broadcast | `not-broadcast`, `seen-does-not-cover` |
| `txid` is that of the frozen transaction | `final-transaction` |

## 12. The chain

### 12.1 Headers

The **anchor** holds when `times` are min(height + 1, 11); `bits` of `period` expand (Core's
`SetCompact`) to a target that is not negative, zero, over 256 bits, or above the network's limit; and,
if the height is a multiple of 2,016, `period`'s time is the last of `times`. It is the first block;
its hash is that of `header`.

Each header is judged by the state of the chain at its parent: height, chain work, the last up to
eleven times (for the anchor those of `times`), time and bits of the first block of the parent's period. A period is 2,016 blocks.

- `bits` is the one that is required. For the first block of a period (not on regtest): the period's
  target × t / 1,209,600, rounded down, t the last block's time less the period's first, within
  302,400 to 4,838,400; at most the limit; in compact form (Core's `GetCompact`). Otherwise the period's bits,
  but on testnet4 and regtest the limit's for a block more than 1,200 s after its parent. (On regtest
  the first of a period has the period's bits.)
- `time` is above the median (the middle of the sorted times; of an even count the upper one) and at
  most the entry's recorded time in whole seconds + 7,200. On testnet4 that of the first block of a
  period is at least the parent's less 600.
- `version` (signed) is at least 4; on main 2 from height 227,931, 3 from 363,725, 4 from 388,381, and
  anything below.
- The hash, as a little-endian number, is at most the target.
- Work of a block is 2²⁵⁶ / (target + 1), rounded down; chain work stays below 2²⁵⁶.

Limits: main and testnet4 2²²⁴ − 1, signet 0x377ae × 2²¹⁶, regtest 2²⁵⁵ − 1.

### 12.2 `observed`

| check, in order | rule |
|---|---|
| role `watcher` | `role` |
| `scripts` is the digest of the watched scripts (10.3) | `watched-scripts` |
| it holds a header or a transaction | `header` |
| each header: its parent is the header before it in the event, for the first any known block, on whatever branch; it is not known itself; 12.1 | `header` |
| each transaction: its block is known, or one of the event's; its bytes decode as a whole transaction; the branch holds (below); no transaction of this id is in this block twice in the event; it spends or makes a coin and, if it was observed in this block before, one that the lists kept with it (below) lack | `branch` |

The **branch**: `index` is below 2 to the number of siblings. The transaction has not 64 bytes without
its witnesses. From the transaction's id upwards, bit n of `index` says whether the node is the right
one; a right node does not equal its sibling; no 64 bytes of two nodes read as a transaction without
witnesses, with one input and at least one output (section 13); the root is the header's. Nodes are
double SHA-256.

A transaction **makes** a coin with each output whose script is watched now. It **spends** those of its
inputs' outpoints that are coins now, spent or not, in a block or not; or that transactions in known
blocks off the active branch, or earlier in this event, make. These two lists are kept with it in its
block. Scripts can come to be watched, and coins be known, only after a block was observed: its
transactions are then observed again for what their lists lack, and that alone is added to them.

### 12.3 Applying

1. The headers become known. Each transaction, in order, is added to its block's, or what its lists
   lacked is to them; if that block is on the active branch already, what was added is connected at
   once.
2. If the last header of the event has more chain work than the tip, its branch becomes the active one:
   from the tip down, each block that is left has its transactions disconnected, last first; then each
   block of the new part, oldest first, has them connected.
3. The settled part is forgotten (12.4).

**Connecting** transactions at a height: first, in order, each coin that one makes exists (what was
known of it stays) with this height, and uses its index (10.3). Then, in order, each outpoint that one
spends and that is a coin is spent by it at this height; of each living transfer that spends one of
these, what the chain shows is derived anew. If it spent any coin, and these transfers have not one
whose transaction it is and that is authorised and has no ending: incident `unexplained-spend` at the
event (once for each such transaction).

**Disconnecting**: coins that it makes have no height; coins that are spent by it are not spent, and of
the living transfers that spend them what the chain shows is derived anew.

**What the chain shows** of a transfer: if any of its coins is spent by its own transaction, confirmed
at that height; else, if any is spent, in conflict at the lowest height of these; else nothing.

### 12.4 What is settled

With the tip's height h above 288, after each `observed`:

- living requests that are confirmed or in conflict at a height below h − 288 are removed;
- blocks of the active branch below h − 288 are forgotten, and with each the coins that its
  transactions spend;
- blocks off the active branch whose parent is not known any more are forgotten, lowest first.

A coin without a height is forgotten as soon as no known block makes it and no living transfer spends
it: with the last such block, or when the last such transfer is removed.

## 13. Transactions

Bitcoin's encoding (BIP-144), exactly one and nothing behind it. CompactSizes in their shortest form;
counts and lengths that the bytes can hold; each amount at most 2,100,000,000,000,000 satoshis; weight
at most 4,000,000. A **whole** transaction has an input; with marker 0 and flag 1 it has witnesses, of
which at least one is not empty. **Without witnesses** there is no marker: a zero where it would be is
a count of no inputs. The id is the double SHA-256 of the form without witnesses. A coinbase has one
input, which spends output 0xffffffff of the id zero.

## 14. Blobs

A blob is stored under its SHA-256. A blob of other bytes is as good as none. Missing evidence (4.1)
refuses the event. A missing document of an `attached` is the finding `blob`; the event is admitted.

## 15. The log around the entries

Of an export (`export.md`):

| what is wrong | finding |
|---|---|
| a file is missing, too short, too long, foreign to the layout, or not of its form; notes in `checkpoints` do not ascend | `layout` about the log |
| a blob that no event names, if every entry was admitted | `layout` about the log |
| a file is not the one of the manifest, or the manifest's note does not hold | `manifest` about the log |
| the hash of entry p is not the one in the tile of level 0 | `tree` at p |
| a hash above is not the one that follows from the entries, and none below it is wrong | `tree` about the log |
| fewer entries than the checkpoint's size | `missing-entry` at the first missing |
| a checkpoint is no signed note, has another origin than `<name>/<ledger id>`, is not signed by the key in the founding event, or that signature does not verify | `checkpoint` about the log |
| a cosignature by a witness of the export's `tlog-policy` does not verify | `checkpoint` about the log |
| a checkpoint that verifies has another root than the tree at its size | `rollback` at its size less one |
| its size is larger than the export's | `rollback` about the log |

A bundle that is not of its form is refused whole, so that its first entry is the first missing one;
behind a missing entry no entry is judged, and without entry 0 nothing is. A file at a path of no form
of the layout is `layout` alone, and a line of the manifest for such a path is `manifest`. A tile or
bundle that the tree has not is `layout` alone. An event names a blob as a byte string, as a document,
or as the `person` of a member. The manifest's note is compared with the checkpoint in the file
`checkpoint`, its origin included, if that can be read, and with `verify/SHA256SUMS` in any case. What
`tlog-policy` of the recipient asks for and the newest checkpoint lacks is the finding `witness` about
the log.

Of a disclosure:

| what is wrong | finding |
|---|---|
| `disclosed/000000000.entry` is missing or does not found a ledger | not checkable |
| an entry or its event is not in its only encoding | `encoding` at the entry |
| an event's signature does not verify | `signature` at the entry |
| an entry's proof is missing, is none, ends in another head than `checkpoint`, is not signed by the log's key, or does not lead to its root | `tree` at the entry |
| blobs of evidence are missing | `blob` at an entry that names one |
| a blob has other bytes than its digest says | `blob` about the log |
| a document that was opened has another size than its event says, a name that was opened is none | `blob` at the entry |
| a file is foreign to a disclosure, a proof has no entry, a blob is named by no disclosed event | `layout` about the log |

The checkpoint and the manifest are judged as those of an export.

"""#

private let tables_md = #"""
# Tables

`strongroom export --csv FOLDER` and `--jsonl FOLDER|FILE.jsonl[.zst]` write a ledger's history as
three tables for spreadsheets and databases. They are derived and unsigned: the evidence is the log.
Everything is replayed and judged while it is written, and the exit status is 1 when there are
findings.

## Files

| target | files |
|---|---|
| `--csv FOLDER` | `events.csv`, `requests.csv`, `movements.csv` |
| `--jsonl FOLDER` | `events.jsonl`, `requests.jsonl`, `movements.jsonl` |
| `--jsonl FILE.jsonl[.zst]` | one file; each row begins with `"table"`: `events`, `requests` or `movements` |

CSV is RFC 4180: a line of column names, UTF-8 without a mark, commas, CR LF; a field with another
character in it than the plain ones stands in quotes. An empty field is no value. JSON Lines has one
object a line with the columns as keys in the order below, `null` for no value.

| type | CSV | JSON |
|---|---|---|
| integer | decimal digits, `-` before a negative one | number; below 2^53 |
| BTC | decimal with all 8 places, exact; the integer of satoshis stands beside it | string |
| time | ISO 8601 in UTC with milliseconds; the integer of milliseconds since 1970 stands beside it | string |
| flag | `true`, `false` | boolean |
| word | a name, a rule, hexadecimal digits: nothing that people choose freely | string |
| list | words with `;` between them | array of strings |
| text | what people or a node wrote, always in quotes | string |

**Spreadsheets compute text that begins like a formula.** In CSV, a text whose first character, white
space aside, is one of `= + - @ | % '` or a full-width form of the first four, or which begins with a
control character, gets one apostrophe before it. A program that reads the file removes one leading
apostrophe from a `text` column and has the text as it was signed. JSON Lines has it as it is.

## events

One row for each entry of the log, in its order.

| column | type | unit | meaning |
|---|---|---|---|
| `position` | integer | | the entry's place in the log, from 0 |
| `recorded_ms`, `recorded` | integer, time | ms | when the ledger recorded it |
| `signed_ms`, `signed` | integer, time | ms | the author's own clock when he signed |
| `type` | word | | the fact: `founded`, `initiated`, `approved`, … |
| `author` | word | | the member whose key signed |
| `key` | word | | the key, 33 bytes |
| `sequence` | integer | | how many events the key had signed before |
| `event_id` | word | | the SHA-256 that was signed |
| `seen_size` | integer | entries | the newest tree head that the author had verified |
| `request` | integer | | the running number of the request that it is about; none when that had ended before |
| `request_id` | word | | that request's id |
| `wallet` | word | | the wallet that it names itself |
| `text` | text | | a reference, a reason, a label, the node's words |
| `bytes` | integer | bytes | the signed event's size |
| `admitted` | flag | | `false`: the rules refuse it; then only place and time are given |

## requests

One row for each request: those that ended in the order in which they did, then the others by number.

| column | type | unit | meaning |
|---|---|---|---|
| `request` | integer | | the running number, from 1 |
| `request_id` | word | | the id of its `initiated` event |
| `kind` | word | | `transfer`, `create-wallet`, … |
| `wallet` | word | | the wallet that it is about |
| `subject` | word | | the member that it is about; for `cancel` the id of the request |
| `initiator` | word | | who made it |
| `initiated_position`, `initiated_ms`, `initiated` | integer, integer, time | ms | where and when |
| `expires_ms`, `expires` | integer, time | ms | when it ends by itself |
| `reference` | text | | what it is known as elsewhere |
| `rule` | word | | the quorum that it stands under |
| `approvers` | list | | who approved, in order |
| `authorised_position`, `authorised_ms`, `authorised` | integer, integer, time | ms | the approval that completed the quorum |
| `signers` | list | | who signed, in order |
| `signatures` | integer | | signatures of inputs in all |
| `released_position` | integer | | where the first signature or PSBT left |
| `broadcast_position`, `broadcast_ms`, `broadcast` | integer, integer, time | ms | the last broadcast |
| `node_accepted` | flag | | the node's last answer |
| `node_message` | text | | its words |
| `status` | word | | where it stands, or how it ended |
| `ended_position`, `ended_ms`, `ended` | integer, integer, time | ms | the entry that ended it; of an expiry, the next entry and the time of the expiry |
| `txid` | word | | its transaction, in the order of block explorers |
| `replaces` | word | | the id of the request whose transaction it replaces |
| `sent_sat`, `sent_btc` | integer, BTC | satoshi, BTC | what goes to others |
| `fee_sat`, `fee_btc` | integer, BTC | satoshi, BTC | |
| `change_sat`, `change_btc` | integer, BTC | satoshi, BTC | what returns |
| `vsize` | integer | vB | at most |
| `inputs` | integer | | coins spent |

## movements

One row for each coin that came to or left a wallet, as blocks showed it, in the order of the events
that observed them. The sum of `delta_sat` over a wallet is what its unspent coins in blocks are
worth: `confirmed` + `reserved` + `pending` of `strongroom balance`, less change that no block has
yet.

| column | type | unit | meaning |
|---|---|---|---|
| `position` | integer | | the `observed` event that shows it |
| `recorded_ms`, `recorded` | integer, time | ms | when that was recorded |
| `wallet` | word | | |
| `cause` | word | | in: `deposit`, `change`, `internal` (from another wallet of the ledger); out: `spend`, `unexplained` |
| `undone` | flag | | a reorganisation takes the movement back |
| `delta_sat`, `delta_btc` | integer, BTC | satoshi, BTC | what it adds to the wallet; negative when it leaves |
| `amount_sat`, `amount_btc` | integer, BTC | satoshi, BTC | the coin's amount |
| `txid` | word | | the transaction that made or spent the coin |
| `output_txid`, `output_index` | word, integer | | the coin |
| `address` | word | | |
| `chain`, `index` | word, integer | | the coin's address in the descriptor: `receive` or `change` |
| `height`, `block` | integer, word | | the block |
| `request` | integer | | the request whose transaction it is; none for a deposit |

"""#
