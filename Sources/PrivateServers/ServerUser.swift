import Glibc

/// Whom PostgreSQL and PgBouncer run as: they refuse to be root.
public enum ServerUser {
  /// nil for the user of this process.
  public static let name: String? = getuid() == 0 ? "postgres" : nil

  /// Gives it a file or folder.
  public static func give(_ path: String) {
    if let name, let entry = getpwnam(name)?.pointee { chown(path, entry.pw_uid, entry.pw_gid) }
  }
}
