import CommandLine

/// `--currency` of `provider add` and `provider set`: a panel names amounts alone, so somebody must say of what.
enum ProviderCurrency {
  static let flag = "--currency"
  private static let off = "off"

  /// - Throws: `UsageError` for what is no currency.
  static func judge(_ arguments: Arguments) throws(UsageError) {
    guard let text = arguments.value(flag), text != off else { return }
    guard text.utf8.count == 3, text.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
      throw UsageError("\(flag) is \"\(text)\", but must be off or three capital letters such as TRY (ISO 4217)")
    }
  }

  /// nil where it was not given, or taken back.
  static func value(_ arguments: Arguments) -> String? { arguments.value(flag).flatMap { $0 == off ? nil : $0 } }
}
