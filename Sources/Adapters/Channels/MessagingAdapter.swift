/// The grammar of one service that carries messages to people. Pure, as ``Adapter`` is: it builds what goes out and reads
/// what comes back.
///
/// A message is no order: it may be sent again where nobody knows whether it arrived, so its words must do no harm when
/// they are read twice, and a PIN is never among them.
public protocol MessagingAdapter: Sendable {
  /// As `channel add --adapter` has it.
  static var name: String { get }
  /// The credentials it needs.
  static var credentialNames: [String] { get }
  /// Those that it takes beside them and goes without.
  static var optionalCredentialNames: [String] { get }
  /// Where the service is, when nothing else is said; nil where that must be said.
  static var baseURL: String? { get }
  /// The field of an order that says where its customer is reached.
  static var contactField: String { get }

  /// What is wrong with the values of an account's credentials, by their names.
  static func validate(credentials: [String: String]) -> [ParameterProblem]

  /// What is wrong with where somebody is to be reached: words that go on after it; nil when nothing is.
  static func mistake(inAddress address: String) -> String?
}

extension MessagingAdapter {
  public static var optionalCredentialNames: [String] { [] }
  public static func validate(credentials: [String: String]) -> [ParameterProblem] { [] }
}

/// One that speaks HTTP.
public protocol HTTPMessagingAdapter: MessagingAdapter {
  /// - Parameter id: of the message, from 1: the same at each attempt.
  func send(_ text: MessageText, to address: String, id: Int64, account: ChannelAccount) -> WireRequest
  func readSend(_ reply: WireReply) -> MessageOutcome

  /// Shows whether the account works, and sends nothing.
  func probe(_ account: ChannelAccount) -> WireRequest
  /// - Returns: what it says, for people.
  func readProbe(_ reply: WireReply) -> Result<String, MessagingTrouble>
}

/// One that can be asked what became of a message by the id that it was sent with.
public protocol AskableMessagingAdapter: HTTPMessagingAdapter {
  func ask(about id: Int64, to address: String, account: ChannelAccount) -> WireRequest
  func readAnswer(_ reply: WireReply) -> MessageAnswer
}

/// Why an account does not work, in words.
public struct MessagingTrouble: Error, CustomStringConvertible, Equatable {
  public let description: String
  public init(_ description: String) { self.description = description }
}
