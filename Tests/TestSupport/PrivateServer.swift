import Foundation
import Glibc

/// A server process of this test run alone, with its files in a temporary folder.
public final class PrivateServer: @unchecked Sendable {
  /// Holds the server's files; short, since a Unix socket's path has at most 107 bytes.
  public let folder: String
  private let lock = NSLock()
  private var process: Process?
  private var undertaker: Process?

  public init() throws {
    var template = Array("\(NSTemporaryDirectory())sevk.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure("no temporary folder: errno \(errno)") }
    folder = String(cString: made)
  }

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
  }

  /// Starts `program`, with its output in `log` in the folder.
  public func launch(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let log = folder + "/log"
    if !FileManager.default.fileExists(atPath: log) { _ = FileManager.default.createFile(atPath: log, contents: nil) }
    let output = FileHandle(forWritingAtPath: log)
    try output?.seekToEnd()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let undertaker = try Self.undertaker(of: process.processIdentifier, folder)
    lock.withLock {
      self.process = process
      self.undertaker = undertaker
    }
  }

  /// A process that ends the server when this one is gone, however it ended: then its input is closed.
  private static func undertaker(of server: Int32, _ folder: String) throws -> Process {
    let process = Process()
    let input = Pipe()
    // No other child may keep the pipe open.
    _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "read -r _; kill -9 \"$1\"; rm -rf \"$2\"", "sh", "\(server)", folder]
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// What the server wrote, for the text of a failure.
  public var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

  public var isRunning: Bool { lock.withLock { process?.isRunning ?? false } }

  /// Sends a signal to the server.
  public func signal(_ number: Int32) {
    if let process = lock.withLock({ process }), process.isRunning { kill(process.processIdentifier, number) }
  }

  /// Sends a signal to the server and waits until the process is gone.
  public func end(_ signal: Int32) {
    guard let (process, undertaker) = lock.withLock({ process.map { ($0, undertaker) } }) else { return }
    if let undertaker, undertaker.isRunning { kill(undertaker.processIdentifier, SIGKILL) }
    if process.isRunning { kill(process.processIdentifier, signal) }
    process.waitUntilExit()
    lock.withLock { self.process = nil }
  }

  /// Ends the server and removes its files.
  public func remove() {
    end(SIGKILL)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Calls `attempt` until it does not throw: a server that starts is seen only by trying.
  public func waitUntilUp(attempts: Int = 500, _ attempt: () async throws -> Void) async throws {
    for number in 1... {
      do { return try await attempt() } catch {
        guard number < attempts, isRunning else { throw Failure("the server did not start: \(error)\n\(log)") }
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }

  /// A TCP port of 127.0.0.1 that nothing listens on at the moment.
  public static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failed = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) != 0 || getsockname(descriptor, $0, &size) != 0
      }
    }
    guard !failed else { throw Failure("no free port: errno \(errno)") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
