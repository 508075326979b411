import Adapters
import PrivateServers

/// The providers of a run: how each is set up in Sevk, and what a simulator of its own is told. Adding a provider to chaos runs
/// is an entry here.
struct Lineup {
  struct Member: Sendable {
    /// As Sevk and the report call it.
    let name: String
    let adapter: String
    let credentials: [String]
    /// Of its route, as `--param` takes them.
    let parameters: [String]
    var providerFlags: [String] = []
    var routeFlags = ["--pin", "required"]
    /// What its simulator is told beside seed, balance and schedule; nil for those of the first simulator.
    var simulator: [String]? = []

    /// Codes of our own: no simulator has its books.
    var isStock: Bool { adapter == Stock.name }
    /// Whether its simulator posts by itself.
    var postsNotices: Bool { AdapterRegistry.sevk.adapter(named: adapter) is any NoticeAdapter }
    /// Whose balance pays.
    var dealer: String { Servers.kods[name == "trusting" ? 1 : 0] }
    /// What shops order of it.
    var product: String { "\(name)-goods" }
  }

  /// Longer than a request can linger at a panel in an outage, as an operator would choose it.
  private static let trusting = ["--trust-not-found-after", "12s"]
  private static let znet = ["oyun=1", "oyuncu_bilgi={player_id}", "musteri_tel={phone}"]
  private static func dealer(_ index: Int) -> [String] { ["kod=\(Servers.kods[index])", "sifre=\(Servers.sifre)"] }
  /// Of the simulators that are no panel with a dealer.
  static let secrets = ["chaos-token-77a1c9", "chaos-token-b0e412"]
  /// Stands for where the provider is.
  private static let authentication = "auth_url={url}"

  /// The first two are two dealers at one panel: it asks for ever about a lost reference where `cautious` sends, and believes
  /// "not found" after a while where `trusting` does.
  static let all: [Member] = [
    Member(name: "cautious", adapter: "znet", credentials: dealer(0), parameters: znet + ["kupur=60"], simulator: nil),
    Member(
      name: "trusting", adapter: "znet", credentials: dealer(1), parameters: znet + ["kupur=325"],
      // Soon enough that orders are looked at again while the faults go on.
      providerFlags: trusting + ["--second-look", "10s"], simulator: nil),
    Member(
      name: "zdk", adapter: "zdk", credentials: ["token=\(secrets[0])"],
      parameters: ["product=101", "playerId={player_id}"], providerFlags: trusting, simulator: ["--token", secrets[0]]),
    Member(
      name: "airtime", adapter: "reloadly",
      credentials: [
        "client_id=\(Servers.kods[0])", "client_secret=\(Servers.sifre)", "audience=topups", authentication,
      ],
      parameters: ["operatorId=100", "amount=100", "countryCode=TR", "number={gsm}"], providerFlags: trusting,
      routeFlags: []),
    Member(
      name: "cards", adapter: "reloadly",
      credentials: [
        "client_id=\(Servers.kods[0])", "client_secret=\(Servers.sifre)", "audience=giftcards", authentication,
      ], parameters: ["productId=101", "unitPrice=32.50", "senderName=Shop", "userId={player_id}"],
      providerFlags: trusting),
    Member(
      name: "dtone", adapter: "dtone", credentials: ["key=\(Servers.kods[0])", "secret=\(Servers.sifre)"],
      parameters: ["product_id=102", "account_number={player_id}"], providerFlags: trusting),
    Member(
      name: "turkpin", adapter: "turkpin", credentials: ["username=\(Servers.kods[0])", "password=\(Servers.sifre)"],
      parameters: ["oyunKodu=1", "urunKodu=101", "character={player_id}"]),
    Member(
      name: "friend", adapter: "internal", credentials: ["token=\(secrets[1])"],
      parameters: ["package=101", "user_identifier={player_id}"], providerFlags: trusting,
      simulator: ["--token", secrets[1]]),
    Member(
      name: "znet-tl", adapter: "znet-tl", credentials: ["bayi_kodu=\(Servers.kods[0])", "sifre=\(Servers.sifre)"],
      parameters: ["operator=Turkcell", "tip=tam", "kontor=100", "gsmno={gsm}"], routeFlags: []),
    Member(
      name: "znet-fatura", adapter: "znet-fatura", credentials: dealer(0),
      parameters: [
        "kurum_id=12", "abone_adi=Ali", "son_odeme_tarihi=2026-12-31", "tesisat_no={gsm}", "fatura_no=7",
        "fatura_tutari=97.00",
      ], routeFlags: []),
    Member(name: stock, adapter: Stock.name, credentials: [], parameters: ["product=\(StockKeeper.product)"]),
  ]

  nonisolated static let stock = "stock"
  /// A product of the stock, and of the second provider where the stock is empty.
  static let stockOrOther = "stock-or-other-goods"
  /// A product of both: it goes on from the first provider to the second.
  static let twoRoutes = "two-goods"

  let members: [Member]

  /// Of each tenant, in the order in which they are tried.
  var routes: [(product: String, member: Member, flags: [String])] {
    var routes = members.map { (product: $0.product, member: $0, flags: $0.routeFlags) }
    if let first = members.first(where: { $0.name == Injector.firstProvider }),
      let second = members.first(where: { $0.name == "trusting" })
    {
      routes.append((Self.twoRoutes, first, first.routeFlags + ["--failover-after", FailoverWatch.failoverAfter]))
      routes.append((Self.twoRoutes, second, second.routeFlags))
    }
    if let first = members.first(where: \.isStock), let second = members.first(where: { $0.name == "trusting" }) {
      routes.append((Self.stockOrOther, first, first.routeFlags + ["--failover-after", FailoverWatch.failoverAfter]))
      routes.append((Self.stockOrOther, second, second.routeFlags))
    }
    return routes
  }

  var products: [String] {
    routes.map(\.product).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// - Returns: nil for the first name that is none, with that name.
  static func parse(_ list: String) -> (lineup: Lineup?, unknown: String?) {
    guard list != "all" else { return (Lineup(members: all), nil) }
    var members: [Member] = []
    for name in list.split(separator: ",").map(String.init) {
      guard let member = all.first(where: { $0.name == name }) else { return (nil, name) }
      if !members.contains(where: { $0.name == name }) { members.append(member) }
    }
    return members.isEmpty ? (nil, list) : (Lineup(members: members), nil)
  }

  /// Our reference as the books of an adapter's provider have it.
  static func booked(_ reference: String, adapter: String) -> String {
    (AdapterRegistry.sevk.adapter(named: adapter) as? any QueryingAdapter)?.wireReference(reference) ?? reference
  }
}
