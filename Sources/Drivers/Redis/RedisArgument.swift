/// One word of a command.
public enum RedisArgument: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByIntegerLiteral
{
  case string(String)
  case bytes([UInt8])
  case integer(Int64)

  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension [UInt8] {
  /// Appends a command as Redis reads it (RESP).
  mutating func append(command arguments: [RedisArgument]) {
    append(UInt8(ascii: "*"), line: arguments.count)
    for argument in arguments {
      switch argument {
      case .string(let text):
        append(UInt8(ascii: "$"), line: text.utf8.count)
        append(contentsOf: text.utf8)
      case .bytes(let bytes):
        append(UInt8(ascii: "$"), line: bytes.count)
        append(contentsOf: bytes)
      case .integer(let number):
        let text = String(number)
        append(UInt8(ascii: "$"), line: text.utf8.count)
        append(contentsOf: text.utf8)
      }
      append(13)
      append(10)
    }
  }

  private mutating func append(_ mark: UInt8, line number: Int) {
    append(mark)
    if number < 10 {
      append(UInt8(ascii: "0") + UInt8(number))
    } else {
      append(contentsOf: String(number).utf8)
    }
    append(13)
    append(10)
  }
}
