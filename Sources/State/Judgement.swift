/// What the rules say to one event at its place: the half of a step that changes nothing but the
/// time.
public struct Judgement: Sendable {
    /// Admitted, with what remains to be verified, or refused, with the rule.
    public let verdict: Verdict
    /// The place and time that the event was judged for, and what was read to judge it.
    let context: Context

    /// Whether an event may be recorded.
    public enum Verdict: Sendable {
        /// It may, once the signatures of the admission verify.
        case admitted(Admission)
        /// It may not.
        case refused(Refusal)
    }

    /// The position that the event was judged for.
    public var position: UInt64 { context.position }

    /// The recorded time that the event was judged for, in milliseconds since 1970.
    public var recorded: UInt64 { context.recorded }

    /// The admission.
    ///
    /// - Throws: the refusal, when the event is not admitted.
    public func admission() throws(Refusal) -> Admission {
        switch verdict {
        case .admitted(let admission): return admission
        case .refused(let refusal): throw refusal
        }
    }
}
