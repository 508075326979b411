/// The services that Sevk can tell people things by. One is a line here.
public enum ChannelRegistry {
  public static let all: [any MessagingAdapter] = [Telegram(), Smsc(), Email()]

  public static func adapter(named name: String) -> (any MessagingAdapter)? {
    all.first { type(of: $0).name == name }
  }

  /// In alphabetical order.
  public static var names: [String] { all.map { type(of: $0).name }.sorted() }
}
