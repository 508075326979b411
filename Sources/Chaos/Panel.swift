import EventLoop
import FoundationEssentials
import HTTPClient
import Orders

/// The simulator's control and books.
@LoopActor
struct Panel {
  struct Books: Decodable {
    struct Order: Decodable {
      let reference, player, state, amount: String
      let pin: String?
      let sends, debits, credits: Int
    }
    let spent: String
    let orders: [Order]
    let faults: [String: Int]
  }

  private static let attemptsMax = 20
  let address: String
  let http: HTTPClient

  func setFault(_ name: String, share: Double) async throws {
    let body = Array("{\"\(name)\": \"\(share)\"}".utf8)
    _ = try await call(HTTPClientRequest(method: "POST", url: "http://\(address)/_faults", body: body))
  }

  func books() async throws -> Books {
    let limit = 512 * 1024 * 1024
    let body = try await call(HTTPClientRequest(url: "http://\(address)/_audit", bodyBytesMax: limit))
    return try JSONDecoder().decode(Books.self, from: Data(body))
  }

  private func call(_ request: HTTPClientRequest) async throws -> [UInt8] {
    for _ in 0..<Self.attemptsMax {
      if let reply = try? await http.perform(request) {
        guard reply.status == 200 else {
          throw ChildProgram.Failure(description: "the simulator: \(String(decoding: reply.body, as: UTF8.self))")
        }
        return reply.body
      }
      try await EventLoop.sleep(for: .milliseconds(200))
    }
    throw ChildProgram.Failure(description: "the simulator does not answer")
  }
}
