import EventLoop
import Store

/// Processes, or this command, with another secret key than the others.
@LoopActor
enum DoctorKeys {
  static func examine(_ sources: SupportSources) async throws -> [Doctor.Finding] {
    let book = KeyBook(sources.store)
    guard let active = try await book.keys().first(where: { $0.state == .active })?.id else { return [] }
    var findings: [Doctor.Finding] = []
    let given = sources.store.keyIDs
    if !given.isEmpty, !given.contains(active) {
      findings.append(
        Doctor.Finding(
          what: "secret_key", count: 1,
          text:
            "the SEVK_SECRET_KEY of this command has \(KeyBook.words(given)), and the database is sealed with \(active)",
          mend: "give the key of the other processes; no process starts with this one: dispatcher key status"))
    }
    let lacking = try await book.holders().filter { !$0.keys.contains(active) }
    if !lacking.isEmpty {
      findings.append(
        Doctor.Finding(
          what: "process_keys", count: lacking.count,
          text:
            "\(lacking.count == 1 ? "1 process lacks" : "\(lacking.count) processes lack") the secret key \(active), which"
            + " the others seal with: what they read of it, PINs and credentials, fails",
          mend: "restart them with the SEVK_SECRET_KEY of the others; dispatcher key status",
          examples: lacking.prefix(Doctor.examplesMax).map { "\($0.process) seals with \($0.sealing)" }))
    }
    return findings
  }
}
