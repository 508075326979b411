/// Jobs that may be what ends their workers. Nobody sees a process die at a job: only that leases of the job run out.
public enum DeadWorkers {
  /// A job that lost so many leases is buried: it would end the next worker too.
  public static let max = 3
  /// From so many on a job is run with nothing beside it, so that the next death is charged to no other job.
  public static let suspicious = max - 1

  /// Why such a job is buried, for people, in the words of every broker.
  public static func reason(_ count: Int) -> String { prefix + "\(count)" + suffix }

  private static let prefix = "its worker died "
  private static let suffix = " times while running it"

  /// The count in the words of a job that a program buried which kept no count; nil when it is dead for another reason.
  public static func count(in reason: String) -> Int? {
    guard reason.hasPrefix(prefix), reason.hasSuffix(suffix) else { return nil }
    return Int(reason.dropFirst(prefix.count).dropLast(suffix.count))
  }
}
