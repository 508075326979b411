import Adapters

/// Carries requests to the outside and brings the replies back. Knows no provider and reads nothing: what a request looks
/// like and what a reply proves, an adapter says, and which channel its requests take (`Adapter.channel`).
///
/// What every channel owes to the promise that no order is sent twice:
/// - A request leaves at most once. It is never repeated, whatever happens.
/// - Without a reply, ``WireFailure/wasSent`` is false only when the request provably never left.
/// - A request with `notAfter` does not begin to leave later.
/// - A reply belongs to its request and to no other, or it is a failure.
public protocol Channel: Sendable {
  func carry(_ call: WireCall) async -> WireAttempt
}
