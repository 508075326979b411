/// Work that can wait in a queue: a small, typed message whose handler is registered for the type.
///
/// A job carries identities, not state: its handler reads the truth from the database, so a job that is late, repeated
/// or from an older version does no harm.
public protocol Job: Sendable {
  /// The name on the wire; never reused for another meaning.
  static var kind: String { get }
  /// The queue it runs in.
  static var queue: QueueName { get }
  /// Its identity: while a job with this id exists in any state, enqueuing another is refused as a duplicate.
  var id: String { get }
  /// What the handler needs beyond the id, as bytes.
  var payload: [UInt8] { get }
  /// Reads what ``id`` and ``payload`` wrote.
  ///
  /// - Throws: ``MalformedPayload``; the job then goes to the dead set with that reason.
  init(id: String, payload: [UInt8]) throws
}

/// A payload that its job type can't read.
public struct MalformedPayload: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// The name of a queue, as it stands in Redis keys and on the command line.
public struct QueueName: Hashable, Sendable, CustomStringConvertible {
  public let rawValue: String
  public var description: String { rawValue }

  /// nil unless the name is 1 to 40 characters of `a`–`z`, `0`–`9`, `-` and `_`.
  public init?(_ text: some StringProtocol) {
    guard (1...40).contains(text.utf8.count),
      text.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 })
    else { return nil }
    rawValue = String(text)
  }

  /// A name that is written in the code.
  ///
  /// - Precondition: it is as ``init(_:)`` says.
  public init(known name: StaticString) {
    guard let known = QueueName(name.description) else { preconditionFailure("\(name) is no name for a queue") }
    self = known
  }
}

/// Which of two waiting jobs is taken first.
public enum JobPriority: String, Sendable, CaseIterable {
  case high, normal, low
}
