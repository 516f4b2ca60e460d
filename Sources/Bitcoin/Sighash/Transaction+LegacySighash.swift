public import Bytes

extension Transaction {
    /// Computes the digest that a signature from before segwit signs (Core's `SignatureHash` for
    /// `SigVersion::BASE`), with all 32 bits of the type as it is hashed.
    ///
    /// Costs a pass over the whole transaction for each input, as ever. Nil when there is no such
    /// input. A `SIGHASH_SINGLE` without an output at the input's position signs the number one.
    public func legacySighash(
        input index: Int, scriptCode: Script, type: UInt32
    ) -> Digest32? {
        guard inputs.indices.contains(index) else { return nil }
        let isNone = type & 0x1f == 2
        let isSingle = type & 0x1f == 3
        if isSingle, !outputs.indices.contains(index) {
            return Digest32([32 of UInt8] { $0 == 0 ? 1 : 0 })
        }
        let covered = type & 0x80 != 0 ? index..<index + 1 : inputs.indices
        var message: [UInt8] = []
        message.reserveCapacity(strippedSize + scriptCode.bytes.count + 4)
        message.appendLittleEndian(version)
        message.appendCompactSize(covered.count)
        for position in covered {
            let isSigned = position == index
            message.append(inputs[position].previousOutput)
            message.append(
                lengthPrefixed: isSigned ? scriptCode.bytesWithoutCodeSeparators : [])
            let sequence = inputs[position].sequence
            message.appendLittleEndian(!isSigned && (isNone || isSingle) ? 0 : sequence)
        }
        message.appendCompactSize(isNone ? 0 : isSingle ? index + 1 : outputs.count)
        if isSingle {
            // Outputs before the signed one count as amount -1 and an empty script.
            for _ in 0..<index { message += [UInt8](repeating: 0xff, count: 8) + [0] }
            message.append(outputs[index])
        } else if !isNone {
            for output in outputs { message.append(output) }
        }
        message.appendLittleEndian(lockTime)
        message.appendLittleEndian(type)
        return sha256d(message)
    }
}

extension Script {
    /// The script without the opcode `OP_CODESEPARATOR`, which pushed data may still contain.
    fileprivate var bytesWithoutCodeSeparators: [UInt8] {
        guard bytes.contains(Opcode.codeSeparator) else { return bytes }
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            let next = min(position + instructionLength(at: position), bytes.count)
            if bytes[position] != Opcode.codeSeparator { kept += bytes[position..<next] }
            position = next
        }
        return kept
    }

    /// How many bytes the instruction at `position` announces, which may be more than there are.
    private func instructionLength(at position: Int) -> Int {
        let opcode = bytes[position]
        let width: Int
        switch opcode {
        case ..<Opcode.pushData1: return 1 + Int(opcode)
        case Opcode.pushData1: width = 1
        case Opcode.pushData2: width = 2
        case Opcode.pushData4: width = 4
        default: return 1
        }
        let digits = bytes[(position + 1)...].prefix(width)
        return 1 + width + digits.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
