import HTTPClient

/// Why an attempt failed, for programs.
public enum FailureCause: String, Sendable, CaseIterable {
  /// The name leads nowhere.
  case dns
  /// No connection, or none that is allowed.
  case refused
  case tls
  /// No whole answer in time.
  case timeout
  /// An answer with another status than 2xx.
  case status
  /// The connection ended, or the answer had no end.
  case cut

  init(_ error: HTTPClientError) {
    self =
      switch error.cause {
      case .name: .dns
      case .connection: .refused
      case .tls: .tls
      case .timeout: .timeout
      case .answer: .cut
      }
  }
}
