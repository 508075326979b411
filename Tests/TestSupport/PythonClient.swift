import Foundation

/// Clients in Python that others wrote, in an environment of their own: `ops/prepare --tests` makes it.
public enum PythonClient {
  /// The interpreter of that environment.
  public static let interpreter = "\(Repository.root)/.build/tools/clients/bin/python"

  /// The path of one of `Tests/Clients`.
  ///
  /// - Throws: ``Missing`` when the environment is not there.
  public static func script(_ name: String) throws -> String {
    guard FileManager.default.isExecutableFile(atPath: interpreter) else { throw Missing() }
    return "\(Repository.root)/Tests/Clients/\(name)"
  }

  public struct Missing: Error, CustomStringConvertible {
    public let description = "the Python clients are missing; ops/prepare --tests installs them"
  }
}
