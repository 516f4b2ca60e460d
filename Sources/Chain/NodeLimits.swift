internal import Web

/// How long and how much the client waits for and takes from a node.
public struct NodeLimits: Sendable, Equatable {
    /// How long a connection may take to be made, in milliseconds.
    public var connectMillisecondsMax: Int
    /// How long a whole answer may take, in milliseconds.
    public var answerMillisecondsMax: Int
    /// The longest answer, in bytes: a block of four million bytes is eight million digits.
    public var answerBytesMax: Int
    /// How often an idempotent call is tried when the connection fails or the node is busy.
    public var attemptsMax: Int
    /// The pause before the second try, in milliseconds; each further one is twice as long.
    public var pauseMilliseconds: Int

    /// Creates limits; the defaults suit a node on the same computer or network.
    public init(
        connectMillisecondsMax: Int = 5_000, answerMillisecondsMax: Int = 60_000,
        answerBytesMax: Int = 33_554_432, attemptsMax: Int = 4, pauseMilliseconds: Int = 100
    ) {
        precondition(
            connectMillisecondsMax > 0 && answerMillisecondsMax > 0 && answerBytesMax > 0
                && (1...16).contains(attemptsMax) && (0...60_000).contains(pauseMilliseconds),
            "limits are positive, and tries few")
        self.connectMillisecondsMax = connectMillisecondsMax
        self.answerMillisecondsMax = answerMillisecondsMax
        self.answerBytesMax = answerBytesMax
        self.attemptsMax = attemptsMax
        self.pauseMilliseconds = pauseMilliseconds
    }

    /// What one request may take.
    var web: WebLimits {
        WebLimits(
            bodyBytesMax: answerBytesMax, connectMillisecondsMax: connectMillisecondsMax,
            answerMillisecondsMax: answerMillisecondsMax)
    }
}
