public import CommandLine

/// What support and ops ask and decide from a terminal: the verbs that `worker` has beside `run`. Those that set Sevk up
/// are the dispatcher's; `ops/CLI.md` has a table of both.
public enum SupportCommands {
  /// Every command, in the order of the help.
  public static let all: [Command] = [
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
    ContractCommands.contract,
    ContractCommands.unfamiliar,
    EndpointCommands.list,
    EndpointCommands.show,
    EndpointCommands.resend,
    EndpointCommands.replay,
    EndpointCommands.pause,
    EndpointCommands.resume,
    OrderListCommand.command,
    OrderCommands.show,
    OrderCommands.timeline,
    OrderCommands.why,
    AskCommand.command,
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
}
