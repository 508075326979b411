/// What llhttp has found in a head.
struct ParsedHead {
  var target: [UInt8] = []
  /// Values have no blanks around them.
  var headers: [(name: String, value: String)] = []
  var version: (major: UInt8, minor: UInt8) = (0, 0)
  var contentLength: UInt64?
  /// The last of its transfer codings is `chunked`.
  var isChunked = false
  /// An option of `Connection` is `close`.
  var asksToClose = false
}
