/// What is decided about a request when only its head is here.
public enum Admission: Sendable {
  /// Read the body. What it takes of the memory for bodies counts to `share`, so that no caller takes all of it.
  case admitted(share: String?)
  /// Answer at once and read no body.
  case refused(HTTPResponse)
}
