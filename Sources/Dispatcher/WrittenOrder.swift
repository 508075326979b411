import API
/// One order's JSON, as it was read and, where it is given back untouched, as it was written.
struct WrittenOrder: Sendable {
  let json: JSONValue
  /// The member ``metadataName``, byte for byte; nil when there is none.
  let metadata: String?

  static let metadataName = "metadata"

  /// - Throws: ``Problem`` with status 400.
  init(_ bytes: [UInt8]) throws {
    do throws(JSONMistake) {
      let (value, place) = try JSONReader.read(bytes, noting: Self.metadataName)
      json = value
      metadata = place.map { String(decoding: bytes[$0], as: UTF8.self) }
    } catch {
      throw Problem.notJSON(error)
    }
  }
}
