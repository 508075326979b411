import CommandLine
import Store

/// `--role` of `token create --dashboard`.
enum DashboardRoles {
  static let flag = "--role"
  static let details = [
    "--role look              with --dashboard: sees everything there but PINs; without --role it is this",
    "--role decide            … and resolves, sends, withdraws and asks about orders, under the token's name",
    "--role operate           … and pauses providers and queues, and mends jobs; several: --role decide,operate",
  ]

  /// - Parameter name: the token's.
  /// - Throws: `UsageError` for what is no role, and for a token that acts without a name.
  static func read(_ arguments: Arguments, name: String) throws(UsageError) -> Set<DashboardRole> {
    var roles: Set<DashboardRole> = [.look]
    for word in (arguments.value(flag) ?? DashboardRole.look.rawValue).split(separator: ",") {
      guard let role = DashboardRole(rawValue: String(word)) else {
        let known = DashboardRole.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("\(flag) \(word) is not known; it can be \(known)")
      }
      roles.insert(role)
    }
    guard roles == [.look] || name.contains(where: { !$0.isWhitespace }) else {
      throw UsageError("--name is missing: whoever has the token acts under it, such as --name ayse")
    }
    return roles
  }

  static func words(_ roles: Set<DashboardRole>) -> String {
    DashboardRole.allCases.filter(roles.contains).map(\.words).joined(separator: ", ")
  }
}
