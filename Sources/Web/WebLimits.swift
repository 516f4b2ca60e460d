/// How much is taken from a server, and how long it is waited for.
public struct WebLimits: Sendable, Equatable {
    /// The longest body, in bytes; a longer one is given up before it is held.
    public var bodyBytesMax: Int
    /// How long a connection to a node may take to be made, in milliseconds.
    public var connectMillisecondsMax: Int
    /// How long a whole answer may take, in milliseconds.
    public var answerMillisecondsMax: Int
    /// How many redirections are followed, all on the same host and port; only a GET is redirected.
    public var redirectsMax: Int

    /// How long a whole answer may take, in seconds, rounded up.
    public var secondsMax: Int { (answerMillisecondsMax + 999) / 1_000 }

    /// Creates limits; the defaults suit a tile or a checkpoint.
    public init(
        bodyBytesMax: Int = 16 << 20, connectMillisecondsMax: Int = 5_000,
        answerMillisecondsMax: Int = 30_000, redirectsMax: Int = 3
    ) {
        precondition(
            bodyBytesMax >= 0 && connectMillisecondsMax > 0
                && (1...3_600_000).contains(answerMillisecondsMax)
                && (0...10).contains(redirectsMax),
            "limits are positive, and redirections few")
        self.bodyBytesMax = bodyBytesMax
        self.connectMillisecondsMax = connectMillisecondsMax
        self.answerMillisecondsMax = answerMillisecondsMax
        self.redirectsMax = redirectsMax
    }

    /// Creates limits with a time in seconds.
    public init(bodyBytesMax: Int = 16 << 20, secondsMax: Int, redirectsMax: Int = 3) {
        self.init(
            bodyBytesMax: bodyBytesMax, answerMillisecondsMax: secondsMax * 1_000,
            redirectsMax: redirectsMax)
    }
}
