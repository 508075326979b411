internal import CHiredis

/// What Redis answers.
public enum RedisValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case string([UInt8])
  case status(String)
  case array([RedisValue])
  /// An error inside an array; one that is the whole answer is thrown.
  case error(String)

  /// The number, also when it was sent as text.
  public var integer: Int64? {
    switch self {
    case .integer(let number): number
    case .string, .status: text.flatMap { Int64($0) }
    case .null, .array, .error: nil
    }
  }

  public var bytes: [UInt8]? {
    switch self {
    case .string(let bytes): bytes
    case .status(let text): Array(text.utf8)
    case .null, .integer, .array, .error: nil
    }
  }

  public var text: String? {
    switch self {
    case .string(let bytes): String(decoding: bytes, as: UTF8.self)
    case .status(let text): text
    case .null, .integer, .array, .error: nil
    }
  }

  public var array: [RedisValue]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  public var isNull: Bool { self == .null }

  /// Copies a reply of hiredis, which stays the caller's to free.
  init(_ reply: redisReply) {
    switch reply.type {
    case REDIS_REPLY_STRING: self = .string(Self.bytes(reply))
    case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(reply), as: UTF8.self))
    case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.bytes(reply), as: UTF8.self))
    case REDIS_REPLY_INTEGER: self = .integer(reply.integer)
    case REDIS_REPLY_ARRAY:
      self = .array((0..<reply.elements).map { reply.element[$0].map { RedisValue($0.pointee) } ?? .null })
    default: self = .null
    }
  }

  private static func bytes(_ reply: redisReply) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: reply.str, count: Int(reply.len)))
  }
}
