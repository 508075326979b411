import EventLoop
import Foundation
import HTTPClient
import TestSupport
import Testing

@testable import API
@testable import Dispatcher

/// How much a token may do, and what guessing at tokens costs.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct RateLimitTests {
  @Test func aBucketHoldsItsRate() {
    let start = ContinuousClock.now
    var bucket = TokenBucket(perSecond: 10, burst: 20, now: start)
    #expect((0..<20).allSatisfy { _ in bucket.take(1, now: start) == nil })
    #expect(bucket.take(1, now: start) == .milliseconds(100))
    #expect(bucket.take(1, now: start + .milliseconds(100)) == nil)
    #expect(bucket.take(1, now: start + .milliseconds(199)) != nil)
    // It fills up to its burst, however long nobody comes.
    #expect((0..<20).allSatisfy { _ in bucket.take(1, now: start + .seconds(3600)) == nil })
    #expect(bucket.take(1, now: start + .seconds(3600)) != nil)
    // More than a bucket waits for a full one, and leaves a debt that is worked off at the rate.
    #expect(bucket.take(100, now: start + .seconds(3601)) == .seconds(1))
    #expect(bucket.take(100, now: start + .seconds(3602)) == nil)
    #expect(bucket.remaining == 0)
    #expect(bucket.take(1, now: start + .seconds(3610)) != nil)
    #expect(bucket.take(1, now: start + .seconds(3611)) == nil)
  }

  @Test func failuresAreRememberedInABoundedTable() async {
    await Self.fillFailures()
  }

  @LoopActor private static func fillFailures() {
    var failures = FailedLogins()
    for _ in 0..<40 { failures.note("2001:db8:0:1::1") }
    // The same network of version 6, and another one.
    #expect(failures.wait("2001:db8:0:1:ffff::2") != nil)
    #expect(failures.wait("2001:db8:0:2::1") == nil)
    for number in 0..<20_000 {
      failures.note("10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)")
      if number % 100 == 0 { #expect(failures.count <= FailedLogins.networksMax) }
    }
    // Who failed most is forgotten last.
    #expect(failures.wait("2001:db8:0:1::3") != nil)
  }

  @Test func aTokenOverItsRateIsToldToWaitAndNothingIsRecorded() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let limited = try sevk.createToken("orders:read,orders:write", ["--rate", "1/s", "--burst", "3"])
    let free = try await sevk.call("GET", "/v1/orders")
    #expect(free.status == 200 && free.header("RateLimit") == nil)

    var player = 0
    var answer: Installation.Answer
    repeat {
      player += 1
      answer = try await sevk.call(
        "POST", "/v1/orders", body: Installation.order(player: player), key: "key-\(player)", token: limited)
    } while answer.status == 201 && player < 100
    #expect(answer.status == 429 && player > 3, "\(answer.text)")
    #expect(answer.header("Content-Type") == "application/problem+json")
    #expect(answer.header("Retry-After") == "1")
    #expect(answer.header("RateLimit-Policy") == #""token";q=3;w=3"#)
    #expect(answer.header("RateLimit")?.hasPrefix(#""token";r=0;t="#) == true)
    let refused = try await sevk.call("GET", "/v1/orders?reference=shop-\(player)")
    #expect((refused.json["orders"] as? [Any])?.isEmpty == true)
    // The same again, as the answer says, goes through in time.
    repeat {
      answer = try await sevk.call(
        "POST", "/v1/orders", body: Installation.order(player: player), key: "key-\(player)", token: limited)
      try await EventLoop.sleep(for: .milliseconds(100))
    } while answer.status == 429
    #expect(answer.status == 201)
    #expect(sevk.logs.contains("a token is over its rate limit") && !sevk.logs.contains(limited))
    await sevk.stop()
  }

  /// Each order of a batch counts, and a batch is taken whole or not at all.
  @Test func aBatchIsNeverHalfTaken() async throws {
    let sevk = try await Installation.make(environment: ["SEVK_RATE_LIMIT": "2/s"])
    try await sevk.start("dispatcher")
    func batch(_ players: ClosedRange<Int>) async throws -> Installation.Answer {
      let items = players.map {
        String(Installation.order(player: $0).dropLast()) + #","idempotency_key":"key-\#($0)"}"#
      }
      return try await sevk.call("POST", "/v1/orders:batch", body: #"{"orders":[\#(items.joined(separator: ","))]}"#)
    }
    let first = try await batch(1...1000)
    #expect(first.status == 200)
    #expect((first.json["results"] as? [[String: Any]])?.count { $0["status"] as? Int == 201 } == 1000)
    let second = try await batch(2001...2005)
    #expect(second.status == 429 && second.header("Retry-After") != nil, "\(second.text)")
    let unlimited = try sevk.createToken("orders:read", ["--rate", "off"])
    for player in [2001, 2005] {
      let found = try await sevk.call("GET", "/v1/orders?reference=shop-\(player)", token: unlimited)
      #expect(found.status == 200 && (found.json["orders"] as? [Any])?.isEmpty == true)
    }
    await sevk.stop()
  }

  @Test func guessingGetsSlowAndHarmsNobodyElse() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    var statuses: [Int] = []
    while statuses.last != 429 {
      statuses.append(try await sevk.call("GET", "/v1/orders", token: "sevk_\(statuses.count)").status)
    }
    #expect(statuses.count > 10 && statuses.dropLast().allSatisfy { $0 == 401 })
    let none = try await sevk.call("GET", "/v1/orders", token: nil)
    #expect(none.status == 429 && none.header("Retry-After") != nil)
    // The same address, as behind a proxy, with a token that works.
    #expect(try await sevk.call("GET", "/v1/orders").status == 200)
    let forged = try await sevk.http.perform(
      .init(
        url: "http://\(sevk.api)/v1/orders", headers: [("Authorization", "Bearer x"), ("X-Forwarded-For", "9.9.9.9")]))
    #expect(forged.status == 429)
    await sevk.stop()
  }
}
