/// Names of the Redis streams of events.
public enum EventStream {
  /// The stream of all tenants' events, which is for ops alone.
  public static let all = "sevk:events"

  /// The stream of one tenant's events. A tenant's name has no colon, so no two streams have one key.
  public static func of(tenant: String) -> String { "\(all):\(tenant)" }
}
