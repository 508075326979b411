public import Adapters
import EventLoop
import Orders
public import Store

/// Where a route leads an order: who takes it, by which grammar, and with which parameters. Asked when an order is taken
/// in, so that its shop learns of what could never be sent, and again when it is sent: the order may be older than the
/// route.
public struct Destination: Sendable {
  /// What keeps an order from being sent.
  public enum Mistake: Sendable, Equatable, CustomStringConvertible {
    /// More units than the provider takes in one call.
    case quantity(max: Int)
    /// A field of the order is missing, or not what the route's rule wants.
    case field(String, message: String)
    /// The provider takes no such value. `fields` are those of the order that it is made of; none where it is the route's
    /// own.
    case parameter(ParameterProblem, fields: [String])

    public var description: String {
      switch self {
      case .quantity(let max): "the provider takes \(max) at a time"
      case .field(let name, let message): "the field \(name) \(message)"
      case .parameter(let problem, _): problem.description
      }
    }
  }

  public let provider: Provider
  public let adapter: any SendingAdapter
  /// Most units of one order.
  public let quantityMax: Int
  /// The route's, filled; of no use while there are mistakes.
  public let parameters: [String: String]
  /// The order's fields, with those that the parameters are made of as they are sent.
  public let fields: [String: String]
  /// Empty when the order can be sent.
  public let mistakes: [Mistake]

  /// - Returns: nil when this program can't use the route's provider: a newer version may have its adapter, or its
  ///   credentials can't be read.
  @LoopActor
  public static func of(
    _ route: Route, fields: [String: String], quantity: Int, in directory: Directory, _ adapters: AdapterRegistry
  ) async throws -> Destination? {
    guard let provider = try await directory.provider(route.providerID),
      let adapter = adapters.adapter(named: provider.adapter) as? any SendingAdapter
    else { return nil }
    // The routes see to that already: nothing of a sandbox gets to a real provider, and nothing real into the sandbox.
    guard directory.isSandboxKnown(route.tenantID) == (provider.adapter == Setup.sandboxAdapter) else { return nil }
    let judge = try await judge(of: route, adapter, in: directory, adapters)
    let filled = route.fill(fields)
    var mistakes: [Mistake] = []
    let quantityMax = judge.facts.quantityMax
    if quantity > quantityMax { mistakes.append(.quantity(max: quantityMax)) }
    mistakes += filled.complaints.map { .field($0.field, message: $0.message) }
    mistakes += judge.validate(parameters: filled.parameters).map { problem in
      let names = ParameterTemplate.fields(in: [problem.parameter: route.parameters[problem.parameter] ?? ""])
      return .parameter(problem, fields: names.sorted())
    }
    return Destination(
      provider: provider, adapter: adapter, quantityMax: quantityMax, parameters: filled.parameters,
      fields: filled.fields, mistakes: mistakes)
  }

  /// Who says whether an order can be taken: in a sandbox the adapter of the provider that it would go to in life.
  @LoopActor
  private static func judge(
    of route: Route, _ adapter: any SendingAdapter, in directory: Directory, _ adapters: AdapterRegistry
  ) async throws -> any SendingAdapter {
    guard let real = route.standsFor, let provider = try await directory.provider(real) else { return adapter }
    return adapters.adapter(named: provider.adapter) as? any SendingAdapter ?? adapter
  }
}
