import CommandLine
import Orders
import Store

/// That an endpoint takes no events, as an event for the tenant's others.
public struct EndpointEvent {
  /// On the way to being given up, and given up.
  public static let types = ["sevk.endpoint.warned", "sevk.endpoint.disabled"]

  /// The same for all that find an endpoint so: it is said once.
  let id: String
  let type: String
  let json: String

  var news: DeliveryStore.News { .init(id: id, type: type, body: json) }

  /// - Parameter at: milliseconds of Unix time.
  init(_ due: DeliveryStore.Due, _ ending: DeliveryStore.Ending, at: Int64) {
    type = Self.types[ending.endpoint == nil ? 0 : 1]
    let percent = ending.endpoint == nil ? ending.warnedPercent : 100
    // It fails since then until it takes an event, or somebody has it go on; it is gone until somebody sets it up anew.
    id =
      ending.endpoint == .gone
      ? "endpoint/\(due.endpointID)/gone/\(due.changedAt)"
      : "endpoint/\(due.endpointID)/failing/\(due.failingSince ?? due.changedAt)/\(percent)"
    json = JSONText.object([
      "specversion": JSONText.quote("1.0"), "id": JSONText.quote(id), "source": JSONText.quote("sevk/\(due.tenant)"),
      "type": JSONText.quote(type), "subject": JSONText.quote("endpoint/\(due.endpoint)"),
      "time": JSONText.quote(Timestamp.rfc3339(at)), "sequence": JSONText.quote("\(at)"),
      "datacontenttype": JSONText.quote("application/json"),
      "data": JSONText.object([
        "endpoint": JSONText.quote(due.endpoint),
        "state": JSONText.quote(ending.endpoint?.rawValue ?? EndpointHealth.Condition.failing.rawValue),
        "percent_of_the_way": "\(percent)",
        "cause": ending.cause.map { JSONText.quote($0) }, "http_status": ending.httpStatus.map { "\($0)" },
      ]),
    ])
  }
}
