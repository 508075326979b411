internal import CHiredis

/// What Redis sent, cut into replies.
struct ReplyReader: ~Copyable {
  /// The bytes are not the protocol of Redis, and nothing after them can be read.
  struct Malformed: Error {}

  private let reader: UnsafeMutablePointer<redisReader> = redisReaderCreate()

  deinit { redisReaderFree(reader) }

  /// Takes the next bytes, wherever they were cut.
  func feed(_ bytes: UnsafeRawBufferPointer) {
    redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
  }

  /// The next whole reply; nil until more bytes are there.
  func next() throws(Malformed) -> RedisValue? {
    var reply: UnsafeMutableRawPointer?
    guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw Malformed() }
    guard let reply else { return nil }
    defer { freeReplyObject(reply) }
    return RedisValue(reply.assumingMemoryBound(to: redisReply.self).pointee)
  }
}
