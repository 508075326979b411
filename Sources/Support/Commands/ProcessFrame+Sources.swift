public import Process

extension ProcessFrame {
  /// Where commands and pages read.
  public var sources: SupportSources {
    SupportSources(store: store, directory: directory, redis: redis, broker: broker)
  }
}
