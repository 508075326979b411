/// `--failover-after` of `provider add` and `provider set`: for its routes that have none of their own.
enum ProviderFailover {
  static let flag = RouteOptions.ofOne[0]
}
