import Orders

extension Checker {
  /// Every book is closed by its statement: each line was read, the sum is what left the balances, nothing is there that we
  /// don't know of, and nothing is left that a line could settle.
  mutating func checkStatements() {
    guard !evidence.statements.isEmpty else { return }
    var theirs: Int64 = 0
    for statement in evidence.statements {
      let name = "the statement of \(statement.provider)"
      theirs = theirs.addingSaturated(statement.theirs)
      remarks.settledByStatement += statement.settled
      if statement.code == 2 || statement.unread > 0 {
        blame(.statement, "\(name) has \(statement.unread) unread lines")
      }
      if statement.settleable > 0 { blame(.statement, "\(name) could still settle \(statement.settleable) orders") }
      if statement.knowsReferences, let strange = statement.kinds["missing_here"], strange > 0 {
        blame(.statement, "\(name) has \(strange) lines that no order explains")
      }
    }
    if theirs != evidence.panelSpent {
      blame(
        .statement, "the statements say that \(theirs) was spent, the balances \(evidence.panelSpent) ten-thousandths")
    }
  }
}
