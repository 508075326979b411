internal import EventLoop
internal import TLS

/// The sentinels of a URL: say where the master is, and when it moved.
///
/// All clients of a URL share them. While one is connected, each sentinel is listened to; what they announce is
/// looked into, so a client never follows one sentinel's word alone where the others know better.
@LoopActor
final class Sentinels: Sendable {
  /// Most that a URL may name.
  nonisolated static let countMax = 9
  /// Longest wait for one sentinel; the others are asked meanwhile.
  private nonisolated static let answerMax = Duration.seconds(1)

  nonisolated let addresses: [SocketAddress]
  nonisolated let master: String
  private nonisolated let credentials: RedisCredentials?
  private nonisolated let tls: TLSContext?
  /// The newest configuration that was believed. A sentinel that was cut off knows an older one.
  private var epochSeen: Int64 = -1
  private let asking = SingleFlight<SocketAddress, RedisError>()
  private var clients: [ObjectIdentifier: Client] = [:]
  private var listeners: [Task<Void, Never>] = []

  private struct Client { weak var client: RedisClient? }

  nonisolated init(_ addresses: [SocketAddress], master: String, credentials: RedisCredentials?, tls: TLSContext?) {
    (self.addresses, self.master, self.credentials, self.tls) = (addresses, master, credentials, tls)
  }

  // MARK: Where the master is

  /// The address of the master. Who asks while this is being found out gets the same answer.
  ///
  /// - Throws: ``RedisError`` that says what is wrong with the sentinels.
  func find() async throws(RedisError) -> SocketAddress {
    try await asking.run { () async throws(RedisError) in try await self.ask() }
  }

  /// Asks all at once, and believes the newest configuration, once most have answered or no more come. One that is
  /// older than what was known is believed only where all say so, since they were set up anew.
  private func ask() async throws(RedisError) -> SocketAddress {
    let (answers, stream) = AsyncStream<SentinelAnswer>.makeStream()
    for address in addresses {
      Task(executorPreference: EventLoop.shared) { stream.yield(await self.ask(address)) }
    }
    var known: [(place: SocketAddress, epoch: Int64)] = []
    var problems: [RedisError] = []
    var strangers: [String] = []
    for await answer in answers {
      switch answer {
      case .master(let place, let epoch): known.append((place, epoch))
      case .noMaster(let sentinel): strangers.append(sentinel)
      case .problem(let error): problems.append(error)
      }
      let isNew = known.contains { $0.epoch >= epochSeen }
      if isNew && known.count * 2 > addresses.count { break }
      if known.count + strangers.count + problems.count == addresses.count { break }
    }
    guard let newest = known.max(by: { $0.epoch < $1.epoch }) else {
      if let stranger = strangers.first {
        throw RedisError(
          .unavailable, "the sentinel at \(stranger) knows no master \(master); check its name in the URL")
      }
      throw problems.first { $0.isPermanent } ?? problems.first ?? RedisError(.unavailable, "no sentinel answers")
    }
    guard newest.epoch >= epochSeen || known.count == addresses.count else {
      throw RedisError(
        .unavailable,
        "the sentinels that answer know an older master than one that was known before; all of"
          + " \(addresses.map(\.description).joined(separator: ", ")) must say so")
    }
    epochSeen = newest.epoch
    return newest.place
  }

  private func ask(_ address: SocketAddress) async -> SentinelAnswer {
    do throws(RedisError) {
      let connection = try await open(address)
      defer { connection.close() }
      // Who promoted a replica says so here at once, and in the master's own entry only when all replicas follow it.
      let place = try await connection.send(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", .string(master)])
      guard !place.isNull else { return .noMaster("\(address)") }
      let entry = try await connection.send(["SENTINEL", "MASTER", .string(master)])
      guard let master = Self.place(place) else {
        return .problem(RedisError(.protocolError, "the sentinel at \(address) gave an unexpected answer"))
      }
      return .master(master, epoch: SentinelEntry(entry)["config-epoch"].flatMap { Int64($0) } ?? 0)
    } catch {
      if case .replyError(let prefix) = error.code, prefix == "NOPERM" {
        return .problem(
          RedisError(
            .wrongPassword,
            "the sentinel at \(address) does not let this user look: it needs sentinel|get-master-addr-by-name,"
              + " sentinel|master, subscribe and the channel +switch-master (\(error.message))"))
      }
      return .problem(error)
    }
  }

  /// Where a sentinel's answer says that the master is: host and port; nil when it is no such answer.
  nonisolated static func place(_ reply: RedisValue) -> SocketAddress? {
    guard let parts = reply.array, parts.count == 2, let host = parts[0].text, !host.isEmpty,
      let port = parts[1].integer, (1...65_535).contains(port)
    else { return nil }
    return .tcp(host: host, port: Int(port))
  }

  private func open(_ address: SocketAddress) async throws(RedisError) -> RedisConnection {
    var target = RedisTarget(address, .sentinel)
    (target.credentials, target.tls) = (credentials, tls)
    return try await RedisConnection.open(target, connectTimeout: Self.answerMax, commandTimeout: Self.answerMax)
  }

  /// What each sentinel says of the master; all are asked at once.
  func survey() async -> [SentinelView] {
    let tasks = addresses.map { address in Task(executorPreference: EventLoop.shared) { await self.view(of: address) } }
    var views: [SentinelView] = []
    for task in tasks { views.append(await task.value) }
    return views
  }

  private func view(of address: SocketAddress) async -> SentinelView {
    do throws(RedisError) {
      let connection = try await open(address)
      defer { connection.close() }
      return SentinelView(
        "\(address)", SentinelEntry(try await connection.send(["SENTINEL", "MASTER", .string(master)])))
    } catch {
      return SentinelView("\(address)", problem: error.message)
    }
  }

  // MARK: That it moved

  /// Tells a client from now on where the master is, when that changes.
  func join(_ client: RedisClient) {
    clients[ObjectIdentifier(client)] = Client(client: client)
    guard listeners.isEmpty else { return }
    listeners = addresses.map { address in
      Task(executorPreference: EventLoop.shared) { await self.listen(to: address) }
    }
  }

  func leave(_ client: RedisClient) {
    clients[ObjectIdentifier(client)] = nil
    clients = clients.filter { $0.value.client != nil }
    guard clients.isEmpty else { return }
    for listener in listeners { listener.cancel() }
    listeners = []
  }

  private static let pauseFirst = Duration.milliseconds(100)
  private static let pauseMax = Duration.seconds(2)
  /// How often a silent sentinel is asked whether it is still there.
  private static let pingInterval = Duration.seconds(3)

  /// Listens to one sentinel for as long as there are clients.
  private func listen(to address: SocketAddress) async {
    var pause = Self.pauseFirst
    while !Task.isCancelled {
      if let connection = try? await open(address) {
        connection.onMessage = { [weak self] parts in
          // The name, and the old and the new address.
          guard let self, parts.count == 3, parts[2].text?.split(separator: " ").first == self.master[...] else {
            return
          }
          Task(executorPreference: EventLoop.shared) { await self.lookAgain() }
        }
        if (try? await connection.send(["SUBSCRIBE", "+switch-master"])) != nil {
          pause = Self.pauseFirst
          // What it announced before this.
          await lookAgain()
          while !Task.isCancelled, (try? await connection.send(["PING"])) != nil {
            try? await EventLoop.sleep(for: Self.pingInterval)
          }
        }
        connection.close()
      }
      try? await EventLoop.sleep(for: pause)
      pause = min(pause * 2, Self.pauseMax)
    }
  }

  private func lookAgain() async {
    guard let place = try? await ask() else { return }
    for entry in clients.values { entry.client?.masterIs(at: place) }
  }
}

extension Sentinels: CustomStringConvertible {
  nonisolated var description: String {
    "the master \(master) of the sentinels \(addresses.map(\.description).joined(separator: ","))"
  }
}

/// What one sentinel says to the question for the master.
private enum SentinelAnswer: Sendable {
  case master(SocketAddress, epoch: Int64)
  case noMaster(String)
  case problem(RedisError)
}
