import Glibc

/// Why a file can't be read as text.
public struct FileTrouble: Sendable {
  /// Such as `permission denied for the user sevk`.
  public let reason: String
  /// Whether there is something of that name, or the folder that it would be in: so that it can't be a secret that was
  /// given in the place of a path.
  public let isPath: Bool

  /// Looks at a file that ``readTextFile(_:)`` could not read.
  public init(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      isPath = ![ENOENT, ENOTDIR, ENAMETOOLONG].contains(code) || Self.isInFolder(path)
      let text = String(cString: strerror(code))
      reason =
        (text.first?.lowercased() ?? "") + text.dropFirst()
        + ([EACCES, EPERM].contains(code) ? " for \(Self.user)" : "")
      return
    }
    var status = stat()
    let isFolder = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    close(descriptor)
    isPath = true
    reason = isFolder ? "is a directory" : "is not UTF-8 text"
  }

  private static func isInFolder(_ path: String) -> Bool {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return false }
    return access(String(path[..<slash]), F_OK) == 0
  }

  private static var user: String {
    getpwuid(geteuid()).map { "the user \(String(cString: $0.pointee.pw_name))" } ?? "the user with the id \(geteuid())"
  }
}
