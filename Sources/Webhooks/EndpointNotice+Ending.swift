import CommandLine
import Orders
import Store

extension EndpointNotice {
  /// That an attempt brought an endpoint further on its way to being given up, or to its end.
  init(_ due: DeliveryStore.Due, _ ending: DeliveryStore.Ending) {
    let percent = ending.endpoint == nil ? ending.warnedPercent : 100
    self.init(
      type: ending.endpoint == nil ? .endpointWarned : .endpointDisabled, subject: "endpoint/\(due.endpoint)",
      percent: percent,
      data: JSONText.object([
        "endpoint": JSONText.quote(due.endpoint),
        "state": JSONText.quote(ending.endpoint?.rawValue ?? EndpointHealth.Condition.failing.rawValue),
        "percent_of_the_way": "\(percent)",
        "cause": ending.cause.map { JSONText.quote($0) }, "http_status": ending.httpStatus.map { "\($0)" },
      ]))
  }
}
