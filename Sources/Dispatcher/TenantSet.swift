import CommandLine
import EventLoop
import FoundationEssentials
import Orders
import Process
import Store

/// `dispatcher tenant set`: how the pages of a tenant's orders look to its customers.
enum TenantSet {
  private static let off = "off"
  private static let flags = ["--page-name", "--page-colour", "--page-logo", "--page-pin"]

  static let command = Command(
    "tenant set",
    usage: "NAME [--page-name TEXT|off] [--page-colour #rrggbb|off] [--page-logo FILE|off] [--page-pin on|off]",
    "Changes how the pages of a tenant's orders look to its customers; gateways follow within seconds. off takes a value back; "
      + "--page-pin off shows no PIN there.",
    grammar: .init(values: flags, wordsMax: 1), settings: SetupCommands.needed,
    example: "dispatcher tenant set shop --page-name 'Ayşe’s Games' --page-colour '#2b6cb0' --page-logo logo.svg"
  ) { arguments, settings in
    let tenant = try arguments.word("NAME")
    let change = try read(arguments)
    guard !change.isNone else {
      throw UsageError("nothing to change; give what is to be: \(flags.joined(separator: ", "))")
    }
    try await SetupCommands.withSetup(settings) { setup, _ in
      guard try await setup.changePage(ofTenant: tenant, change) else {
        throw UsageError("there is no tenant named \(tenant); see: dispatcher tenant list")
      }
      print("changed the page of \(tenant)")
    }
  }

  static func read(_ arguments: Arguments) throws(UsageError) -> TenantPage.Change {
    var change = TenantPage.Change()
    if let text = arguments.value("--page-name") { change.name = .some(text == off ? nil : try name(text)) }
    if let text = arguments.value("--page-colour") { change.colour = .some(text == off ? nil : try colour(text)) }
    if let path = arguments.value("--page-logo") { change.logo = .some(path == off ? nil : try logo(path)) }
    switch arguments.value("--page-pin") {
    case nil: break
    case "on": change.showsPin = true
    case off: change.showsPin = false
    case let text?: throw UsageError("--page-pin is \"\(text)\", but must be on or off")
    }
    return change
  }

  private static func name(_ text: String) throws(UsageError) -> String {
    let count = text.unicodeScalars.count
    guard (1...TenantPage.nameCharactersMax).contains(count) else {
      throw UsageError("--page-name must have 1 to \(TenantPage.nameCharactersMax) characters, and has \(count)")
    }
    if let odd = OddCharacter.unseen(in: text) {
      throw UsageError("--page-name holds \(OddCharacter.name(odd)), which can't be seen")
    }
    return text
  }

  private static func colour(_ text: String) throws(UsageError) -> String {
    let digits = text.lowercased().utf8.dropFirst()
    guard text.first == "#", digits.count == 6,
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (97...102).contains($0) })
    else { throw UsageError("--page-colour is \"\(text)\", but must be such as #2b6cb0, or off") }
    return text.lowercased()
  }

  private static func logo(_ path: String) throws(UsageError) -> TenantPage.Logo {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UsageError("--page-logo: the file \(path) can't be read: \(FileTrouble(path).reason)")
    }
    let most = TenantPage.Logo.bytesMax
    guard data.count <= most else {
      throw UsageError(
        "--page-logo: \(path) has \(data.count) bytes, but may have at most \(most): a page is to be there at once")
    }
    guard let logo = TenantPage.Logo(file: [UInt8](data)) else {
      throw UsageError("--page-logo: \(path) is neither an SVG nor a PNG")
    }
    return logo
  }
}

extension TenantPage.Logo {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// - Parameter file: its bytes say what it is; nil when it is neither.
  init?(file: [UInt8]) {
    if file.starts(with: Self.signature) {
      self.init(.png, file)
      return
    }
    guard let text = String(validating: file, as: UTF8.self) else { return nil }
    let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    guard ["<svg", "<?xml", "<!--", "<!DOCTYPE svg"].contains(where: { start.hasPrefix($0) }), text.contains("<svg")
    else { return nil }
    self.init(.svg, file)
  }
}
