/// A queue in one array: `Array.removeFirst` would move all the rest each time.
struct FIFO<Element> {
  private var elements: [Element?] = []
  private var head = 0

  /// Room given back at most this late.
  private static var staleMax: Int { 1024 }

  var count: Int { elements.count - head }
  var isEmpty: Bool { head == elements.count }
  var first: Element? { isEmpty ? nil : elements[head] }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let element = elements[head]
    elements[head] = nil
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= Self.staleMax {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }

  mutating func removeAll() -> [Element] {
    let all = elements[head...].compactMap { $0 }
    elements.removeAll()
    head = 0
    return all
  }
}
