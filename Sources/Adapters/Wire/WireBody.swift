/// The body of a request, built together with its redacted twin.
protocol WireBody {
  static var contentType: String { get }
  /// With the secrets in it.
  var text: String { get }
  /// With the secrets replaced.
  var shown: String { get }
}
