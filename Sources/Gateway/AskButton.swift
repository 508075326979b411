import EventLoop
import Notify
import OrderWork
import Orders
import Store

/// The button below a notice that an answer was lost: has the provider asked now. Harmless to repeat.
struct AskButton: ButtonHandler {
  let kind = AskButtons.kind
  let store: Store
  let ask: AskNow

  @LoopActor
  func press(_ meaning: ButtonMeaning, by user: Int64, _ language: NoticeLanguage) async throws -> PressAnswer {
    guard let id = meaning.orderID.flatMap({ OrderID($0) }), let order = try await store.order(id) else {
      return PressAnswer(NoticeWords.ui(.notPossible, language))
    }
    let words: NoticeWords.UI
    switch try await ask.ask(order, for: (who: "Telegram \(user)", note: "by a button")) {
    case .asked: words = .asked
    case .tooSoon: words = .askedJustNow
    case .refused: words = .nothingToAsk
    }
    let note = NoticeWords.ui(words, language)
    return PressAnswer(note, message: "\(order.shopReference ?? order.id.description)\n\(note)")
  }
}
