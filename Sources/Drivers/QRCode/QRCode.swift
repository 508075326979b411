internal import CQREncode

/// QR codes as pictures in SVG.
public enum QRCode {
  /// Modules of white around it, as the standard wants.
  private static let quiet = 4

  /// A text's QR code, dark on white whatever is around it.
  ///
  /// - Parameters:
  ///   - text: a code that people could type as well; at most a few hundred bytes.
  ///   - attributes: further attributes of the element, written by the caller.
  /// - Returns: nil for an empty text, or one that no QR code holds.
  public static func svg(_ text: String, attributes: String = "") -> String? {
    guard !text.isEmpty, let rows = modules(text) else { return nil }
    let size = rows.count
    let whole = size + 2 * quiet
    var path = ""
    for (y, row) in rows.enumerated() {
      var x = 0
      while x < size {
        let run = row[x...].prefix { $0 }.count
        // A run of dark modules is one rectangle.
        if run > 0 { path += "M\(x + quiet) \(y + quiet)h\(run)v1h-\(run)z" }
        x += max(run, 1)
      }
    }
    return #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(whole) \#(whole)" shape-rendering="crispEdges""#
      + (attributes.isEmpty ? "" : " " + attributes)
      + #"><path fill="white" d="M0 0h\#(whole)v\#(whole)h-\#(whole)z"/><path d="\#(path)"/></svg>"#
  }

  /// Which modules are dark, row by row.
  static func modules(_ text: String) -> [[Bool]]? {
    let bytes = Array(text.utf8)
    guard let code = QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else { return nil }
    defer { QRcode_free(code) }
    let size = Int(code.pointee.width)
    guard size > 0, let data = code.pointee.data else { return nil }
    return (0..<size).map { y in (0..<size).map { x in data[y * size + x] & 1 == 1 } }
  }
}
