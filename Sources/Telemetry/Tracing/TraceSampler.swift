import CommandLine
import Orders

/// Which traces are recorded: `OTEL_TRACES_SAMPLER`.
///
/// It looks at a trace's id and nothing else, so all processes that are set alike come to the same answer.
struct TraceSampler: Sendable, Equatable {
  /// Whether what the caller decided is followed where there is a caller.
  let isParentBased: Bool
  /// Traces whose randomness is lower are not recorded, as OpenTelemetry's probability sampler has it.
  let threshold: UInt64

  private static let never: UInt64 = 1 << 56

  /// - Throws: ``UsageError`` that names the variable.
  init(_ name: String?, argument: String?) throws(UsageError) {
    let name = name ?? "parentbased_always_on"
    isParentBased = name.hasPrefix("parentbased_")
    switch isParentBased ? String(name.dropFirst("parentbased_".count)) : name {
    case "always_on": threshold = 0
    case "always_off": threshold = Self.never
    case "traceidratio":
      guard let ratio = Double(argument ?? "1"), (0...1).contains(ratio) else {
        throw UsageError(
          "OTEL_TRACES_SAMPLER_ARG is \"\(argument ?? "")\", but must be a share from 0 to 1, such as 0.1")
      }
      threshold = UInt64((1 - ratio) * Double(Self.never))
    default:
      throw UsageError(
        "OTEL_TRACES_SAMPLER is \"\(name)\", but must be always_on, always_off or traceidratio, "
          + "or one of them after parentbased_")
    }
  }

  /// - Parameter parent: what the caller decided; nil when there is none.
  func samples(_ trace: TraceID, parent: Bool?) -> Bool {
    if isParentBased, let parent { return parent }
    return trace.randomness >= threshold
  }
}
