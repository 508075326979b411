import EventLoop
import Kinds
import Jobs
import Orders
import Store
import Webhooks

/// What is wrong with the endpoints that events are posted to, and who does not take theirs.
@LoopActor
enum DoctorEndpoints {
  /// - Parameter servedQueues: those that a process takes jobs from; nil when that is not known.
  static func examine(
    _ sources: SupportSources, servedQueues: Set<QueueName>?
  ) async throws -> (findings: [Doctor.Finding], notices: [Doctor.Finding]) {
    let store = EndpointStore(store: sources.store)
    let endpoints = try await store.list(tenant: nil)
    var findings: [Doctor.Finding] = []
    var notices: [Doctor.Finding] = []
    if sources.store.hasVault {
      let unreadable = try await store.unreadable()
      if !unreadable.isEmpty {
        findings.append(
          Doctor.Finding(
            what: "endpoint_secrets", count: unreadable.count,
            text:
              "\(endpointsOf(unreadable.count)) can't be posted to: the secret that signs was sealed under another secret key",
            mend: "add the key of before to SEVK_SECRET_KEY, behind the present one and a comma; or:"
              + " dispatcher endpoint rotate-secret NAME --tenant TENANT, and tell the shop",
            examples: some(unreadable.map { "\($0.tenant)/\($0.name)" })))
      }
    }
    let line = endpoints.filter { $0.state == .active && $0.waiting > 0 }
    if let servedQueues, !servedQueues.contains(.deliver), !line.isEmpty {
      findings.append(
        Doctor.Finding(
          what: "deliver_without_worker", count: line.count,
          text:
            "events for \(endpointsOf(line.count)) wait, and no process that answers takes the jobs of the queue deliver",
          mend: "worker run (with --queues it must name deliver)", examples: some(line.map { told($0) })))
    }
    // A receiver is the shop's: nothing here mends it, and nothing is lost.
    let failing = endpoints.filter { $0.health.condition == .failing }
    if !failing.isEmpty {
      notices.append(
        Doctor.Finding(
          what: "endpoints_failing", count: failing.count,
          text: "\(endpointsOf(failing.count)) \(failing.count == 1 ? "takes" : "take") no events",
          mend: "what came back: worker endpoint show NAME; tell the shop. It is tried again by itself, for 5 days",
          examples: some(failing.map { told($0) })))
    }
    let givenUp = endpoints.filter { $0.state == .disabled || $0.state == .gone }
    if !givenUp.isEmpty {
      notices.append(
        Doctor.Finding(
          what: "endpoints_given_up", count: givenUp.count,
          text:
            "\(endpointsOf(givenUp.count)) \(givenUp.count == 1 ? "is" : "are") given up; what they lack is kept for 30 days",
          mend: "when its receiver is mended: worker endpoint resume NAME, then worker endpoint replay NAME",
          examples: some(givenUp.map { told($0) })))
    }
    return (findings, notices)
  }

  private static func endpointsOf(_ count: Int) -> String { count == 1 ? "1 endpoint" : "\(count) endpoints" }

  private static func some(_ examples: [String]) -> [String] { Array(examples.prefix(Doctor.examplesMax)) }

  private static func told(_ endpoint: EndpointRow) -> String {
    "\(endpoint.tenant)/\(endpoint.name) (\(endpoint.health.condition.rawValue)"
      + (endpoint.failingFor.map { " for \($0.inWords)" } ?? "") + ", \(endpoint.waiting) in line)"
  }
}
