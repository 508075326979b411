public import Jobs

extension JobKinds {
  /// Every queue and every kind of job that Sevk has: what its programs start with. CONTRIBUTING tells what else a new
  /// kind needs.
  public static let sevk = JobKinds(
    queues: [.dispatch: "dispatcher", .check: "worker", .deliver: "worker"],
    [
      DispatchOrder.self,
      CheckOrder.self,
      LookAgain.self,
      DeliverEvent.self,
      NotifyPeople.self,
    ])
}
