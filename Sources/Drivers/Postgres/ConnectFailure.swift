/// What libpq's text says about a connection that could not be opened.
///
/// libpq has no other way to tell. With verbose errors the SQLSTATE is in the text, so that the meaning does not hang
/// on the language the server speaks.
struct ConnectFailure {
  let sqlstate: String?
  let reason: String

  init(_ text: String) {
    var reason: Substring?
    for line in text.split(separator: "\n") {
      // One such line for each address that was tried; the last counts.
      if let range = line.firstRange(of: " failed: ") {
        reason = line[range.upperBound...]
      } else if reason == nil {
        reason = line
      }
    }
    let found = reason ?? "no reason given"
    // "FATAL:  28P01: password authentication failed …"
    if let gap = found.firstRange(of: ":  ") {
      let rest = found[gap.upperBound...]
      let state = rest.prefix(5)
      if rest.dropFirst(5).hasPrefix(": "), state.utf8.allSatisfy({ Self.isStateByte($0) }), state.utf8.count == 5 {
        sqlstate = String(state)
        self.reason = String(rest.dropFirst(7))
        return
      }
    }
    sqlstate = nil
    self.reason = String(found)
  }

  private static func isStateByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  func error(at address: String) -> PostgresError {
    switch sqlstate {
    case "28P01", "28000":
      return PostgresError(
        .wrongCredentials, "PostgreSQL at \(address) refuses the user: \(reason)", sqlstate: sqlstate)
    case "3D000":
      return PostgresError(.noSuchDatabase, "PostgreSQL at \(address): \(reason)", sqlstate: sqlstate)
    case .some:
      return PostgresError(.unavailable, "PostgreSQL at \(address) takes no connection: \(reason)", sqlstate: sqlstate)
    case nil where reason.hasPrefix("fe_sendauth"):
      return PostgresError(.wrongCredentials, "PostgreSQL at \(address) wants a password and none is set")
    case nil where reason.hasPrefix("server is in hot standby mode"):
      return PostgresError(.unavailable, "PostgreSQL at \(address) is a standby, which takes no writes")
    case nil where reason.hasPrefix("session is read-only"):
      return PostgresError(.unavailable, "PostgreSQL at \(address) is read-only")
    case nil:
      if let advice = tlsAdvice {
        return PostgresError(.unavailable, "PostgreSQL at \(address) is not used: \(reason); \(advice)")
      }
      return PostgresError(.unavailable, "PostgreSQL at \(address) does not answer: \(reason)")
    }
  }

  /// Which setting of the URL is at odds with what the server shows, by the words of libpq; nil when it is no matter of TLS.
  private var tlsAdvice: String? {
    if reason.hasPrefix("server certificate for ") || reason.hasPrefix("server certificate contains") {
      return "sslmode=verify-full wants a certificate for the host that the URL names"
    }
    if reason.contains("certificate verify failed") {
      return "the CA that signed its certificate is not in the file of the URL's sslrootcert"
    }
    if reason.hasPrefix("root certificate file ") || reason.hasPrefix("could not read root certificate file") {
      return "sslrootcert of the URL says where it is"
    }
    if reason.hasPrefix("server does not support SSL") { return "sslmode of the URL wants TLS" }
    return nil
  }
}
