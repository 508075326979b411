/// The parameters a route sends: literal text with `{name}` for an order's field.
public enum ParameterTemplate {
  /// The field names that a set of templates uses.
  public static func fields(in templates: [String: String]) -> Set<String> {
    ParameterTemplates(templates).names
  }

  /// Fills the templates.
  ///
  /// - Returns: the parameters, and the names of fields that are missing or empty (then the order can't be sent).
  public static func fill(
    _ templates: [String: String], with fields: [String: String]
  ) -> (parameters: [String: String], missing: [String]) {
    ParameterTemplates(templates).fill(with: fields)
  }

  /// What is wrong with a template, in words that quote it; nil when it can be filled.
  ///
  /// ``fill(_:with:)`` sends a brace without its fellow as it is, for routes that were stored so; nobody means that.
  public static func mistake(in template: String) -> String? {
    var rest = template[...]
    while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      guard rest[brace] == "{" else { return "\"\(template)\" has a } without its {" }
      rest = rest[rest.index(after: brace)...]
      guard let close = rest.firstIndex(where: { $0 == "{" || $0 == "}" }), rest[close] == "}" else {
        return "\"\(template)\" has a { without its }"
      }
      let name = rest[..<close]
      guard let first = name.first, let last = name.last, !first.isWhitespace, !last.isWhitespace else {
        return "\"\(template)\": between { and } stands the name of an order's field, such as {player_id}"
      }
      rest = rest[rest.index(after: close)...]
    }
    return nil
  }

  enum Part: Sendable {
    case literal(String)
    case field(String)
  }

  /// A `{` without its `}` is literal text.
  static func parts(of template: String) -> [Part] {
    var parts: [Part] = []
    var rest = template[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
      parts.append(.field(String(rest[rest.index(after: open)..<close])))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.literal(String(rest))) }
    return parts
  }
}
