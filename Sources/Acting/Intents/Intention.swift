internal import Bitcoin
public import Bytes
public import Events
public import State

/// What a person is about to say: a fact, and the blobs that it names by digest.
public struct Intention: Sendable {
    /// What is said.
    public let fact: Fact
    /// What stands in the fact by digest.
    public let blobs: [[UInt8]]

    /// Creates an intention.
    public init(_ fact: Fact, blobs: [[UInt8]] = []) {
        self.fact = fact
        self.blobs = blobs
    }
}

extension Intention {
    /// Approves a request.
    public static func approve(_ request: OpenRequest) -> Intention {
        Intention(.approved(Approved(request: request.id)))
    }

    /// Ends a request whose quorum is not complete, for a reason of at most
    /// `Aborted.reasonLimit` bytes, which is public for ever.
    public static func abort(_ request: OpenRequest, reason: String?) -> Intention {
        Intention(.aborted(Aborted(request: request.id, reason: reason)))
    }

    /// Accepts a membership with the key that the member was enrolled with.
    public static func accept(membershipOf member: Member) -> Intention {
        Intention(.accepted(.membership(member.name)))
    }

    /// Accepts a wallet's whole descriptor, as the holder of one of its keys.
    public static func accept(_ wallet: Wallet) -> Intention {
        Intention(.accepted(.wallet(wallet.name, descriptor: wallet.descriptor.text)))
    }

    /// Puts signatures of a transfer on record, before anybody else gets them.
    public static func sign(
        _ request: OpenRequest, _ signatures: [Signed.InputSignature]
    ) -> Intention {
        Intention(.signed(Signed(request: request.id, signatures: signatures)))
    }

    /// Attaches a document to a request or, without one, to the ledger. The label is public for
    /// ever.
    public static func attach(
        _ document: SaltedValue, label: String, to request: Digest32?
    ) -> Intention {
        Intention(
            .attached(
                Attached(document: BlobReference(document.blob), label: label, request: request)),
            blobs: [document.blob])
    }
}

extension Brief {
    /// Hands out a wallet's next receiving address. Somebody may be quicker: it counts once it is
    /// recorded.
    public func issue(from wallet: Wallet) -> Issued {
        Issued(wallet: wallet.name, index: wallet.nextReceive)
    }

    /// Proposes a request that ends by itself `milliseconds` after this brief was made.
    public func propose(
        _ request: Request, endingIn milliseconds: UInt64, reference: String? = nil,
        blobs: [[UInt8]] = []
    ) -> Intention {
        Intention(
            .initiated(
                Initiated(request: request, expires: time + milliseconds, reference: reference)),
            blobs: blobs)
    }

    /// The live request that is meant: by its running number or, without one, the request that a
    /// file was made for.
    public func request(_ number: UInt64?) throws(ActingError) -> OpenRequest {
        if let number {
            if let found = state.requests.values.first(where: { $0.number == number }) {
                return found
            }
            let last = state.nextNumber - 1
            throw .missing(
                (1...max(1, last)).contains(number) && last > 0
                    ? .liveRequest(number) : .request(number, last: last > 0 ? last : nil))
        }
        guard let id = request else { throw .missing(.requestNumber) }
        guard let request = state.requests[id] else { throw .missing(.liveRequest(nil)) }
        return request
    }

    /// The wallet of this name, if the state knows it.
    public func wallet(_ name: WalletName) throws(ActingError) -> Wallet {
        do throws(Refusal) { return try state.requireWallet(name) } catch { throw .refused(error) }
    }
}
