/// Why a connection can't be trusted or sealed, in words that complete "it …", without any secret.
public struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// A file is missing, can't be read, or is not what it should be.
    case badFile
    /// Our certificate, or our CA, and the server's don't go together: trying again soon does not help.
    case notTrusted
    /// What answers does not speak TLS, or the handshake was not finished.
    case noTLS
    /// A connection that was sealed broke.
    case broken
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
