/// One thing in full: a name and a value a line, the values below each other.
public enum FieldList {
  /// Fields without a value are left out.
  public static func text(_ fields: [(String, String?)], on output: TextOutput = .standard) -> String {
    let shown = fields.compactMap { name, value in value.map { (name, ShownText.visible($0)) } }
    let width = shown.lazy.map { DisplayWidth.of($0.0) }.max() ?? 0
    return shown.map { name, value in
      let pad = String(repeating: " ", count: width - DisplayWidth.of(name) + 2)
      return name + pad + (output.isTerminal ? ShownText.isolated(value) : value)
    }.joined(separator: "\n")
  }
}
