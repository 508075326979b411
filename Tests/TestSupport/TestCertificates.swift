import Foundation
public import PrivateServers

/// A CA of a test and what it signs, made by the command `openssl` in a folder.
public struct TestCertificates: Sendable {
  private let folder: String
  private let name: String

  /// The file with the CA's certificate.
  public var authority: String { "\(folder)/\(name).pem" }
  private var authorityKey: String { "\(folder)/\(name).key" }

  /// A certificate and its key, by their files.
  public struct Pair: Sendable {
    public let certificate: String
    public let key: String
  }

  /// Makes a new CA.
  public init(folder: String, name: String = "ca") throws {
    (self.folder, self.name) = (folder, name)
    try Self.openssl(
      ["req", "-x509", "-days", "2", "-subj", "/CN=\(name)", "-out", authority] + Self.newKey(authorityKey))
  }

  /// Signs a certificate for names such as `DNS:localhost` and `IP:127.0.0.1`.
  ///
  /// - Parameter days: that it is valid; one that has expired has less than none.
  public func sign(_ file: String, for names: [String], days: Int = 2) throws -> Pair {
    let pair = Pair(certificate: "\(folder)/\(file).pem", key: "\(folder)/\(file).key")
    let (request, extensions) = ("\(folder)/\(file).csr", "\(folder)/\(file).ext")
    try Self.openssl(["req", "-new", "-subj", "/CN=\(file)", "-out", request] + Self.newKey(pair.key))
    try "subjectAltName=\(names.joined(separator: ","))\n".write(toFile: extensions, atomically: true, encoding: .utf8)
    try Self.openssl([
      "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authorityKey, "-CAcreateserial", "-days", "\(days)",
      "-extfile", extensions, "-out", pair.certificate,
    ])
    return pair
  }

  /// A copy of a key that has a passphrase.
  public func locked(_ key: String) throws -> String {
    try Self.openssl(["pkcs8", "-topk8", "-in", key, "-out", key + ".locked", "-passout", "pass:secret"])
    return key + ".locked"
  }

  private static func newKey(_ file: String) -> [String] {
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file]
  }

  private static func openssl(_ arguments: [String]) throws {
    let log = NSTemporaryDirectory() + "openssl-\(UInt32.random(in: 0...UInt32.max))"
    defer { try? FileManager.default.removeItem(atPath: log) }
    let program = try ChildProgram(
      words: ["openssl"] + arguments, environment: ChildProgram.environment, log: log, hasOwnGroup: true)
    guard program.wait() == .exited(0) else { throw ChildProgram.Failure("openssl: \(program.output)") }
  }
}
