import Adapters
import Calls
import CommandLine
import EventLoop
import HTTPClient
import OrderWork
import Orders
import ProviderGate
import Store

/// Holds PostgreSQL against the providers: asks, and changes nothing, neither there nor here.
@LoopActor
struct DoctorProviders {
  /// Orders of a provider that are asked about, the newest first: each question is one request.
  private static let ordersMax = 20
  private static let examplesMax = 5

  /// What the providers say that Sevk does not know yet.
  ///
  /// - Parameters:
  ///   - sources: with the secret key, since providers are logged in to.
  ///   - addresses: where calls may connect.
  static func examine(_ sources: SupportSources, _ addresses: AddressRule) async throws -> [Doctor.Finding] {
    let http = HTTPClient(addresses: addresses, agent: Program.agent)
    defer { http.close() }
    let client = ProviderClient(
      http: http, sandbox: StoredSandbox(sources.store), stock: StoredStock(sources.store),
      desk: StoredDesk(sources.store),
      tokens: StoredTokens(sources.store))
    var findings: [Doctor.Finding] = []
    for provider in try await sources.directory.providers() {
      let account = ProviderAccount(provider)
      if case .notWorking(let why) = await client.probe(account: account).0 {
        findings.append(
          Doctor.Finding(
            what: "provider_away", count: 1, text: "\(provider.name) does not tell its balance: \(why)",
            mend: "dispatcher provider test \(provider.name); its address, login and network"))
        continue
      }
      findings += try await disagreements(sources.store, client, provider, account)
    }
    return findings
  }

  /// Orders that wait for a person or for the truth, although the provider says what became of them.
  private static func disagreements(
    _ store: Store, _ client: ProviderClient, _ provider: Provider, _ account: ProviderAccount
  ) async throws -> [Doctor.Finding] {
    var search = OrderSearch()
    search.statuses = Status.allCases.filter(\.isDoubtful)
    search.provider = provider.id
    search.limit = ordersMax
    var settled: [String] = []
    for order in try await store.search(search, nowMilliseconds: LocalTime.now).orders {
      guard let adapter = AdapterRegistry.sevk.adapter(named: provider.adapter),
        let reference = try await store.askedName(of: order, by: adapter)
      else { continue }
      let said: String
      switch await client.query(reference: reference, account: account).0 {
      case .completed: said = "delivered"
      case .cancelled(let text): said = "cancelled (\(text))"
      case .waiting, .notFound, .queryFailed, .unintelligible: continue
      }
      settled.append("\(order.id) is \(order.status.rawValue), and \(provider.name) says: \(said)")
    }
    guard !settled.isEmpty else { return [] }
    return [
      Doctor.Finding(
        what: "provider_knows_more", count: settled.count,
        text:
          "\(provider.name) has settled \(settled.count) of the newest \(ordersMax) orders that are unresolved or held",
        mend: "an unresolved one is asked about by itself; a held one by hand: worker order resolve ID",
        examples: Array(settled.prefix(examplesMax)))
    ]
  }
}
