internal import ArgumentParser

struct AccountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account",
    abstract: "Computes what releases lose, or how much noise a loss needs; releases nothing.",
    discussion: """
      The exact loss lies between the two figures that are given first; the upper one is what a \
      ledger would debit and what to report. Each accountant's own figure stands below, so that \
      it can be compared with another tool's.

      What is the epsilon of 1000 steps of DP-SGD, and what noise gives epsilon 1:

        privfusion account gaussian --noise-multiplier 1 --steps 1000 \
      --sampling-probability 0.01 --delta 1e-5
        privfusion account gaussian --epsilon 1 --steps 1000 --sampling-probability 0.01 \
      --delta 1e-5

      What do 100 values at epsilon 0.1 lose together, and what may each lose for 8 in all:

        privfusion account pure --epsilon 0.1 --count 100 --delta 1e-6
        privfusion account pure --total-epsilon 8 --count 100 --delta 1e-6
      """,
    subcommands: [AccountGaussianCommand.self, AccountPureCommand.self])
}
