internal import Bytes
internal import Merkle

/// What the recipient of a disclosure reads first.
struct DisclosureText {
    private let exported: ExportedLog
    private let events: DisclosedEvents
    private let signer: NoteVerifierKey

    init(_ exported: ExportedLog, _ events: DisclosedEvents, signer: NoteVerifierKey) {
        self.exported = exported
        self.events = events
        self.signer = signer
    }

    /// The text of `README.txt`.
    var readme: String {
        let checkpoint = exported.checkpoint
        return """
            SOME EVENTS OF A STRONGROOM LEDGER

            A Strongroom ledger is the history of a Bitcoin treasury in an append-only log. This
            folder holds \(events.positions.count) of its \(checkpoint.size) entries, each with \
            the proof that it
            stands in the log at its place. Nothing of the other entries is here.

              log       \(checkpoint.origin)
              ledger    \(exported.ledger.hex)
              entries   \(checkpoint.size)
              root      \(encodeBase64(checkpoint.root.array)) (base64)
              log key   \(exported.key.encodedText)
              manifest  \(signer.encodedText)

            The ledger's id is all that you must know beforehand, from a source other than
            this folder. It is the id of the founding event, which is always here.

            WHAT IS HERE

              disclosed/NNNNNNNNN.entry        the entry at that position
              disclosed/NNNNNNNNN.tlog-proof   the proof that it stands there (C2SP tlog-proof)
              checkpoint                       the signed head that every proof leads to
              blobs/…                          transactions, and what was opened (see below)
              schemas/…                        what the bytes mean: read schemas/README.md

            WHAT IS LEFT OUT

              \(checkpoint.size - UInt64(events.positions.count)) entries. Of the events that are \
            here, \(counted(events.closed.count, "document")) and
              \(counted(events.closedNames.count, "person's name", "people's names")). \
            Such a value stands in its event as SHA-256(salt and
              value): it can be handed over later, and then proves itself.
              What the chain was seen to hold is not here unless its events were chosen: one
              such event may speak of several wallets.

            HOW TO CHECK IT

              strongroom-verify FOLDER --ledger-id \(exported.ledger.hex)
              cd FOLDER && sha256sum --check verify/SHA256SUMS

            A document or name that was opened is blobs/HH/DIGEST, where DIGEST stands in its
            event: 32 bytes of salt, then the value. Its SHA-256 is DIGEST, and

              tail -c +33 blobs/HH/DIGEST > document

            gives back the bytes that were attached.

            Each .tlog-proof can be checked by any C2SP tool against its .entry and the log key.

            WHAT THIS PROVES, AND WHAT NOT

            It proves that each of these events was signed by the key it names and stands in
            the log at its place. It does not prove that these are all events about their
            subject, nor that they were allowed when they were made: that follows from every
            event before them, and takes a whole export to judge.

            """
    }

    private func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }
}
