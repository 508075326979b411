import FoundationEssentials

/// The text of a file; nil when it can't be read or is not UTF-8.
public func readTextFile(_ path: String) -> String? {
  guard let data = FileManager.default.contents(atPath: path) else { return nil }
  return String(bytes: data, encoding: .utf8)
}
