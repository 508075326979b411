import Orders

/// E-mail over SMTP. The account's `from` is who it comes from: `orders@shop.example` or `Shop <orders@shop.example>`.
public struct Email: MessagingAdapter {
  public static let name = "email"
  public static let credentialNames = ["from"]
  public static let optionalCredentialNames = ["username", "password"]
  /// Every shop has a mail server of its own.
  public static let baseURL: String? = nil
  public static let contactField = "email"

  public init() {}

  public static func validate(credentials: [String: String]) -> [ParameterProblem] {
    var problems: [ParameterProblem] = []
    if EmailAddress(credentials["from"] ?? "") == nil {
      problems.append(
        .init(parameter: "from", message: "must be such as orders@shop.example or Shop <orders@shop.example>"))
    }
    let (user, password) = (credentials["username"] ?? "", credentials["password"] ?? "")
    if user.isEmpty != password.isEmpty {
      problems.append(
        .init(parameter: user.isEmpty ? "username" : "password", message: "is missing: a login has both"))
    }
    for (name, value) in [("username", user), ("password", password)] where OddCharacter.control(in: value) != nil {
      problems.append(.init(parameter: name, message: "has a control character in it"))
    }
    return problems
  }

  public static func mistake(inAddress address: String) -> String? {
    guard let parsed = EmailAddress(address), parsed.mailbox == address.withoutBlanks else {
      return "is no address of e-mail, such as ali@mail.example"
    }
    return nil
  }

  /// What an attempt proves. A server that took all of it and was not heard may have it.
  ///
  /// - Parameters:
  ///   - code: the server's last answer; nil where there was none.
  ///   - wasWhole: all of the message had left.
  ///   - isLogin: it was the login that failed.
  ///   - words: what it said, or what went wrong.
  public static func outcome(code: Int?, wasWhole: Bool, isLogin: Bool, words: String) -> MessageOutcome {
    if isLogin { return .trouble(words) }
    switch code {
    // An answer to the whole message, or an earlier refusal: either way it says what became of it.
    case .some(400...499): return .failed(words)
    case .some(530), .some(534), .some(535), .some(538): return .trouble(words)
    // This recipient, by the rules of RFC 3463 and common use: 550, 551, 553.
    case .some(550), .some(551), .some(553): return .blocked(words)
    case .some(500...599): return .refused(words)
    default: return wasWhole ? .unknown(words) : .failed(words)
    }
  }
}
