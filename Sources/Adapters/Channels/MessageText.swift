/// What somebody is told, in plain words: each channel writes it in its own form, and escapes it.
public struct MessageText: Sendable, Equatable {
  /// What it is about, in one line.
  public var subject: String
  /// Lines below; blank ones part paragraphs.
  public var body: String
  /// A web page about it.
  public var link: String?
  /// Rows of buttons, where a channel has such.
  public var buttons: [[MessageButton]]
  /// Whether it is read from right to left.
  public var isRightToLeft: Bool

  public init(
    subject: String, body: String, link: String? = nil, buttons: [[MessageButton]] = [], isRightToLeft: Bool = false
  ) {
    self.subject = subject
    self.body = body
    self.link = link
    self.buttons = buttons
    self.isRightToLeft = isRightToLeft
  }
}

/// A button below a message.
public struct MessageButton: Sendable, Equatable {
  public enum Action: Sendable, Equatable {
    /// Comes back to us when it is pressed: 1 to 64 bytes.
    case press(String)
    /// Opens a web page.
    case open(String)
    /// Puts a text on the clipboard.
    case copy(String)
  }

  public let title: String
  public let action: Action

  public init(_ title: String, _ action: Action) { (self.title, self.action) = (title, action) }
}
