public import Bytes

/// All that the next header of a chain is judged by, so that no header need be kept.
///
/// Holds for each network of ``Network``: on all of them every block of a period that does not use
/// the 20-minute rule has the target of the period's first block, so that one target and one time
/// stand for the period.
public struct HeaderChainState: Sendable, Hashable {
    /// Whose rules hold.
    public let network: Network
    /// The height of the last header; 0 is the genesis block.
    public let height: UInt32
    /// The hash of the last header.
    public let hash: Digest32
    /// The work of the chain up to and with the last header.
    public let chainWork: ChainWork
    /// The times of the last headers, oldest first, with the last one: eleven, or all there are.
    public let times: [UInt32]
    /// The time of the first header of the last one's period of 2016.
    public let periodTime: UInt32
    /// The target of that first header in compact form.
    public let periodBits: UInt32

    /// How many times the median is taken of (Core's `nMedianTimeSpan`).
    public static let medianTimes = 11
    /// How far ahead of the clock a header may be (`MAX_FUTURE_BLOCK_TIME`), in seconds.
    public static let futureSecondsMax: UInt64 = 2 * 60 * 60
    /// How far before the last block of a period the first of the next may be (`MAX_TIMEWARP`).
    public static let timewarpSecondsMax: UInt32 = 600
    /// After how many seconds without a block the easiest target is permitted.
    static let minimumDifficultySeconds: UInt64 = 20 * 60

    /// Takes a trusted point of a chain; nil when the parts can not belong together: the number of
    /// times does not fit the height, or the target is none of the network.
    public init?(
        network: Network, height: UInt32, hash: Digest32, chainWork: ChainWork, times: [UInt32],
        periodTime: UInt32, periodBits: UInt32
    ) {
        guard times.count == min(Int(height) + 1, Self.medianTimes),
            let target = Target(compact: periodBits), target <= network.powLimit,
            height % Network.retargetBlocks != 0 || periodTime == times.last
        else { return nil }
        self.init(
            unchecked: network, height: height, hash: hash, chainWork: chainWork, times: times,
            periodTime: periodTime, periodBits: periodBits)
    }

    private init(
        unchecked network: Network, height: UInt32, hash: Digest32, chainWork: ChainWork,
        times: [UInt32], periodTime: UInt32, periodBits: UInt32
    ) {
        self.network = network
        self.height = height
        self.hash = hash
        self.chainWork = chainWork
        self.times = times
        self.periodTime = periodTime
        self.periodBits = periodBits
    }

    /// Starts at the genesis block of `network`.
    public init(genesisOf network: Network) {
        let header = network.genesis
        self.init(
            unchecked: network, height: 0, hash: header.hash,
            chainWork: Target(compact: header.bits)?.work ?? .zero, times: [header.time],
            periodTime: header.time, periodBits: header.bits)
    }

    /// The median of ``times``: the next header must be later (Core's `GetMedianTimePast`).
    public var medianTimePast: UInt32 { times.sorted()[times.count / 2] }

    /// Judges the next header and returns the state after it. Costs one header hash and, at most, a
    /// division of 256 bits.
    ///
    /// `clockSeconds` is the judge's time in seconds since 1970; without it the rule on future
    /// times is left out, which replay of an old chain does. Throws ``HeaderError``.
    public func accept(
        _ header: BlockHeader, clockSeconds: UInt64? = nil
    ) throws(HeaderError) -> HeaderChainState {
        let (next, overflow) = height.addingReportingOverflow(1)
        guard !overflow else { throw .chainTooLong(height: height) }
        guard header.previousHash == hash else {
            throw .previousHash(height: next, expected: hash, found: header.previousHash)
        }
        let required = requiredBits(time: header.time)
        guard header.bits == required, let target = Target(compact: required) else {
            throw .bits(height: next, expected: required, found: header.bits)
        }
        try checkTime(header.time, height: next, clockSeconds: clockSeconds)
        let versionMin = network.blockVersionMin(height: next)
        guard header.version >= versionMin else {
            throw .version(height: next, minimum: versionMin, found: header.version)
        }
        let headerHash = header.hash
        guard target.isMet(by: headerHash) else {
            throw .proofOfWork(height: next, hash: headerHash, target: target)
        }
        guard let work = chainWork.adding(target.work) else { throw .chainTooLong(height: height) }
        let startsPeriod = next % Network.retargetBlocks == 0
        return HeaderChainState(
            unchecked: network, height: next, hash: headerHash, chainWork: work,
            times: times.suffix(Self.medianTimes - 1) + [header.time],
            periodTime: startsPeriod ? header.time : periodTime,
            periodBits: startsPeriod ? header.bits : periodBits)
    }

    /// The target in compact form that the next header must carry if its time is `time` (Core's
    /// `GetNextWorkRequired`).
    public func requiredBits(time: UInt32) -> UInt32 {
        if (height &+ 1) % Network.retargetBlocks == 0 {
            return network.retargets ? retargetedBits : periodBits
        }
        let isLate = UInt64(time) > UInt64(lastTime) + Self.minimumDifficultySeconds
        return network.permitsMinimumDifficulty && isLate ? network.powLimit.compact : periodBits
    }

    /// Core's `CalculateNextWorkRequired`: the target grows with the time that the period took, by
    /// a factor of a quarter to four.
    private var retargetedBits: UInt32 {
        guard let target = Target(compact: periodBits) else { return periodBits }
        let span = Network.retargetSeconds
        let taken = min(max(Int64(lastTime) - Int64(periodTime), span / 4), span * 4)
        let scaled = target.value &* UInt32(taken) / UInt256(UInt64(span))
        return min(Target(scaled), network.powLimit).compact
    }

    private var lastTime: UInt32 { times.last ?? periodTime }

    private func checkTime(
        _ time: UInt32, height: UInt32, clockSeconds: UInt64?
    ) throws(HeaderError) {
        let median = medianTimePast
        guard time > median else {
            throw .timeTooOld(height: height, time: time, medianTimePast: median)
        }
        if network.enforcesBIP94, height % Network.retargetBlocks == 0 {
            let (minimum, underflow) = lastTime.subtractingReportingOverflow(
                Self.timewarpSecondsMax)
            guard underflow || time >= minimum else {
                throw .timewarp(height: height, time: time, minimum: minimum)
            }
        }
        guard let clockSeconds else { return }
        let (latest, overflow) = clockSeconds.addingReportingOverflow(Self.futureSecondsMax)
        guard overflow || UInt64(time) <= latest else {
            throw .timeTooNew(height: height, time: time, clockSeconds: clockSeconds)
        }
    }
}
