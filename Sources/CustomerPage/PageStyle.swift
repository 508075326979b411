import Cipher

/// The files beside a page, and the names of their versions, by which browsers may keep them for good.
enum PageStyle {
  static let colourUsual = "#0b57d0"
  static let version = version(of: PackageResources.style_css)
  static let scriptVersion = version(of: PackageResources.app_js)

  static func version(of bytes: [UInt8]) -> String {
    Hexadecimal.encode(Array(Digest.sha256(bytes).prefix(4)))
  }

  /// The style in a shop's colour.
  ///
  /// - Parameter digits: six hexadecimal ones; the usual colour for anything else, since it comes with a request.
  static func css(colour digits: String?) -> [UInt8] {
    let digits = digits ?? ""
    let bytes = digits.utf8.count == 6 ? Hexadecimal.decode(digits) : nil
    let colour = bytes == nil ? colourUsual : "#" + digits.lowercased()
    let on = isLight(bytes ?? [0x0B, 0x57, 0xD0]) ? "#000" : "#fff"
    return Array(":root{--brand:\(colour);--on:\(on)}\n".utf8) + PackageResources.style_css
  }

  /// Whether black is read better on it than white: by the contrast of WCAG 2.
  private static func isLight(_ rgb: [UInt8]) -> Bool {
    let weights = [0.2126, 0.7152, 0.0722]
    let luminance = zip(rgb, weights).map { channel, weight in
      let value = Double(channel) / 255
      // 2.2 for the exact curve: the choice is the same.
      return weight * (value * value * (0.8 + 0.2 * value))
    }.reduce(0, +)
    return luminance > 0.179
  }
}
