import API
import Store

/// Who wants a stream, of what, from where on.
struct StreamRequest: Sendable {
  let grant: TokenGrant
  /// The SHA-256 of the token.
  var tokenHash: [UInt8]
  let query: EventQuery
  /// What of that the token may see.
  let reach: EventReach
  /// Behind this position.
  var after: Int64
}
