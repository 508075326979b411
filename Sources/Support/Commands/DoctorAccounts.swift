import EventLoop
import Store

/// Looks for providers that are one account. Needs the secret key: without it no login is known, and nothing is found.
@LoopActor
enum DoctorAccounts {
  static func examine(_ sources: SupportSources) async throws -> [Doctor.Finding] {
    SharedAccounts.groups(try await sources.directory.providers()).map { names in
      Doctor.Finding(
        what: "same_account", count: names.count,
        text:
          "\(names.joined(separator: " and ")) are one account: same adapter, address and login. What is sent by one lowers a"
          + " balance that the other can't explain, and alarms of double debits are worth nothing",
        mend: "one provider for one account: dispatcher route set moves routes, dispatcher provider remove the other",
        examples: names)
    }
  }
}
