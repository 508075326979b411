internal import CCurl
import Glibc

/// An IP address. One of version 4 is kept as its IPv4-mapped form (`::ffff:a.b.c.d`), so a rule holds for both notations.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  let high: UInt64
  let low: UInt64

  private static let mappedPrefix: UInt64 = 0xffff_0000_0000

  init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// Reads `10.0.0.1` or `fd00::1`; nil for anything else, such as a name.
  public init?(_ text: some StringProtocol) {
    let text = String(text)
    var v4 = in_addr()
    if inet_pton(AF_INET, text, &v4) == 1 {
      self.init(high: 0, low: Self.mappedPrefix | UInt64(UInt32(bigEndian: v4.s_addr)))
      return
    }
    var v6 = in6_addr()
    guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
    self = withUnsafeBytes(of: &v6) {
      IPAddress(
        high: UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }

  /// Where curl is about to connect; nil when that is no IP address.
  init?(_ target: UnsafePointer<curl_sockaddr>) {
    let address = sevk_curl_address(target)
    guard address.is_ip != 0 else { return nil }
    self.init(high: address.high, low: address.low)
  }

  var isV4: Bool { high == 0 && low >> 32 == 0xffff }

  public var description: String {
    if isV4 { return stride(from: 24, through: 0, by: -8).map { "\(low >> $0 & 0xff)" }.joined(separator: ".") }
    let bytes = [high.bigEndian, low.bigEndian]
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    _ = bytes.withUnsafeBytes { inet_ntop(AF_INET6, $0.baseAddress, &text, socklen_t(text.count)) }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What one customer of a network usually holds: an address of version 4, or the first 64 bits of one of version 6.
  public var network: IPAddress { isV4 ? self : IPAddress(high: high, low: 0) }

  /// Whether it is one of the public internet: not of this machine, a private network, a cloud's metadata service, a group
  /// of receivers, or a range kept for documents and tests (the registries of RFC 6890).
  public var isPublic: Bool {
    if isV4 { return !Self.privateV4.contains { $0.contains(self) } }
    // What a NAT64 gateway takes to an address of version 4 is as good as that address.
    if Self.nat64.contains(self) {
      return IPAddress(high: 0, low: Self.mappedPrefix | (low & 0xffff_ffff)).isPublic
    }
    return Self.globalV6.contains(self) && !Self.privateV6.contains { $0.contains(self) }
  }

  private static func ranges(_ texts: String...) -> [AddressRange] { texts.compactMap { AddressRange($0) } }

  private static let privateV4 = ranges(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4")
  /// All that was ever given out. So loopback, link-local, unique local and multicast addresses are outside.
  private static let globalV6 = AddressRange(IPAddress(high: 0x2000 << 48, low: 0), bits: 3)
  private static let nat64 = AddressRange(IPAddress(high: 0x0064_ff9b << 32, low: 0), bits: 96)
  /// Within those: Teredo and its neighbours, documents, and 6to4, which holds an address of version 4.
  private static let privateV6 = ranges("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
}
