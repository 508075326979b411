import Orders

extension Route {
  /// What a route makes of an order's fields.
  public struct Filled: Sendable {
    /// The provider's parameters; of no use while there are complaints.
    public var parameters: [String: String] = [:]
    /// The order's fields, with those that the parameters are made of as they are sent.
    public var fields: [String: String]
    /// Fields that can't be sent, by name.
    public var complaints: [(field: String, message: String)] = []
  }

  /// Fills the route's parameters with an order's fields, each as its rule wants it.
  ///
  /// Done when an order is taken in, so that the shop learns of it, and again for the route it is sent by: another one
  /// may want something else, and an order may be older than the rule.
  public func fill(_ fields: [String: String]) -> Filled {
    var filled = Filled(fields: fields)
    for name in templates.fields {
      guard let value = fields.exactly(name), !value.isEmpty else { continue }
      do throws(FieldRule.Refusal) {
        let read = try FieldRule.read(value, rule(of: name))
        if !read.isExactly(value) { filled.fields[name] = read }
      } catch {
        filled.complaints.append((name, error.description))
      }
    }
    let (parameters, missing) = templates.fill(with: filled.fields)
    filled.parameters = parameters
    filled.complaints += missing.map { ($0, "is missing") }
    filled.complaints.sort { $0.field < $1.field }
    return filled
  }

  private func rule(of name: String) -> FieldRule? {
    fieldRules.first { $0.key.isExactly(name) }?.value
  }
}
