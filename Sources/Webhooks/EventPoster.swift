import EventLoop
import HTTPClient
import Store
import Telemetry

/// Posts one event to one endpoint, and says how that ended.
@LoopActor
struct EventPoster {
  /// For everything: a receiver that takes it and answers later is quicker than that.
  nonisolated static let timeout = Duration.seconds(15)
  nonisolated static let connectTimeout = Duration.seconds(5)
  /// Of the answer; more is not read.
  nonisolated static let answerBytesMax = 64 * 1024
  /// Most connections of a process.
  nonisolated static let connectionsMax = 256
  private static let agent = "Sevk"

  let http: HTTPClient

  /// What came of an attempt.
  enum Answer {
    case accepted(HTTPClientReply)
    case refused(HTTPClientReply)
    case failed(HTTPClientError)
  }

  /// - Parameter text: the event.
  func post(_ text: String, of due: DeliveryStore.Due) async throws -> Answer {
    let body = Array(text.utf8)
    let headers =
      [("Content-Type", "application/cloudevents+json"), ("User-Agent", Self.agent)]
      + WebhookSignature.headers(
        id: due.eventID, at: Int64(Clock.unixMilliseconds() / 1000), body: body, secrets: due.secrets)
    do {
      let reply = try await http.perform(
        HTTPClientRequest(
          method: "POST", url: due.url, headers: headers, body: body, timeout: Self.timeout,
          connectTimeout: Self.connectTimeout, bodyBytesMax: Self.answerBytesMax, connection: .reuse,
          cutsAnswer: true))
      return (200...299).contains(reply.status) ? .accepted(reply) : .refused(reply)
    } catch let error as HTTPClientError {
      return .failed(error)
    }
  }
}

extension HTTPClientReply {
  func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
}
