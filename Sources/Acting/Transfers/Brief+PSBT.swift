internal import Audit
public import Bitcoin
internal import Bytes
public import Events
internal import Keys
internal import Signing
public import State

extension Brief {
    /// A PSBT (BIP-0174, BIP-0371) of a transfer that may be signed now, for a signer outside
    /// Strongroom: with the whole previous transactions, and the change's derivation.
    ///
    /// It is handed out once the intention is on record.
    ///
    /// - Throws: `SigningError` where the transfer may not be signed.
    public func psbt(of request: OpenRequest) throws -> (intention: Intention, psbt: PSBT) {
        _ = try TransferSigner(request, in: state)
        guard let transfer = request.transfer,
            case .transfer(let intent) = request.initiated.request
        else { throw ActingError.transfer(.notATransfer(number: request.number)) }
        var previous: [Transaction] = []
        for coin in intent.coins {
            guard let held = coin.previous else { continue }
            let blob = try held.reference.flatMap { try source.blob($0.digest) }
            guard let raw = blob ?? held.bytes(from: [:]) else { continue }
            previous.append(try Transaction.decode(raw))
        }
        let psbt = try PSBT(
            try state.frozenTransaction(of: transfer), previousTransactions: previous,
            change: try change(of: transfer))
        let exported = Exported(request: request.id, psbt: sha256(psbt.encoded))
        return (Intention(.exported(exported)), psbt)
    }

    private func change(of transfer: FrozenTransfer) throws -> [Int: DerivedOutput] {
        guard let change = transfer.change, let wallet = state.wallets[transfer.wallet] else {
            return [:]
        }
        return [Int(change.output): try wallet.descriptor.derive(.change, change.index)]
    }

    /// The signatures that a PSBT brings for a transfer and that are not on record, each verified
    /// against the frozen transaction.
    ///
    /// - Parameters:
    ///   - file: the PSBT as bytes or, with white space around it, in base64; partial or finalised.
    ///   - path: what errors call it.
    public func signatures(
        for request: OpenRequest, inPSBT file: [UInt8], from path: String
    ) throws -> [Signed.InputSignature] {
        guard let transfer = request.transfer else {
            throw ActingError.transfer(.notATransfer(number: request.number))
        }
        let frozen = try state.frozenTransaction(of: transfer)
        let psbt = try Self.decode(file, path)
        let claims: [SignatureClaim]
        do throws(PSBTError) { claims = try psbt.signatures(of: frozen) } catch {
            throw ActingError.file(path, .refusedPSBT(reason: "\(error)"))
        }
        var signatures: [Signed.InputSignature] = []
        for claim in claims
        where !request.signatures.contains(where: {
            Int($0.input) == claim.input && Int($0.key) == claim.key
        }) {
            do { _ = try frozen.verify(claim) } catch {
                throw ActingError.file(
                    path, .refusedPSBT(reason: state.sentence(of: error, in: transfer.wallet)))
            }
            let output = frozen.coins[claim.input].output
            let key = output.keys[claim.key].publicKey
            signatures.append(
                Signed.InputSignature(
                    input: UInt32(claim.input),
                    key: output.taproot == nil ? key.bytes : key.xOnly.bytes,
                    signature: claim.bytes))
        }
        guard !signatures.isEmpty else { throw ActingError.file(path, .nothingNewInPSBT) }
        return signatures
    }

    private static func decode(_ file: [UInt8], _ path: String) throws -> PSBT {
        do throws(PSBTError) {
            guard !file.starts(with: Array("psbt".utf8) + [0xff]) else {
                return try PSBT.decode(file)
            }
            let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0d).contains(byte) }
            let text = file.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
            return try PSBT.decode(base64: String(decoding: Array(text), as: UTF8.self))
        } catch { throw ActingError.file(path, .notAPSBT(reason: "\(error)")) }
    }
}
