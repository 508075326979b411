/// Where a client may connect. It is asked at each connection, about the address that is really meant: a name may lead
/// elsewhere than it did when somebody looked.
public struct AddressRule: Sendable {
  /// No restriction.
  public static let anywhere = AddressRule(isEverywhere: true)
  /// Only addresses of the public internet.
  public static let publicOnly = AddressRule(isEverywhere: false)

  let isEverywhere: Bool
  private var hosts: Set<String> = []
  private var ranges: [AddressRange] = []
  /// What the error says beside the address, such as which setting allows it.
  public var hint = ""

  private init(isEverywhere: Bool) { self.isEverywhere = isEverywhere }

  /// Public addresses and what `entries` name: hosts (wherever they lead), addresses, and ranges such as `10.0.0.0/8`.
  ///
  /// - Returns: nil, with the entry that can't be read in `wrong`.
  public init?(publicAnd entries: [String], wrong: inout String) {
    self.init(isEverywhere: false)
    for entry in entries {
      if let range = AddressRange(entry.isBracketed ? String(entry.dropFirst().dropLast()) : entry) {
        ranges.append(range)
      } else if entry.isHostName {
        hosts.insert(entry.lowercased())
      } else {
        wrong = entry
        return nil
      }
    }
  }

  /// Whether a connection for `host`, as the URL has it, may go to `address`.
  public func allows(_ address: IPAddress, host: String) -> Bool {
    isEverywhere || address.isPublic || isNamed(address, host)
  }

  /// Whether what goes to `host` may be seen on its way: it is named here, or nothing is restricted.
  public func allowsPlain(host: String) -> Bool {
    isEverywhere || isNamed(IPAddress(host.isBracketed ? String(host.dropFirst().dropLast()) : host), host)
  }

  private func isNamed(_ address: IPAddress?, _ host: String) -> Bool {
    address.map { address in ranges.contains { $0.contains(address) } } ?? false || hosts.contains(host.lowercased())
  }
}

extension String {
  fileprivate var isBracketed: Bool { hasPrefix("[") && hasSuffix("]") && count > 2 }

  /// Letters, digits, hyphens and dots; not only digits and dots, which would be an address that is written wrong.
  fileprivate var isHostName: Bool {
    !isEmpty && utf8.count <= 253 && contains { $0.isLetter }
      && utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-._".utf8.contains(byte)
      }
  }
}
