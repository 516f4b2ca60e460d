internal import Bytes
internal import Merkle

/// What the recipient of an export reads first: what this is, how to check it, what it proves.
struct RecipientText {
    private let exported: ExportedLog
    private let since: Checkpoint?
    private let signer: NoteVerifierKey

    init(_ exported: ExportedLog, since: Checkpoint?, signer: NoteVerifierKey) {
        self.exported = exported
        self.since = since
        self.signer = signer
    }

    /// The text of `README.txt`: lines of at most 80 columns, but for keys and digests.
    var readme: String {
        [what, contents, since == nil ? checking : takingUp, proof].joined(separator: "\n")
    }

    private var what: String {
        let checkpoint = exported.checkpoint
        return """
            \(since == nil ? "EXPORT" : "DELTA EXPORT") OF A STRONGROOM LEDGER

            A Strongroom ledger is the history of a Bitcoin treasury: every request, approval,
            abort, signature and payment, each signed by the person or device that did it, in an
            append-only log that cannot be changed without a trace.

              log       \(checkpoint.origin)
              ledger    \(exported.ledger.hex)
              entries   \(checkpoint.size)\(range)
              root      \(encodeBase64(checkpoint.root.array)) (base64)
                        \(checkpoint.root.hex) (hexadecimal)
              log key   \(exported.key.encodedText)
              manifest  \(signer.encodedText)

            The ledger's id is all that you must know beforehand, from a source other than
            this export: compare it with the one that you were given when you were first told
            of the ledger. Everything else follows from it.

            """
    }

    private var range: String {
        guard let since else { return "" }
        return """
             in all; here those from position \(since.size) on, for
                        somebody who holds the entries before and their checkpoint
            """
    }

    private var contents: String {
        """
        WHAT IS HERE

          tile/entries/…   the entries, 256 a file, each behind its length (two bytes)
          tile/0/…         the Merkle tree over them (RFC 9162), as tlog-tiles has it
          checkpoint       the tree's head, signed by the log's key and any witnesses
          checkpoints      every head that was signed on the way
          blobs/…          documents, people's names and large transactions, each named by
                           its SHA-256; a document or a name follows 32 bytes of salt
          schemas/…        what the bytes mean: read schemas/README.md, then export.md
          tlog-policy      whose signatures the sender expects on a checkpoint
          verify/…         the SHA-256 of every file, and a signed note over that list
        \(since == nil ? "" : deltaContents)
        Whoever has this export can read the documents and names in blobs/. The entries
        themselves hold their digests alone.

        """
    }

    private var deltaContents: String {
        """
          since            the checkpoint that the recipient has already
          consistency      the proof that this log extends it

        """
    }

    /// A delta is nothing without the entries before it.
    private var takingUp: String {
        """
        HOW TO CHECK IT

        This is a part of the log: alone it can be neither replayed nor read by a tlog
        client. Whoever keeps the entries before it checks it together with them.

        1. With a replica of the log (made by `strongroom replica create` from a whole
           export, it needs no key and no network):

             strongroom replica apply FOLDER --replica REPLICA

           verifies every new entry under the rules, proves that they go on from the
           replica's, and takes them up, or leaves the replica as it is.

        2. With what `strongroom-verify --keep KEPT` wrote when the entries before were
           verified:

             strongroom-verify FOLDER --since KEPT

        3. The files alone, undamaged and as the sender listed them, with coreutils:

             cd FOLDER && sha256sum --check verify/SHA256SUMS

           verify/SHA256SUMS.note is a C2SP signed note over that list's SHA-256, by the
           manifest key above.

        The file `consistency` leads from the root of `since` to that of `checkpoint`
        (RFC 9162, section 2.1.4).

        """
    }

    private var checking: String {
        """
        HOW TO CHECK IT

        1. Whole, with Strongroom's verifier: every signature, every decision under the
           rules in force at its moment, the tree, the transactions, the block proofs.

             strongroom-verify FOLDER --ledger-id \(exported.ledger.hex)

        2. Whole, with a second verifier that shares no code with the first (Python 3 and
           its package `cryptography`; Tools/audit.py of Strongroom's sources):

             python3 audit.py FOLDER --ledger-id \(exported.ledger.hex)

        3. The files alone, undamaged and as the sender listed them, with coreutils:

             cd FOLDER && sha256sum --check verify/SHA256SUMS

           verify/SHA256SUMS.note is a C2SP signed note over that list's SHA-256, by the
           manifest key above.

        4. The log alone, with nothing of ours: any C2SP tlog-tiles client reads this
           folder. Go's golang.org/x/mod/sumdb/note opens `checkpoint` under the log key,
           and sumdb/tlog checks the tiles against it. Each entry's hash is SHA-256 of a
           zero byte and the entry.

        Keep `checkpoint` somewhere of your own. The next export must extend it:
        strongroom-verify FOLDER --since KEPT-CHECKPOINT.

        """
    }

    private var proof: String {
        """
        WHAT THIS PROVES, AND WHAT NOT

        Checked whole, it proves that these entries are the log's history in this order,
        that nothing between them was removed or changed, that each was signed by the key
        it names, and that each decision had the approvals that the policy of its moment
        asked for.

        It does not prove that the first entry was true, or that people meant what they
        signed. That entries were cut off the end, or that others were shown another
        history, shows only against a checkpoint that somebody kept, a witness's
        signature, or a block of the chain. That an entry was never admitted does not show
        at all. Who holds every key can write a second history, unless others hold the
        first one's checkpoints. Block proofs show that a transaction is in the chain, not
        that no other one spends: for that the chain itself must be scanned
        (strongroom-verify --node). A wallet key kept outside of Strongroom can sign
        unseen; what it signed shows when the chain does.

        The manifest's signature says who handed these files over. It adds nothing to the
        proof, and the proof does not need it.
        """ + "\n"
    }
}
