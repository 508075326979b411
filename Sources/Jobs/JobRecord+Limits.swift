extension JobRecord {
  /// Every broker checks this before it stores a job.
  ///
  /// - Throws: ``MalformedPayload`` when the payload is larger than ``payloadBytesMax``.
  public func checkPayload() throws(MalformedPayload) {
    guard payload.count <= Self.payloadBytesMax else {
      throw MalformedPayload("the payload has \(payload.count) bytes; at most \(Self.payloadBytesMax) are stored")
    }
  }
}
