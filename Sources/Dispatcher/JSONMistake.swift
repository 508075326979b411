/// Why bytes are not the JSON that is taken here, and where.
struct JSONMistake: Error, Equatable, CustomStringConvertible {
  let text: String
  /// The byte at which it was noticed, from 0.
  let place: Int

  var description: String { "\(text) (at byte \(place))" }
}
