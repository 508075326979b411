/// The words of an order's page, by `Pages/words.tsv`: a row a key, a column a language.
struct PageWords: Sendable {
  let language: PageLanguage

  subscript(_ key: String) -> String {
    // A key that is missing is found by a test, and shown as it is to nobody.
    Self.table[key]?[language] ?? Self.table[key]?[.english] ?? key
  }

  /// By key and language.
  static let table: [String: [PageLanguage: String]] = {
    let lines = String(decoding: PackageResources.words_tsv, as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    let languages = (lines.first ?? []).dropFirst().map { PageLanguage(rawValue: $0) }
    var table: [String: [PageLanguage: String]] = [:]
    for line in lines.dropFirst() {
      guard let key = line.first else { continue }
      for (language, text) in zip(languages, line.dropFirst()) {
        if let language { table[key, default: [:]][language] = text }
      }
    }
    return table
  }()
}
