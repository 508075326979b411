internal import CCurl

/// The headers of requests as curl takes them. Most requests have the same.
final class HeaderList {
  private let headers: [(String, String)]
  private let readsToEnd: Bool
  let first: UnsafeMutablePointer<curl_slist>?

  init(of request: HTTPClientRequest) {
    (headers, readsToEnd) = (request.headers, request.readsToEnd)
    // Without a value, curl leaves out what it would add by itself.
    var list = curl_slist_append(nil, "Expect:")
    if readsToEnd { list = curl_slist_append(list, "Connection: close") }
    if !headers.contains(where: { $0.0.lowercased() == "content-type" }) {
      list = curl_slist_append(list, "Content-Type:")
    }
    for (name, value) in headers {
      // A header with an empty value is written with a semicolon.
      list = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    first = list
  }

  /// Whether it is the one that `request` wants.
  func fits(_ request: HTTPClientRequest) -> Bool {
    readsToEnd == request.readsToEnd && headers.count == request.headers.count
      // By their bytes: texts that only look the same are not.
      && zip(headers, request.headers).allSatisfy {
        $0.0.utf8.elementsEqual($1.0.utf8) && $0.1.utf8.elementsEqual($1.1.utf8)
      }
  }

  deinit { curl_slist_free_all(first) }
}
