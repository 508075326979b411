import EventLoop
import Orders
import Store

/// Channels whose service takes nothing from us.
@LoopActor
enum DoctorChannels {
  static func examine(_ sources: SupportSources) async throws -> [Doctor.Finding] {
    let troubled = try await ChannelStore(sources.store).tallies().filter { $0.trouble != nil }
    guard !troubled.isEmpty else { return [] }
    return [
      Doctor.Finding(
        what: "channels_in_trouble", count: troubled.count,
        text: troubled.count == 1
          ? "1 channel tells nobody anything" : "\(troubled.count) channels tell nobody anything",
        mend:
          "mend the account there, or: dispatcher channel set NAME --credential …; then: dispatcher channel test NAME",
        examples: troubled.prefix(Doctor.examplesMax).map {
          "\($0.channel): \($0.trouble ?? "") (\($0.troubledFor.map { "for \($0.inWords), " } ?? "")\($0.waiting) in line)"
        })
    ]
  }
}
