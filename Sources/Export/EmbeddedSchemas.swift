// Written by Tools/embed-schemas from the folder Schemas; a test compares the two.

/// The texts that say what an export's bytes mean, for programs that have no sources beside them.
enum EmbeddedSchemas {
    /// Each file's name in the folder `Schemas` and its text, in the order of names.
    static let files: [(name: String, text: String)] = [
        ("README.md", README_md),
        ("entry.cddl", entry_cddl),
        ("event.cddl", event_cddl),
        ("export.md", export_md),
    ]
}

private let README_md = #"""
    # Formats

    What Strongroom records and exports, so that it can be read and checked without Strongroom.

    | file | format |
    |---|---|
    | `event.cddl` | the event: its COSE envelope, its payload, every fact, every request |
    | `entry.cddl` | the entry: a leaf of the log, around an event |
    | `golden/` | one event of every kind, with every intermediate value |

    The schemas are CDDL (RFC 8610). Any validator that knows all of it takes them as they are; some
    read a bare map key such as `time` as the name of a type, which is why keys stand in quotes.

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
      "scripts": digest,                 ; SHA-256 over the watched scripts, sorted, each behind its
                                         ; length as one byte
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
    | `schemas/…` | the folder `Schemas` of the program that wrote the export: what the bytes mean |
    | `tile/<L>/<N>[.p/<W>]` | hash tiles (tlog-tiles): W hashes of 32 bytes, 256 in a full one |
    | `tile/entries/<N>[.p/<W>]` | entry bundles: W entries, each behind its length as a big-endian uint16 |
    | `tlog-policy` | whose signatures a checkpoint needs (C2SP tlog-policy): the log's key, the witnesses |
    | `verify/SHA256SUMS` | one line for each other file but the note, `<digest>  <path>`, sorted by path |
    | `verify/SHA256SUMS.note` | the signed note that vouches for them, by the export key |

    A delta has two files more, and of the others only what is new: tiles and bundles that the older
    tree did not have in full (the bundle with its last entry is there whole), checkpoints above its
    size, blobs that the new entries name.

    | path | content |
    |---|---|
    | `consistency` | the RFC 9162 consistency proof, one base64 hash a line; empty when nothing is to prove |
    | `since` | the older signed checkpoint that the delta starts from |

    Every path is ASCII, at most 100 bytes, and matches one of the lines above; a reader refuses every
    other. In `<N>` each three digits are a folder and all but the last begin with `x`, as tlog-tiles
    says. Only the tiles of the tree of the checkpoint's size are there, partial ones in the one width
    that it needs.

    ## Tar

    The files in ascending order of their paths' bytes and nothing else: no folders, links or extended
    headers. POSIX ustar, mode 0644, owner and group 0 without names, time 0, no padding beyond the two
    blocks of zeros at the end. Two exports of one head and one set of cosignatures by one export key are
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

    ## Limits

    | | at most |
    |---|---|
    | entry | 65,535 bytes |
    | entries | 256,000,000 (a million bundles, so that the order of paths is that of entries) |
    | bundle | 256 entries |
    | blob | 4,194,304 bytes |
    | signed checkpoint | 1,000,000 bytes, 100 signatures |
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
