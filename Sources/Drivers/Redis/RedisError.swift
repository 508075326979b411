internal import TLS

/// Why a command has no answer, in words that a person can act on and without any secret.
public struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// The text is not a URL of Redis.
    case invalidURL
    /// The connection broke while the command was under way: it may or may not have had its effect.
    case connectionLost
    /// No connection could be made in time, or the client was closed: the command was not sent.
    case unavailable
    /// Redis refused the user or password: the command was not sent.
    case wrongPassword
    /// The server's certificate or ours is not good, so nothing was sent; or one side speaks TLS and the other does not.
    case notTrusted
    /// What answers is of another kind than the URL says, such as a sentinel or a node of a cluster.
    case wrongServer
    /// Redis answered with an error; the prefix is its first word, such as `READONLY`, `OOM`, `BUSY` or `MOVED`.
    case replyError(prefix: String)
    /// Redis did not answer in time: the command may or may not have had its effect.
    case timedOut
    /// Something that is not Redis answered, or an answer had an unexpected form.
    case protocolError
  }

  public let code: Code
  public let message: String
  public var description: String { message }
  /// What TLS said, where that ended the connection.
  let cause: TLSError?
  /// Where a node of a cluster says that another is to be asked.
  let redirect: ClusterRedirect?

  public init(_ code: Code, _ message: String) { self.init(code, message, cause: nil) }

  init(_ code: Code, _ message: String, cause: TLSError?, redirect: ClusterRedirect? = nil) {
    (self.code, self.message, self.cause, self.redirect) = (code, message, cause, redirect)
  }

  /// An error that Redis replied with.
  init(reply text: String) {
    let prefix = text.prefix { $0 != " " }
    // Redis repeats the arguments of a command it does not know, which may be secret.
    let end = text.firstRange(of: ", with args")?.lowerBound ?? text.endIndex
    let more =
      switch prefix {
      case "MOVED", "ASK": "another node of its Redis Cluster is to be asked; redis+cluster:// does that"
      case "TRYAGAIN": "keys are on their way to another node of the cluster"
      case "CLUSTERDOWN": "the cluster lacks nodes"
      case "NOREPLICAS": "fewer replicas follow than min-replicas-to-write asks for"
      case "READONLY": "it was made a replica"
      case "OOM": "it is full; raise maxmemory"
      default: ""
      }
    self.init(
      .replyError(prefix: String(prefix)), "Redis answers: \(text[..<end])" + (more.isEmpty ? "" : " (\(more))"),
      cause: nil, redirect: prefix == "MOVED" || prefix == "ASK" ? ClusterRedirect(text) : nil)
  }

  /// Whether Redis can't save to its disk, and so refuses to write, and by the way to answer PING; it can be read.
  public var isUnsaved: Bool { code == .replyError(prefix: "MISCONF") }

  /// Whether trying to connect again soon can't help.
  var isPermanent: Bool {
    switch code {
    case .wrongPassword, .replyError, .invalidURL, .notTrusted, .wrongServer: true
    case .connectionLost, .unavailable, .timedOut, .protocolError: false
    }
  }
}
