import API
import CommandLine
import EventLoop
import HTTPServer
import Orders
import Store

/// `GET /v1/orders:digest`: a day of a shop's orders in 24 numbers and hashes, so that a shop finds with one request the
/// hours in which its books say something else.
@LoopActor
final class OrderDigests {
  private static let hourMilliseconds: Int64 = 3_600_000
  private static let hoursOfDay = 24
  /// Days that are read or wait at once, and of them those of one tenant: fewer than ``IntakeGate`` takes for a stuck
  /// database, so that whoever asks for big days keeps nobody from posting orders.
  static let daysMax = 8
  static let daysOfTenantMax = 2
  private static let retryPause = Duration.seconds(10)

  private struct Hour: Sendable {
    let tenantID: Int64
    /// Milliseconds of Unix time.
    let start: Int64
  }

  /// One hour at a time, for whoever asks: each reads all orders of its hour, and what else the database does goes first.
  private let hours: Batcher<Hour, OrderDigest>
  private var days = 0
  private var daysByTenant: [Int64: Int] = [:]

  init(_ store: Store) {
    hours = Batcher(batchMax: 1, concurrencyMax: 1) { hours in
      var digests: [Result<OrderDigest, any Error>] = []
      for hour in hours {
        let (start, end) = (UInt64(hour.start), UInt64(hour.start + Self.hourMilliseconds))
        digests.append(
          .success(
            try await store.digest(tenant: hour.tenantID, from: .first(at: start), to: .first(at: end))))
      }
      return digests
    }
  }

  func day(_ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    let query = try Query(request, once: ["day"])
    guard let day = query.one("day"), let midnight = Timestamp.milliseconds(ofDay: day), midnight >= 0 else {
      throw Problem.invalidQuery([.init(field: "day", message: "must be a day in UTC, such as 2026-11-29")])
    }
    try enter(grant.tenantID)
    defer { leave(grant.tenantID) }
    var texts: [String] = []
    for number in 0..<Self.hoursOfDay {
      let digest = try await hours.submit(
        Hour(tenantID: grant.tenantID, start: midnight + Int64(number) * Self.hourMilliseconds))
      texts.append(
        JSONText.object([
          "hour": "\(number)", "count": "\(digest.count)", "hash": JSONText.quote(digest.hash),
        ]))
    }
    return .json(
      JSONText.object(["day": JSONText.quote(day), "hours": JSONText.array(texts)]) + "\n", status: 200)
  }

  /// - Throws: ``Problem`` with status 429. Whoever was answered that it took too long has his place until it is over.
  private func enter(_ tenant: Int64) throws(Problem) {
    guard days < Self.daysMax, daysByTenant[tenant, default: 0] < Self.daysOfTenantMax else {
      throw .tooMany("as many days are being compared as may be at once", Self.retryPause)
    }
    days += 1
    daysByTenant[tenant, default: 0] += 1
  }

  private func leave(_ tenant: Int64) {
    days -= 1
    let left = daysByTenant[tenant, default: 1] - 1
    daysByTenant[tenant] = left > 0 ? left : nil
  }
}
