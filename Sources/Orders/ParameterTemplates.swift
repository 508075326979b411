/// The templates of a route, taken apart once: each order of the route fills them twice.
public struct ParameterTemplates: Sendable {
  private let templates: [(name: String, parts: [ParameterTemplate.Part])]
  let names: Set<String>
  /// The names of the fields that the templates use, in their order.
  public let fields: [String]

  /// - Parameter templates: by the parameter's name.
  public init(_ templates: [String: String]) {
    self.templates = templates.map { ($0.key, ParameterTemplate.parts(of: $0.value)) }
    var names: Set<String> = []
    for (_, parts) in self.templates {
      for case .field(let name) in parts { names.insert(name) }
    }
    self.names = names
    fields = names.sorted()
  }

  /// See ``ParameterTemplate/fill(_:with:)``.
  public func fill(with fields: [String: String]) -> (parameters: [String: String], missing: [String]) {
    var parameters = [String: String](minimumCapacity: templates.count)
    var missing: Set<String> = []
    for (name, parts) in templates {
      var text = ""
      for part in parts {
        switch part {
        case .literal(let literal): text += literal
        case .field(let field):
          guard let value = fields.exactly(field), !value.isEmpty else {
            missing.insert(field)
            continue
          }
          text += value
        }
      }
      parameters[name] = text
    }
    return (parameters, missing.sorted())
  }
}
