import ArgumentParser
import Auditing
import Foundation
import Terminal

/// The command line.
struct Strongroom: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strongroom",
        abstract: "A custody ledger for Bitcoin: every action a signed, provable fact.",
        discussion: """
            A ledger is a folder; --ledger or STRONGROOM_LEDGER names it. Commands that only read \
            take an export in its place. Keys are encrypted files \
            in $STRONGROOM_HOME/keys (~/.strongroom/keys); --as names the one you act with.

            Exit status: 0 done, 1 refused or findings, 2 wrong usage or not checkable.
            """,
        version: "0.1.0",
        subcommands: [
            InitCommand.self,
            KeyCommand.self,
            MemberCommand.self,
            WalletCommand.self,
            PolicyCommand.self,
            AddressCommand.self,
            InitiateCommand.self,
            ApproveCommand.self,
            AbortCommand.self,
            CancelCommand.self,
            SignCommand.self,
            BroadcastCommand.self,
            AttachCommand.self,
            DocumentCommand.self,
            RequestCommand.self,
            SubmitCommand.self,
            WatchCommand.self,
            CheckpointCommand.self,
            AttestCommand.self,
            BackupCommand.self,
            RestoreCommand.self,
            ExportCommand.self,
            ReplicaCommand.self,
            ProveCommand.self,
            CheckProofCommand.self,
            CompareCommand.self,
            WitnessCommand.self,
            WitnessPolicyCommand.self,
        ] + readingCommands)
}

@main
enum Program {
    static func main() async {
        leaveNoCore()
        exit(await Strongroom.status())
    }

    /// Keeps a crash from writing memory to a disk. Keys leave themselves out of dumps, but ciphers
    /// and the environment hold for a moment what they must not keep.
    private static func leaveNoCore() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        // What the system does not allow to be lowered is as it was.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }
}
