internal import CZlib

/// An answer that came packed although nobody asked for that: some servers pack whatever they send.
///
/// gzip has a length and a checksum of its own, so one that was cut or changed is never taken for whole.
enum PackedBody {
  enum Unpacked: Equatable {
    /// It was not packed, or in a way that nobody here knows.
    case asItIs
    case whole([UInt8])
    /// More than the limit; as much as that.
    case tooLarge([UInt8])
    case damaged
  }

  /// Bytes that one byte may become.
  private static let ratioMax = 1032
  private static let name = "content-encoding"

  /// - Parameter bytesMax: of what comes out: a few bytes can be made of a thousand times as many.
  static func unpack(_ body: [UInt8], _ headers: [(name: String, value: String)], bytesMax: Int) -> Unpacked {
    guard !body.isEmpty else { return .asItIs }
    let codings = headers.filter { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }
      .flatMap { $0.value.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" } }.filter { $0 != "identity" }
    guard codings.count == 1, ["gzip", "x-gzip", "deflate"].contains(codings[0]) else { return .asItIs }
    var code: Int32 = 0
    // One more, so that what is just as long as the limit ends within it.
    let room = min(bytesMax, body.count * ratioMax + ratioMax) + 1
    var unpacked = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      code = sevk_inflate(body, body.count, buffer.baseAddress, room, &count)
    }
    if unpacked.count > bytesMax {
      unpacked.removeLast()
      return .tooLarge(unpacked)
    }
    return code == Int32(SEVK_INFLATE_WHOLE) ? .whole(unpacked) : .damaged
  }
}
