import FoundationEssentials
import Glibc

/// The programs of the PostgreSQL that is installed.
public enum PostgresTools {
  private static let root = "/usr/lib/postgresql"

  /// The folder of those of the newest version.
  ///
  /// - Throws: ``ChildProgram/Failure`` when there is none.
  public static func find() throws -> String {
    let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap(Int.init)
    for version in versions.sorted(by: >) where access("\(root)/\(version)/bin/initdb", X_OK) == 0 {
      return "\(root)/\(version)/bin"
    }
    throw ChildProgram.Failure("PostgreSQL is missing: no \(root)/*/bin/initdb (apt install postgresql)")
  }
}
