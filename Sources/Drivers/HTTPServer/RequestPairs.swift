internal import CMicroHTTPD

/// Names and values in the order in which they came.
private typealias Pairs = [(name: String, value: String)]

extension OpaquePointer {
  /// The headers of the request on this libmicrohttpd connection.
  var headers: [(name: String, value: String)] { pairs(.HEADER_KIND) }

  /// The query of the request on this libmicrohttpd connection.
  var arguments: [(name: String, value: String)] { pairs(.GET_ARGUMENT_KIND) }

  private func pairs(_ kind: MHD_ValueKind) -> Pairs {
    var pairs: Pairs = []
    withUnsafeMutablePointer(to: &pairs) { pointer in
      _ = MHD_get_connection_values_n(
        self, kind,
        { context, _, name, nameSize, value, valueSize in
          context?.assumingMemoryBound(to: Pairs.self).pointee.append((text(name, nameSize), text(value, valueSize)))
          return .YES
        }, pointer)
    }
    return pairs
  }
}

private func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
  String(decoding: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self)
}
