import Jobs

/// A program to start.
struct Launch: Sendable {
  let program: String
  let arguments: [String]
  var environment: [String: String] = [:]
}

/// A job queue that takes part.
struct Contender: Sendable {
  let name: String
  /// How many jobs a round has: enough for some seconds.
  let jobs: Int
  /// Puts the jobs into the queue.
  let enqueue: Launch
  /// Run them.
  let workers: [Launch]
  /// How many processes will run jobs: no clock starts before each has its first.
  let workerProcesses: Int
  /// A queue of Sevk's that must be empty afterwards, with every job settled; nil for peers.
  var queue: QueueName?
  /// How it is set up, in words.
  let setUp: String
  /// When its rounds are given up.
  var limits = Phase.Limits()
}
