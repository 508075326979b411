import HTTPServer

/// The languages of an order's page.
enum PageLanguage: String, CaseIterable, Sendable {
  case english = "en"
  case turkish = "tr"
  case arabic = "ar"
  case russian = "ru"
  case ukrainian = "uk"

  /// By its own name.
  var name: String {
    switch self {
    case .english: "English"
    case .turkish: "Türkçe"
    case .arabic: "العربية"
    case .russian: "Русский"
    case .ukrainian: "Українська"
    }
  }

  /// Where its writing begins.
  var direction: String { self == .arabic ? "rtl" : "ltr" }

  /// What a request asks for: by the switch (`?lang=`), else the first that the browser prefers, else English.
  static func of(_ request: HTTPRequest) -> PageLanguage {
    chosen(request) ?? preferred(request.headers("Accept-Language")) ?? .english
  }

  /// What the switch says; nil where it was not used.
  static func chosen(_ request: HTTPRequest) -> PageLanguage? { request.query["lang"].flatMap { Self(rawValue: $0) } }

  /// The one of most weight; of equal ones the first. What is no language, or none of these, is passed over.
  static func preferred(_ headers: [String]) -> PageLanguage? {
    var best: (language: PageLanguage, weight: Double)?
    for range in headers.flatMap({ $0.split(separator: ",") }) {
      let parts = range.split(separator: ";").map { part in part.filter { $0 != " " && $0 != "\t" } }
      guard let tag = parts.first?.split(separator: "-").first?.lowercased(), let language = Self(rawValue: tag) else {
        continue
      }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      if weight > best?.weight ?? 0 { best = (language, weight) }
    }
    return best?.language
  }
}
