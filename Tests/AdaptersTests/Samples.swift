import Adapters
import Orders

/// An account whose credentials need encoding and are easy to find when they leak.
let account = ProviderAccount(
  id: 7, name: "bayi", adapter: "znet", baseURL: "http://bayi.example/",
  credentials: ["kod": "5559990001", "sifre": "g&zli şifre|1"])

/// The same panel after ops tested its "not found".
let testedAccount = {
  var tested = account
  tested.trustNotFoundAfter = .seconds(300)
  return tested
}()

let parameters = ["oyun": "1", "kupur": "60", "musteri_tel": "905551234567", "oyuncu_bilgi": "5123"]

func reply(_ text: String, status: Int = 200) -> WireReply { WireReply(status: status, body: Array(text.utf8)) }

/// What an outcome proves, without its words.
enum Send: Equatable { case accepted(String?, String?), delivered(String?), refused, accountTrouble, notSent, unknown }
extension SendOutcome {
  var proof: Send {
    switch self {
    case .accepted(let receipt): .accepted(receipt.cost?.description, receipt.balance?.description)
    case .delivered(let pin, _, _): .delivered(pin?.secret)
    case .refused: .refused
    case .accountTrouble: .accountTrouble
    case .notSent: .notSent
    case .unknown: .unknown
    }
  }
  var text: String {
    switch self {
    case .accepted: ""
    case .delivered(_, let note, _): note
    case .refused(let text), .accountTrouble(let text, _), .notSent(let text), .unknown(let text): text
    }
  }
}

enum Query: Equatable { case waiting, completed(String?), cancelled, notFound, queryFailed, unintelligible }
extension QueryOutcome {
  var proof: Query {
    switch self {
    case .waiting: .waiting
    case .completed(let pin, _): .completed(pin?.secret)
    case .cancelled: .cancelled
    case .notFound: .notFound
    case .queryFailed: .queryFailed
    case .unintelligible: .unintelligible
    }
  }
  var text: String {
    switch self {
    case .waiting(let text), .cancelled(let text), .notFound(let text), .queryFailed(let text),
      .unintelligible(let text):
      text
    case .completed(_, let note): note
    }
  }
}
