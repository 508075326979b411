import CommandLine
public import Postgres
import Store

/// What PostgreSQL and Redis complain of, with what an operator can do about it.
public enum ServerTrouble {
  /// Why the database can't be reached: a wrong setting when its URL can't be read, which no restart mends.
  public static func atStart(_ error: PostgresError) -> any Error {
    let setting = Setting.databaseURL
    if error.code == .invalidURL { return UsageError("\(setting.variable) (or \(setting.flag)): \(error.message)") }
    var text = error.message
    if let command = creating(error), let name = quoted(in: error.message) {
      text += "; as PostgreSQL's superuser: \(command) \(ShellWord.quoted(name))"
    }
    return StartError("\(text); check \(setting.variable)")
  }

  /// Says of a refusal for want of rights whose rights are needed; other errors stay as they are.
  public static func ofRights(_ error: any Error) -> any Error {
    guard let refusal = error as? PostgresError, refusal.sqlstate == "42501" else { return error }
    return StartError("\(refusal); this command needs the owner of the tables (ops/RUNBOOK.md, \"Least rights\")")
  }

  /// An error with the server's name before it, unless it names the server itself.
  public static func named(_ server: String, _ error: any Error) -> String {
    if let error = error as? PostgresError, error.sqlstate == "42P01" { return Migrator.noSchema }
    let text = "\(error)"
    return text.contains(server) ? text : "\(server): \(text)"
  }

  /// What creates what does not exist. A server that speaks another language than English gets no advice.
  private static func creating(_ error: PostgresError) -> String? {
    guard error.message.hasSuffix("does not exist") else { return nil }
    return error.code == .noSuchDatabase ? "createdb" : error.code == .wrongCredentials ? "createuser" : nil
  }

  /// The name in the text's quotes.
  private static func quoted(in text: String) -> String? {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.count == 3 ? String(parts[1]) : nil
  }
}
