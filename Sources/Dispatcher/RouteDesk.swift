import Adapters
import CommandLine
import Orders
import Store

/// `--flow` and `--handover` of `route add`: what the partners of a desk do for the product. They are the route's parameters, as
/// what any other provider is sent.
enum RouteDesk {
  private static let flow = "--flow"
  private static let handOver = "--handover"
  static let flags = [flow, handOver]
  static let choices = [flow: Flow.allCases.map(\.rawValue), handOver: HandOver.allCases.map(\.rawValue)]
  private static let parameters = [flow: Desk.flowParameter, handOver: Desk.handOverParameter]

  /// `--param` with what these flags say.
  static func parameters(
    _ arguments: Arguments, _ given: [String: String]
  ) throws(UsageError) -> [String: String] {
    var all = given
    for flag in flags {
      guard let text = arguments.value(flag), let name = parameters[flag] else { continue }
      guard choices[flag, default: []].contains(text) else {
        throw UsageError("\(flag) is \"\(text)\", but must be \(choices[flag, default: []].joined(separator: ", "))")
      }
      guard all[name] == nil else { throw UsageError("\(flag) is given twice: --param \(name)=… says it as well") }
      all[name] = text
    }
    return all
  }

  /// - Throws: `UsageError` where they were given for a provider that is no desk.
  static func judge(_ arguments: Arguments, adapter: String) throws(UsageError) {
    guard adapter != Desk.name, let flag = flags.first(where: { arguments.value($0) != nil }) else { return }
    throw UsageError("\(flag) goes with a provider of the adapter \(Desk.name); that of --provider is \(adapter)")
  }

  /// - Throws: `UsageError` for a route to a desk that no order could take.
  static func judge(_ route: NewRoute) throws(UsageError) {
    guard route.parameters[Desk.flowParameter] != nil else {
      throw UsageError(
        "\(flow) is missing: what its partners do, \(choices[flow, default: []].joined(separator: ", "))")
    }
    guard !route.isPinRequired else { throw UsageError("--pin required does not go with a desk: people give no PINs") }
    // What hangs on the order is judged with it.
    let fixed = route.parameters.filter { ParameterTemplate.fields(in: [$0.key: $0.value]).isEmpty }
    for problem in Desk().validate(parameters: fixed) where fixed[problem.parameter] != nil {
      throw UsageError("--param \(problem.parameter) \(problem.message)")
    }
  }
}
