internal import EventLoop
internal import TLS

/// A server that is connected to, and what it must be.
struct RedisTarget: Sendable {
  enum Kind {
    case master, sentinel
    /// Of a cluster, master or replica.
    case node
    /// A master or a replica.
    case any
    /// Whatever answers.
    case unknown
  }

  let address: SocketAddress
  let kind: Kind
  var credentials: RedisCredentials?
  var database = 0
  var tls: TLSContext?
  /// What messages call it.
  let name: String

  init(_ address: SocketAddress, _ kind: Kind, name: String? = nil) {
    (self.address, self.kind) = (address, kind)
    self.name = name ?? (kind == .sentinel ? "the sentinel at \(address)" : "Redis at \(address)")
  }

  @LoopActor
  func connect(timeout: Duration) async throws -> any ByteStream {
    guard let tls, case .tcp(let host, _) = address else {
      return try await LoopStream.connect(to: address, timeout: timeout)
    }
    return try await TLSStream.connect(to: address, host: host, context: tls, timeout: timeout)
  }

  /// Why there is no connection, or why it broke before it was usable.
  func unavailable(_ why: any Error) -> RedisError {
    if let error = why as? TLSError {
      let code: RedisError.Code = error.code == .notTrusted || error.code == .badFile ? .notTrusted : .unavailable
      return RedisError(
        code, "\(name) \(error)" + (error.description == Self.plain ? "; the URL says \(scheme) (TLS)" : ""))
    }
    return unavailable("\(why)")
  }
  private static let plain = "answers without TLS"
  private var scheme: String {
    switch kind {
    case .sentinel: "rediss+sentinel"
    case .node: "rediss+cluster"
    case .master, .any, .unknown: "rediss"
    }
  }

  func unavailable(_ why: String) -> RedisError {
    let known = "cannot connect to \(address): "
    let reason = why.hasPrefix(known) ? String(why.dropFirst(known.count)) : why
    return RedisError(.unavailable, "\(name) does not answer: \(reason)")
  }

  /// What an error before the connection is usable means.
  ///
  /// - Parameter wasSilent: the server ended the connection before it said anything.
  func explained(_ error: RedisError, wasSilent: Bool) -> RedisError {
    guard case .replyError(let prefix) = error.code else {
      if error.code == .wrongServer || error.code == .notTrusted { return error }
      if let failure = error.cause { return unavailable(failure) }
      let isTCP = if case .tcp = address { true } else { false }
      if wasSilent, error.code == .connectionLost, isTCP, tls == nil {
        return unavailable(
          "it closed the connection without a word; a server that speaks TLS does so, and is reached by"
            + " \(scheme)://")
      }
      return unavailable(error.message)
    }
    switch prefix {
    case "LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN":
      return RedisError(.unavailable, "\(name) is not ready: \(error.message)")
    case "NOAUTH" where kind == .sentinel:
      return RedisError(.wrongPassword, "\(name) wants a password of its own, and none is set for the sentinels")
    case "NOAUTH":
      return RedisError(.wrongPassword, "\(name) wants a password and the URL has none")
    case "WRONGPASS" where kind == .sentinel:
      return RedisError(.wrongPassword, "\(name) refuses the user or password that is set for the sentinels")
    case "WRONGPASS":
      return RedisError(
        .wrongPassword, "\(name) refuses the user or password of the URL, where \(RedisCredentials.encoding)")
    case "NOPERM":
      return RedisError(.wrongPassword, "\(name) refuses the user or password of the URL: \(error.message)")
    case "ERR" where error.message.contains("password"):
      return RedisError(.wrongPassword, "\(name) does not take the password of the URL: \(error.message)")
    default:
      return RedisError(error.code, "\(name) can't be used: \(error.message)")
    }
  }
}
