@preconcurrency import Glibc

/// Standard output, where it matters whether what was printed came to be written.
public enum StandardOutput {
  /// Why something could not be written, such as `no space left on device`.
  public struct Trouble: Error, CustomStringConvertible {
    let code: Int32
    public var description: String {
      let text = String(cString: strerror(code))
      return (text.first?.lowercased() ?? "") + text.dropFirst()
    }
  }

  /// At the start of a program: no file or socket that it opens may take the place of a standard descriptor that was closed,
  /// or what it prints would go there. What is printed to one that was closed fails, as it should.
  static func prepare() {
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest that is free is just this one.
      _ = open("/dev/null", descriptor == 2 ? O_WRONLY : O_RDONLY)
    }
    // A reader that goes away is told by the write itself, and a signal would end the program in the middle of its work.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Nobody reads any more what is printed.
  public static var isGone: Bool {
    var end = pollfd(fd: 1, events: 0, revents: 0)
    return poll(&end, 1, 0) > 0 && end.revents & Int16(POLLERR) != 0
  }

  /// Writes past the buffer of `print`, so that the two outputs keep their order when they go to one file.
  ///
  /// - Returns: why not all of it was written; nil when it was.
  public static func write(_ text: String) -> Trouble? {
    fflush(stdout)
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(1, rest.baseAddress, rest.count)
        if count > 0 {
          rest = .init(rebasing: rest.dropFirst(count))
        } else if errno == EAGAIN {
          var ready = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
          _ = poll(&ready, 1, -1)
        } else if errno != EINTR {
          return Trouble(code: errno)
        }
      }
      return nil
    }
  }

  /// Writes what `print` still holds.
  ///
  /// - Returns: why something that was printed is lost; nil when nothing is, or its reader went away, as that of `| head` does.
  static func finish() -> Trouble? {
    errno = 0
    let code = fflush(stdout) == 0 ? 0 : errno
    guard code != 0 || ferror(stdout) != 0 else { return nil }
    if code == EPIPE || isGone { return nil }
    return Trouble(code: code == 0 ? EIO : code)
  }
}
