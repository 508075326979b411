import Glibc

/// Whom PostgreSQL and PgBouncer run as: they refuse to be root.
public enum ServerUser {
  /// nil for the user of this process.
  public static let name: String? = getuid() == 0 ? "postgres" : nil

  /// What stands before the words of a command so that it runs as that user.
  public static var words: [String] {
    name.map { ["/usr/bin/setpriv", "--reuid=\($0)", "--regid=\($0)", "--clear-groups", "--"] } ?? []
  }

  /// Gives it a file or folder.
  public static func give(_ path: String) {
    if let name, let entry = getpwnam(name)?.pointee { chown(path, entry.pw_uid, entry.pw_gid) }
  }
}
