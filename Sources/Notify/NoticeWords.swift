public import Orders
public import Store

/// What people are told of each type of event, in each language.
///
/// No word of it can hold a PIN, a provider's text or a reason in free words; and none does harm when it is read twice.
public enum NoticeWords {
  /// The words of one language; keys are types without ``prefix``.
  struct Table: Sendable {
    /// A subject, a line end, and what is below.
    let customer: [String: String]
    /// Subjects; below stands ``partnerBody``.
    let partner: [String: String]
    /// Subjects; below stands ``opsBody``.
    let ops: [String: String]
    let ui: [UI: String]
  }

  /// Words of buttons and of answers to presses.
  public enum UI: Sendable, CaseIterable {
    case askButton, asked, askedJustNow, nothingToAsk
    case alreadyDone, expired, unknownButton, notPossible
    /// Of a test.
    case testSubject, testBody
  }

  static let prefix = "sevk."
  private static let partnerBody = "{product} · {shop}"
  private static let opsBody = "{product} · {shop} · {id}\n{reason}"
  private static let operatorBody = "{about}"

  /// The types that an order's events have by what stands in `outside.md`, and those of statuses.
  public static let orderTypes: [String] = {
    let known = Status.allCases.compactMap(\.row.event) + ["sevk.order.progressed", "sevk.order.rated"]
    var types: [String] = []
    for type in known where !types.contains(type) { types.append(type) }
    return types
  }()

  /// Those that somebody may be told of.
  public static func types(for audience: NotifyAudience) -> [String] {
    audience == .ops ? orderTypes + OperatorEvent.allCases.map(\.rawValue) : orderTypes
  }

  private static func table(_ language: NoticeLanguage) -> Table {
    switch language {
    case .en: english
    case .tr: turkish
    case .ar: arabic
    case .ru: russian
    case .uk: ukrainian
    }
  }

  /// The template of a type, whose first line is the subject; nil where there is none.
  public static func template(_ type: String, _ audience: NotifyAudience, _ language: NoticeLanguage) -> String? {
    let table = table(language)
    let name = type.hasPrefix(prefix) ? String(type.dropFirst(prefix.count)) : type
    switch audience {
    case .customer: return table.customer[name]
    case .partner: return table.partner[name].map { "\($0)\n\(partnerBody)" }
    case .ops: return table.ops[name].map { "\($0)\n\(OperatorEvent.isOne(type) ? operatorBody : opsBody)" }
    }
  }

  public static func ui(_ words: UI, _ language: NoticeLanguage) -> String {
    table(language).ui[words] ?? table(.en).ui[words] ?? ""
  }
}
