internal import Bitcoin
internal import Bytes
internal import Events
internal import Keys

// The snapshot is an array of fixed shape, in which lists are sorted by what identifies their
// items, so that equal states have equal bytes. What follows from the rest is not in it.
extension LedgerState {
    /// The version of the snapshot's format; a snapshot of another one is rebuilt from the log.
    static let encodingVersion: UInt64 = 1

    /// The state as deterministic CBOR: equal states have equal bytes.
    public var encoded: [UInt8] {
        let value: CBORValue = [
            .unsigned(Self.encodingVersion), .digest(ledger), founding.cbor, .unsigned(size),
            .unsigned(recorded), .bool(isFounded), policy.cbor, .unsigned(policySince),
            .array(members.values.sorted { $0.name < $1.name }.map(\.cbor)),
            .array(authors.values.sorted { $0.key.id < $1.key.id }.map(\.cbor)),
            .array(wallets.values.sorted { $0.name < $1.name }.map { cbor(of: $0) }),
            .unsigned(nextNumber),
            .array(requests.values.sorted { $0.number < $1.number }.map(\.cbor)),
            .array(coins.values.sorted { $0.outPoint < $1.outPoint }.map(\.cbor)),
            blocks.cbor, .unsigned(incidentCount), .array(incidents.map(\.cbor)),
        ]
        return value.encoded
    }

    private func cbor(of wallet: Wallet) -> CBORValue {
        func scripts(_ chain: AddressChain) -> CBORValue {
            let owned = self.scripts.filter {
                $0.value.wallet == wallet.name && $0.value.chain == chain
            }
            return .array(
                owned.sorted { $0.value.index < $1.value.index }.map { .bytes($0.key.bytes) })
        }
        return [
            wallet.name.cbor, .text(wallet.descriptor.text),
            wallet.descriptor.internalKeyOffset.map { .digest($0) } ?? .null,
            .array(wallet.holders.map(\.cbor)), wallet.quorum.cbor, wallet.ceilings.cbor,
            .unsigned(UInt64(wallet.minimumDepth)), .unsigned(UInt64(wallet.gap)),
            .bool(wallet.declaresShortcut), .bool(wallet.isRetired),
            .array(wallet.awaiting.sorted().map(\.cbor)), .unsigned(wallet.since),
            .unsigned(UInt64(wallet.nextReceive)), .unsigned(UInt64(wallet.nextChange)),
            scripts(.receive), scripts(.change),
        ]
    }
}

extension Member {
    var cbor: CBORValue {
        [
            name.cbor, .array(roles.map(\.cbor)), key.cbor, .text(status.rawValue),
            person.map { .digest($0) } ?? .null, .unsigned(since), .unsigned(hour),
            .unsigned(eventsInHour), .unsigned(day), .unsigned(blobBytesInDay),
        ]
    }
}

extension Author {
    var cbor: CBORValue {
        [
            key.id.cbor, member.cbor, .text(status.rawValue), .unsigned(nextSequence),
            .unsigned(seenSize),
        ]
    }
}

extension Coin {
    var cbor: CBORValue {
        [
            outPoint.cbor, owner.cbor, amount.cbor, .bytes(script.bytes), .bool(isCoinbase),
            .unsigned(observedAt),
            height.map { .unsigned($0) } ?? .null,
            spent.map { [.digest($0.txid), .unsigned($0.height)] } ?? .null,
        ]
    }
}

extension OutPoint {
    var cbor: CBORValue { [.digest(txid), .unsigned(UInt64(index))] }
}

extension ScriptOwner {
    var cbor: CBORValue {
        [wallet.cbor, .unsigned(UInt64(chain.rawValue)), .unsigned(UInt64(index))]
    }
}

extension OpenRequest {
    var cbor: CBORValue {
        [
            .digest(id), .unsigned(number), .unsigned(position), .unsigned(recorded),
            initiator.cbor, initiated.cbor, .digest(root),
            // The transaction again, since the event may hold it as a blob.
            transfer.map { .bytes($0.transaction.encoded(.stripped)) } ?? .null,
            .array(approvals.map(\.cbor)), .optional(authorisedAt),
            .array(signatures.map(\.cbor)), .bool(isReleased), .optional(broadcastAt),
            relay.map { [.bool($0.isAccepted), .text($0.message)] } ?? .null,
            ending.map { .text($0.rawValue) } ?? .null, minedValue,
        ]
    }

    private var minedValue: CBORValue {
        switch mined {
        case .confirmed(let height): [.unsigned(height), .null]
        case .conflicted(let height, let txid): [.unsigned(height), .digest(txid)]
        case nil: .null
        }
    }
}

extension OpenRequest.Approval {
    var cbor: CBORValue {
        [member.cbor, key.cbor, .unsigned(position), .unsigned(recorded)]
    }
}

extension RecordedSignature {
    var cbor: CBORValue {
        [.unsigned(UInt64(input)), .unsigned(UInt64(key)), .bytes(signature)]
    }
}

extension Incident {
    var cbor: CBORValue { [.unsigned(position), .text(kind.rawValue), .text(description)] }
}

extension BlockTree {
    var cbor: CBORValue {
        let sorted = blocks.values.sorted {
            ($0.chain.height, $0.chain.hash) < ($1.chain.height, $1.chain.hash)
        }
        return [.array(sorted.map(\.cbor)), .array(active.map { .digest($0) })]
    }
}

extension BlockTree.Block {
    fileprivate var cbor: CBORValue {
        [
            .bytes(header.encoded), .unsigned(UInt64(chain.height)),
            .digest(chain.chainWork.bigEndian),
            .array(chain.times.map { .unsigned(UInt64($0)) }),
            .unsigned(UInt64(chain.periodTime)), .unsigned(UInt64(chain.periodBits)),
            .array(transactions.map(\.cbor)),
        ]
    }
}

extension SeenTransaction {
    fileprivate var cbor: CBORValue {
        let coins = makes.map { coin -> CBORValue in
            [
                .unsigned(UInt64(coin.output)), coin.amount.cbor, .bytes(coin.script.bytes),
                coin.owner.cbor,
            ]
        }
        return [
            .digest(txid), .array(spends.map(\.cbor)), .array(coins), .bool(isCoinbase),
            .unsigned(observedAt),
        ]
    }
}

extension CBORValue {
    fileprivate static func optional(_ value: UInt64?) -> CBORValue {
        value.map { .unsigned($0) } ?? .null
    }
}
