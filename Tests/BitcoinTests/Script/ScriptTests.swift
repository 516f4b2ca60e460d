import Bitcoin
import Testing

@Suite struct `Scripts` {
    private let hash20 = [UInt8](repeating: 7, count: 20)
    private let hash32 = [UInt8](repeating: 7, count: 32)

    @Test func `each template is recognised, and nothing near it`() {
        let templates: [(Script, ScriptKind)] = [
            (.payToPublicKeyHash(hash20), .publicKeyHash(hash20)),
            (.payToScriptHash(hash: hash20), .scriptHash(hash20)),
            (.witnessProgram(version: 0, hash20), .witnessPublicKeyHash(hash20)),
            (.witnessProgram(version: 0, hash32), .witnessScriptHash(hash32)),
            (.witnessProgram(version: 1, hash32), .taproot(hash32)),
            (
                .witnessProgram(version: 1, [0x4e, 0x73]),
                .witnessUnknown(version: 1, program: [0x4e, 0x73])
            ),
            (
                .witnessProgram(version: 16, hash32),
                .witnessUnknown(version: 16, program: hash32)
            ),
            (
                .witnessProgram(version: 0, [1, 2]),
                .witnessUnknown(version: 0, program: [1, 2])
            ),
        ]
        for (script, kind) in templates {
            #expect(script.kind == kind)
            #expect(Script(script.bytes + [0]).kind == .other)
            #expect(Script(Array(script.bytes.dropLast())).kind == .other)
        }
        #expect(Script([Opcode.return]).kind == .nullData)
        #expect(Script([]).kind == .other)
        #expect(Script([Opcode.one, 1, 0]).kind == .other)
        #expect(Script([Opcode.one, 41] + [UInt8](repeating: 0, count: 41)).kind == .other)
        #expect(Script([0x50, 2, 0, 0]).kind == .other)
    }

    @Test func `Core's dust thresholds`() {
        let thresholds: [(Script, UInt64)] = [
            (.payToPublicKeyHash(hash20), 546), (.payToScriptHash(hash: hash20), 540),
            (.witnessProgram(version: 0, hash20), 294),
            (.witnessProgram(version: 0, hash32), 330),
            (.witnessProgram(version: 1, hash32), 330),
            (.witnessProgram(version: 1, [0x4e, 0x73]), 240), (Script([Opcode.return]), 0),
            (Script([UInt8](repeating: 0x51, count: 10_001)), 0),
        ]
        for (script, satoshis) in thresholds {
            #expect(script.dustThreshold()?.satoshis == satoshis)
        }
    }

    @Test func `pushes are minimal`() {
        func push(_ data: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.appendPush(data)
            return bytes
        }
        func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
        #expect(push([]) == [0x00])
        #expect(push([0]) == [1, 0])
        for number in UInt8(1)...16 { #expect(push([number]) == [0x50 + number]) }
        #expect(push([17]) == [1, 17])
        #expect(push([0x81]) == [0x4f])
        #expect(push(zeros(75)) == [75] + zeros(75))
        #expect(push(zeros(76)) == [0x4c, 76] + zeros(76))
        #expect(push(zeros(255)) == [0x4c, 255] + zeros(255))
        #expect(push(zeros(256)) == [0x4d, 0, 1] + zeros(256))
        #expect(push(zeros(65_535)) == [0x4d, 255, 255] + zeros(65_535))
        #expect(push(zeros(65_536)) == [0x4e, 0, 0, 1, 0] + zeros(65_536))
    }

    @Test func `numbers are minimal`() {
        func push(_ number: UInt32) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.appendPush(number: number)
            return bytes
        }
        #expect(push(0) == [0])
        #expect(push(16) == [0x60])
        #expect(push(17) == [1, 17])
        #expect(push(127) == [1, 127])
        #expect(push(128) == [2, 128, 0])
        #expect(push(129) == [2, 129, 0])
        #expect(push(256) == [2, 0, 1])
        #expect(push(.max) == [5, 255, 255, 255, 255, 0])
    }
}
