import Orders

/// SMSC (smsc.ru, smsc.ua): text messages over HTTP, `POST {base}/sys/send.php` with a form and JSON back.
///
/// Each message has an id of ours, and by that and the number it is asked about (`status.php`) before it is sent a second
/// time: two cost twice and annoy.
public struct Smsc: AskableMessagingAdapter {
  public static let name = "smsc"
  public static let credentialNames = ["login", "password"]
  public static let optionalCredentialNames = ["sender"]
  public static let baseURL: String? = "https://smsc.ru"
  public static let contactField = "phone"
  /// Of one message: more is cut.
  static let partsMax = 4
  /// The ids that it takes.
  static let idMax: Int64 = 2_147_483_647
  /// Most characters of a sender's name; of a number 15 digits.
  private static let senderCharactersMax = 15

  public init() {}

  public static func validate(credentials: [String: String]) -> [ParameterProblem] {
    credentialNames.compactMap { name in
      WireValue.mistake(in: credentials[name] ?? "", bytesMax: 200).map { .init(parameter: name, message: $0) }
    }
      + (credentials["sender"].flatMap { WireValue.mistake(in: $0, bytesMax: senderCharactersMax) }
        .map { [.init(parameter: "sender", message: $0)] } ?? [])
  }

  public static func mistake(inAddress address: String) -> String? {
    number(address) == nil ? "is no phone number: it must be in the form +905551234567" : nil
  }

  /// The digits of a number in international form; nil when it is none.
  static func number(_ address: String) -> String? {
    let marks: Set<Character> = [" ", "-", "(", ")", "."]
    var digits = address.filter { !marks.contains($0) }
    if digits.hasPrefix("+") { digits.removeFirst() } else if digits.hasPrefix("00") { digits.removeFirst(2) }
    guard (8...15).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isASCIIDigit), digits.first != "0" else {
      return nil
    }
    return digits
  }

  /// The id of a message there. Ours count on for ever, theirs have an end: one of so many messages ago is long forgotten.
  static func id(_ id: Int64) -> Int64 { (max(id, 1) - 1) % idMax + 1 }

  public func send(_ text: MessageText, to address: String, id: Int64, account: ChannelAccount) -> WireRequest {
    var body = login(account)
    body.add("phones", Self.number(address) ?? address)
    body.add("mes", SmsText.text(text, partsMax: Self.partsMax))
    body.add("id", "\(Self.id(id))")
    if let sender = account.credentials["sender"], !sender.isEmpty { body.add("sender", sender) }
    // With what it cost and what is left.
    body.add("cost", "3")
    return request("/sys/send.php", body, account)
  }

  public func ask(about id: Int64, to address: String, account: ChannelAccount) -> WireRequest {
    var body = login(account)
    body.add("phone", Self.number(address) ?? address)
    body.add("id", "\(Self.id(id))")
    return request("/sys/status.php", body, account)
  }

  public func probe(_ account: ChannelAccount) -> WireRequest {
    request("/sys/balance.php", login(account), account)
  }

  private func login(_ account: ChannelAccount) -> FormBody {
    var body = FormBody()
    body.add("login", secret: account.credential("login"))
    body.add("psw", secret: account.credential("password"))
    body.add("charset", "utf-8")
    body.add("fmt", "3")
    return body
  }

  private func request(_ path: String, _ body: FormBody, _ account: ChannelAccount) -> WireRequest {
    RequestBuilder().request(base: account.baseURL, path: path, body: body)
  }
}
