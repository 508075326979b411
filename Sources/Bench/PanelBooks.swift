import FoundationEssentials
import HTTPClient
import PrivateServers

/// What the simulated panel has noted.
struct PanelBooks: Decodable {
  struct Order: Decodable {
    let player: String
    let sends: Int
    let receivedMonotonicUs: Int64
  }

  private static let bytesMax = 1024 * 1024 * 1024

  let ordersCount: Int
  let orders: [Order]?

  /// - Parameter isSummary: without the single orders.
  static func read(_ address: String, _ http: HTTPClient, isSummary: Bool) async throws -> PanelBooks {
    let url = "http://\(address)/_audit" + (isSummary ? "?summary=1" : "")
    let reply = try await http.perform(HTTPClientRequest(url: url, bodyBytesMax: bytesMax))
    guard reply.status == 200 else { throw ChildProgram.Failure("the simulator answered \(reply.status)") }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(PanelBooks.self, from: Data(reply.body))
  }
}
