extension JobRecord {
  /// Every broker checks this before it stores a job.
  ///
  /// - Throws: ``MalformedPayload`` when the payload is larger than ``payloadBytesMax``, or the flow is longer than
  ///   ``flowBytesMax`` or has a space.
  public func checkLimits() throws(MalformedPayload) {
    guard payload.count <= Self.payloadBytesMax else {
      throw MalformedPayload("the payload has \(payload.count) bytes; at most \(Self.payloadBytesMax) are stored")
    }
    guard flow.utf8.count <= Self.flowBytesMax, !flow.utf8.contains(32) else {
      throw MalformedPayload("a flow has at most \(Self.flowBytesMax) bytes and no space")
    }
  }
}
