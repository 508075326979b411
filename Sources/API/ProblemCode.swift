/// What a problem is, for programs: its `code`. The words beside it are for people and may change; these don't.
///
/// `openapi.json` and `docs/shops.md` list them; a test holds the three together.
public enum ProblemCode: String, CaseIterable, Sendable {
  /// 400: no HTTP, or HTTP that can be read in two ways.
  case malformedRequest = "malformed_request"
  /// 400: the header Idempotency-Key is missing, or no key.
  case idempotencyKey = "idempotency_key_invalid"
  /// 400: the body is not the JSON that is taken here.
  case notJSON = "invalid_json"
  case unauthorized
  case forbidden
  case notFound = "not_found"
  case methodNotAllowed = "method_not_allowed"
  /// 409: the key was used for another order.
  case keyReused = "idempotency_key_reused"
  /// 409: the order's status doesn't allow it.
  case notCancellable = "not_cancellable"
  /// 409: a person's move that the order's status and sends don't allow.
  case notResolvable = "not_resolvable"
  /// 409: to send it again takes a second person, who has to ask for the same.
  case secondPersonNeeded = "second_person_needed"
  /// 409: a run over many orders that is not in the state for it: begun, ended or still under way.
  case runState = "run_state"
  /// 409: there is nothing to ask the provider about the order.
  case notAskable = "not_askable"
  /// 409: its PIN is not shown while the order is contested.
  case contested
  /// 409: its page shows a PIN and takes a rating once the order is completed, not before.
  case notCompleted = "not_completed"
  /// 409: the customer has rated the order.
  case alreadyRated = "already_rated"
  /// 409: its PIN was sealed with a secret key that is not here.
  case pinUnreadable = "pin_unreadable"
  /// 422: the order was passed on from one of the same shop, or through too many hands.
  case orderLoop = "order_loop"
  /// 410: events from there on are kept no longer; `oldest` is the first that is.
  case eventsGone = "events_gone"
  /// 409: the name is taken and `If-None-Match: *` was asked for.
  case endpointExists = "endpoint_exists"
  /// 409: the endpoint is gone.
  case endpointNotActive = "endpoint_not_active"
  /// 409: no more endpoints are possible.
  case tooManyEndpoints = "too_many_endpoints"
  case bodyTooLarge = "body_too_large"
  case unknownExpectation = "unknown_expectation"
  /// 422: `errors` names the fields or parameters.
  case invalid = "invalid_request"
  /// 426: the address takes WebSocket connections only.
  case upgradeRequired = "upgrade_required"
  case rateLimited = "rate_limited"
  case headTooLarge = "head_too_large"
  case internalError = "internal_error"
  case notImplemented = "not_implemented"
  case unavailable
  case overloaded
  /// 503: as many streams are open as one process takes; 429: as one token or shop may have.
  case tooManyConnections = "too_many_connections"
  case unsupportedVersion = "unsupported_version"

  /// What a status means where nothing more is said.
  public static func of(_ status: Int) -> ProblemCode {
    switch status {
    case 400: .malformedRequest
    case 401: .unauthorized
    case 403: .forbidden
    case 404: .notFound
    case 405: .methodNotAllowed
    case 409: .keyReused
    case 410: .eventsGone
    case 413: .bodyTooLarge
    case 422: .invalid
    case 426: .upgradeRequired
    case 429: .rateLimited
    case 503: .unavailable
    default: .internalError
    }
  }
}
