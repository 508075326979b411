import Glibc

/// What the process has in memory.
enum Footprint {
  private static let lineBytesMax = 4096

  /// Lets go of the code that was run until now: most of it only the start needed. What is run again is mapped again, from the
  /// kernel's copy of the files; nothing is read from the disk and nothing is lost, since code is never written to.
  static func letGoOfCode() {
    guard let maps = fopen("/proc/self/maps", "r") else { return }
    defer { fclose(maps) }
    var line = [CChar](repeating: 0, count: lineBytesMax)
    // 55d0c0de1000-55d0c1234000 r-xp 00001000 fe:00 1234   /usr/bin/worker
    while fgets(&line, Int32(line.count), maps) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let parts = text.split { $0 == " " || $0 == "\n" }
      guard parts.count >= 6, parts[1] == "r-xp", parts[5].first == "/" else { continue }
      let ends = parts[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard ends.count == 2, ends[0] < ends[1] else { continue }
      madvise(UnsafeMutableRawPointer(bitPattern: ends[0]), Int(ends[1] - ends[0]), Int32(MADV_DONTNEED))
    }
  }
}
