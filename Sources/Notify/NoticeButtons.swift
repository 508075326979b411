public import EventLoop
public import Store

/// A button that is wanted below a notice: what stands on it, and what a press of it means.
public struct WantedButton: Sendable {
  public let title: String
  public let meaning: ButtonMeaning
  /// How long it can be pressed.
  public let lifetime: Duration

  public init(_ title: String, _ meaning: ButtonMeaning, lifetime: Duration) {
    (self.title, self.meaning, self.lifetime) = (title, meaning, lifetime)
  }
}

/// Which buttons stand below which notices. Those of partners come from whoever knows partners; the first that names any counts.
public protocol NoticeButtons: Sendable {
  /// - Returns: rows of buttons; empty where a notice has none.
  @LoopActor func buttons(for due: NotifyStore.Due, _ language: NoticeLanguage) async throws -> [[WantedButton]]
}

/// Does what a button means. It is called at least once for a press, so it takes a second call for what it did as done.
public protocol ButtonHandler: Sendable {
  /// The ``ButtonMeaning/kind`` that it handles.
  var kind: String { get }

  /// - Parameter user: who pressed it, by the service's number.
  /// - Throws: what keeps it from doing it now: the press comes again.
  @LoopActor func press(_ meaning: ButtonMeaning, by user: Int64, _ language: NoticeLanguage) async throws
    -> PressAnswer
}

/// What who pressed a button sees.
public struct PressAnswer: Sendable, Equatable {
  public let note: String
  /// It has to be read and closed.
  public var isAlert = false
  /// What the message says from now on, without buttons; its first line is the subject. nil: what it says.
  public var message: String?

  public init(_ note: String, isAlert: Bool = false, message: String? = nil) {
    (self.note, self.isAlert, self.message) = (note, isAlert, message)
  }
}

/// People who run things can have the provider asked, right below the notice that its answer was lost.
public struct AskButtons: NoticeButtons {
  /// What such a button means.
  public static let kind = "ask"
  private static let lifetime = Duration.seconds(7 * 86_400)

  public init() {}

  @LoopActor
  public func buttons(for due: NotifyStore.Due, _ language: NoticeLanguage) async throws -> [[WantedButton]] {
    guard due.audience == .ops, due.type == "sevk.order.unresolved" else { return [] }
    return [
      [
        WantedButton(
          NoticeWords.ui(.askButton, language), ButtonMeaning(kind: Self.kind, orderID: due.orderID),
          lifetime: Self.lifetime)
      ]
    ]
  }
}
