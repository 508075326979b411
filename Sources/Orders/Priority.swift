/// How urgent an order is against others in the same queue.
public enum Priority: String, Sendable, CaseIterable, Codable {
  case high, normal, low
}
