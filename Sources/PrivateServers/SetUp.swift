import FoundationEssentials

/// How a run sets Sevk up: with the variables and the commands that ops would use.
public enum SetUp {
  /// What a process of Sevk logs once it runs.
  public static let startedMark = "\"message\":\"started\""

  /// The variables of Sevk's processes and commands; a key of its own and a log that programs can read.
  ///
  /// - Parameter more: takes the place of what has the same name.
  public static func environment(redis: String, database: String, _ more: [String: String] = [:]) -> [String: String] {
    ChildProgram.environment.merging([
      "SEVK_REDIS_URL": redis, "SEVK_DATABASE_URL": database, "SEVK_LOG_FORMAT": "json",
      "SEVK_SECRET_KEY": Data((0..<keyBytes).map { _ in UInt8.random(in: 0...255) }).base64EncodedString(),
      "SEVK_PROVIDER_PRIVATE_HOSTS": "127.0.0.1",
    ]) { $1 }.merging(more) { $1 }
  }

  private static let keyBytes = 32

  /// A panel with znet's grammar as `provider add` and the simulator are told of it.
  public struct Dealer: Sendable {
    public let kod: String
    public let sifre: String
    public init(kod: String, sifre: String) { (self.kod, self.sifre) = (kod, sifre) }
  }

  // MARK: Commands of the dispatcher

  public static func tenant(_ name: String) -> [String] { ["tenant", "add", name] }

  /// Prints the token.
  public static func token(_ tenant: String, scopes: String = "orders:write,orders:read,pins:read") -> [String] {
    ["token", "create", "--tenant", tenant, "--scope", scopes]
  }

  /// - Parameter panel: its `HOST:PORT`.
  public static func provider(_ name: String, panel: String, _ dealer: Dealer, _ more: [String] = []) -> [String] {
    [
      "provider", "add", name, "--adapter", "znet", "--base-url", "http://\(panel)", "--credential",
      "kod=\(dealer.kod)", "--credential", "sifre=\(dealer.sifre)",
    ] + more
  }

  /// - Parameter kupur: which of the goods of the simulator's game 1.
  public static func route(
    _ product: String, to provider: String, tenant: String, kupur: String = "60", _ more: [String] = []
  ) -> [String] {
    [
      "route", "add", "--tenant", tenant, "--product", product, "--provider", provider, "--param", "oyun=1", "--param",
      "kupur=\(kupur)", "--param", "oyuncu_bilgi={player_id}", "--param", "musteri_tel={phone}",
    ] + more
  }
}
