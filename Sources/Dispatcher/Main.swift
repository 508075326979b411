import Service

/// `dispatcher`: takes orders in over HTTP and sends them to providers; sets up tenants, tokens, providers and routes.
@main enum Main {
  static func main() {
    Program(
      "dispatcher", "takes orders in and sends them to providers",
      [
        RunCommand.command,
        SetupCommands.migrate,
        SetupCommands.tenantAdd,
        SetupCommands.tokenCreate,
        ProviderCommands.add,
        ProviderCommands.test,
        ProviderCommands.list,
        RouteCommands.add,
        RouteCommands.list,
      ]
    ).main()
  }
}
