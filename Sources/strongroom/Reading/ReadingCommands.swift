import ArgumentParser

/// The commands that only read.
let readingCommands: [any ParsableCommand.Type] = [
    StatusCommand.self, BalanceCommand.self, CoinsCommand.self, LogCommand.self,
    ShowCommand.self, HistoryCommand.self, ExplainCommand.self, VerifyCommand.self,
    ReportCommand.self,
]
