public import HTTPServer

/// A request's query, of which every parameter is known: one that is misspelt, or given twice where one counts, must not
/// change silently what is done or listed.
public struct Query {
  private let values: [String: [String]]

  /// - Parameters:
  ///   - once: parameters that may be given once.
  ///   - repeated: parameters that may be given more than once.
  /// - Throws: ``Problem`` with status 422 that names each parameter that is wrong.
  public init(_ request: HTTPRequest, once: [String] = [], repeated: [String] = []) throws(Problem) {
    var values: [String: [String]] = [:]
    var errors: [Problem.FieldError] = []
    func complain(_ name: String, _ message: String) {
      let error = Problem.FieldError(field: name, message: message)
      if !errors.contains(error) { errors.append(error) }
    }
    let known = (repeated + once).sorted()
    for parameter in request.parameters {
      let name = parameter.name
      if !known.contains(name) {
        complain(
          name,
          known.isEmpty
            ? "is not known; this takes no parameters" : "is not known; use \(known.joined(separator: ", "))")
      } else if !parameter.isUTF8 {
        complain(name, "is not UTF-8")
      } else if parameter.value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
        complain(name, "must not contain control characters")
      } else if once.contains(name), values[name] != nil {
        complain(name, "must be given once")
      } else {
        values[name, default: []].append(parameter.value)
      }
    }
    guard errors.isEmpty else { throw .invalidQuery(errors) }
    self.values = values
  }

  /// The value of a parameter that may be given once.
  public func one(_ name: String) -> String? { values[name]?.first }

  /// The values of a parameter, in the order given.
  public func all(_ name: String) -> [String] { values[name] ?? [] }
}
