/// What a ``WitnessServer`` serves. Both run on threads of their own and may wait.
public struct WitnessAnswers: Sendable {
    /// Answers the body of `POST /add-checkpoint`.
    public let addCheckpoint: @Sendable (_ body: [UInt8]) -> WitnessAnswer
    /// Answers `GET /<origin hash>/checkpoint`; the hash is 64 lower-case hexadecimal digits.
    public let checkpoint: @Sendable (_ originHash: String) -> WitnessAnswer

    /// Serves what is given; without checkpoints to show there is none of any log.
    public init(
        addCheckpoint: @escaping @Sendable ([UInt8]) -> WitnessAnswer,
        checkpoint: @escaping @Sendable (String) -> WitnessAnswer = { _ in .noCheckpoint }
    ) {
        self.addCheckpoint = addCheckpoint
        self.checkpoint = checkpoint
    }
}

extension WitnessAnswers {
    /// The service of a witness.
    ///
    /// - Parameter report: told what is wrong when an answer is 500 or a log contradicts itself.
    public init(_ witness: CosigningWitness, report: @escaping @Sendable (String) -> Void) {
        self.init(
            addCheckpoint: { witness.answer($0, report: report) },
            checkpoint: { witness.newest($0, report: report) })
    }
}
