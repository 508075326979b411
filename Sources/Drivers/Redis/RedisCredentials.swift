/// Whom a client of Redis or of a sentinel says to be.
public struct RedisCredentials: Sendable {
  /// nil for the user `default`.
  let user: String?
  let password: String

  public init(user: String?, password: String) { (self.user, self.password) = (user, password) }

  /// What to do with a password that has signs which mean something in a URL.
  static let encoding = "user and password are percent-encoded (% is %25, / is %2F, ? is %3F, : is %3A, @ is %40)"

  /// The command that logs in.
  var command: [RedisArgument] { ["AUTH"] + (user.map { [.string($0)] } ?? []) + [.string(password)] }
}
