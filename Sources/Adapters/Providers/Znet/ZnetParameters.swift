/// What the endpoints of a znet panel take in an order, and how it is checked.
struct ZnetParameters {
  /// As `provider add --adapter` has it.
  let adapter: String
  let required: [String]
  var optional: [String] = []
  /// Those that are numbers, with where to find them.
  var numbers: [String: String] = [:]
  /// Nothing about lengths is documented; a longer value is a mistake, not a player.
  static let valueBytesMax = 200
  /// What all values together may take in the URL, each byte that is no letter or digit as three: some panels' servers
  /// answer 414 to a query of 2,048 bytes, and the login stands in it too.
  static let encodedBytesMax = 1_500

  var all: [String] { required + optional }

  func problems(_ parameters: [String: String]) -> [ParameterProblem] {
    var problems: [ParameterProblem] = []
    func complain(_ name: String, _ message: String) { problems.append(.init(parameter: name, message: message)) }
    for name in all {
      guard let value = parameters[name], !value.withoutBlanks.isEmpty else {
        if required.contains(name) { complain(name, "is missing") }
        continue
      }
      if value.utf8.count > Self.valueBytesMax {
        complain(name, "has \(value.utf8.count) bytes, but may have at most \(Self.valueBytesMax)")
      }
      if value.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
        complain(name, "has a control character in it")
      }
      if let place = numbers[name], !value.utf8.allSatisfy(\.isASCIIDigit) {
        complain(name, "must be a number (\(place))")
      }
    }
    for name in parameters.keys.sorted() where !all.contains(name) {
      complain(name, "is not one that \(adapter) takes")
    }
    let encoded = parameters.mapValues { RequestBuilder.encoded($0).utf8.count }
    if problems.isEmpty, encoded.values.reduce(0, +) > Self.encodedBytesMax,
      let longest = all.max(by: { encoded[$0] ?? 0 < encoded[$1] ?? 0 })
    {
      complain(longest, "makes the URL too long: all together may take \(Self.encodedBytesMax) bytes of it")
    }
    return problems
  }

  /// `GET {base}/servis/ENDPOINT.php` with the login first.
  ///
  /// - Parameter login: the names that the endpoint has for the credentials: those of one family are other than those of
  ///   the next.
  static func request(
    _ endpoint: String, _ account: ProviderAccount, login: [(name: String, credential: String)],
    _ fill: (inout RequestBuilder) -> Void
  ) -> WireRequest {
    var builder = RequestBuilder()
    for (name, credential) in login { builder.add(name, secret: account.credentials[credential] ?? "") }
    fill(&builder)
    return builder.request(base: account.baseURL, path: "/servis/\(endpoint).php")
  }
}
