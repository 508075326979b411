import CommandLine

/// `dispatcher`: takes orders in over HTTP and sends them to providers; sets up tenants, tokens, providers and routes.
@main enum Main {
  static let program = Program(
    "dispatcher", "takes orders in and sends them to providers",
    [
      RunCommand.command,
      SetupCommands.migrate,
      SetupCommands.tenantAdd,
      TenantSet.command,
      SetupCommands.tenantList,
      RemoveCommands.tenantRemove,
      TokenCommands.create,
      TokenCommands.rotate,
      TokenCommands.list,
      TokenCommands.revoke,
      KeyCommands.status,
      KeyCommands.rotate,
      KeyCommands.reseal,
      EndpointSetup.put,
      EndpointSetup.list,
      EndpointSetup.rotate,
      EndpointSetup.remove,
      PartnerCommands.add,
      PartnerCommands.list,
      PartnerCommands.set,
      PartnerCommands.remove,
      PartnerTokenCommands.create,
      PartnerTokenCommands.list,
      PartnerTokenCommands.revoke,
      ProviderCommands.add,
      ProviderSet.command,
      ProviderCommands.test,
      ProviderCommands.list,
      RemoveCommands.providerRemove,
      RouteCommands.add,
      RouteSet.command,
      RouteCommands.list,
      RemoveCommands.routeRemove,
      ChannelCommands.add,
      ChannelCommands.set,
      ChannelTest.command,
      ChannelCommands.list,
      ChannelCommands.remove,
      NotifyCommands.add,
      NotifyCommands.text,
      NotifyCommands.list,
      NotifyCommands.remove,
      ExportCommand.command,
      ApplyCommand.command,
      AuditCommand.list,
    ]
  )

  static func main() { program.main() }
}
