import CommandLine
import FoundationEssentials
import Glibc

/// Another version of Sevk to be measured by turns with this one: a folder with its release binaries.
struct OtherVersion {
  static let flag = "--against"
  /// What its results are called.
  static let name = "against"
  static let details =
    "\(flag) DIR: by turns with the release build of another version; each has its own servers, so schemas may differ"

  let folder: String

  init(folder: String) { self.folder = folder }

  /// nil when none is asked for.
  ///
  /// - Parameter programs: those that the folder must have.
  init?(_ arguments: Arguments, programs: [String]) throws {
    guard let given = arguments.value(Self.flag) else { return nil }
    let path = URL(filePath: given).standardizedFileURL.path()
    folder = path.hasSuffix("/") ? String(path.dropLast()) : path
    for program in programs where access("\(folder)/\(program)", X_OK) != 0 {
      throw UsageError("\(Self.flag) \(given) has no program \(program): give the folder of a release build")
    }
  }
}
