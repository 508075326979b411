/// The languages that people are told things in.
public enum NoticeLanguage: String, Sendable, CaseIterable {
  case en, tr, ar, ru, uk

  /// The one that a text names, such as `tr` or `tr-TR`; nil for one that we don't speak.
  public init?(_ text: String) {
    self.init(rawValue: String(text.lowercased().prefix { $0 != "-" && $0 != "_" }))
  }

  public var isRightToLeft: Bool { self == .ar }
}
