import CommandLine

/// `worker`: asks providers about orders until they are settled; and support's window on queues and orders.
@main enum Main {
  static let program = Program(
    "worker", "asks providers about orders, and shows queues and orders to support",
    [
      RunCommand.command,
      InspectCommands.ping,
      InspectCommands.stats,
      InspectCommands.active,
      InspectCommands.reserved,
      InspectCommands.registered,
      InspectCommands.activeQueues,
      InspectCommands.scheduled,
      ProviderCommands.list,
      ProviderCommands.show,
      ProviderCommands.pause,
      ProviderCommands.resume,
      OrderListCommand.command,
      OrderCommands.show,
      OrderCommands.timeline,
      OrderCommands.why,
      DecideCommands.resolve,
      DecideCommands.retry,
      DecideCommands.cancel,
      QueueCommands.list,
      QueueHistoryCommand.command,
      QueueCommands.pause,
      QueueCommands.resume,
      QueueCommands.purge,
      JobCommands.list,
      JobCommands.show,
      JobCommands.retry,
      JobCommands.cancel,
      JobCommands.delete,
      TopCommand.command,
      DoctorCommand.command,
    ]
  )

  static func main() { program.main() }
}
