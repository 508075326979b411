import Testing

@testable import Orders

/// W3C Trace Context: what is read, what is ignored, what is passed on.
@Suite struct TraceContextTests {
  private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
  private static let span = "00f067aa0ba902b7"
  private static let header = "00-\(trace)-\(span)-01"

  @Test func aTraceParentIsReadAndWritten() throws {
    let context = try #require(TraceContext(parent: Self.header))
    #expect(context.traceID.description == Self.trace && context.spanID == 0x00f0_67aa_0ba9_02b7)
    #expect(context.isSampled && context.parent == Self.header && context.description == Self.header)
    #expect(TraceContext(parent: "00-\(Self.trace)-\(Self.span)-00")?.isSampled == false)
    // The flag of level 2 is passed on, unknown ones are not.
    #expect(TraceContext(parent: "00-\(Self.trace)-\(Self.span)-ff")?.parent.suffix(3) == "-03")
    let next = context.after(span: 1, isSampled: false)
    #expect(next.parent == "00-\(Self.trace)-0000000000000001-00")
  }

  @Test func aLaterVersionIsReadAsThisOne() {
    #expect(TraceContext(parent: "cc-\(Self.trace)-\(Self.span)-01")?.parent == Self.header)
    #expect(TraceContext(parent: "cc-\(Self.trace)-\(Self.span)-01-what-comes")?.parent == Self.header)
    #expect(TraceContext(parent: "cc-\(Self.trace)-\(Self.span)-01.what") == nil)
  }

  @Test(arguments: [
    "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-1", "\(header)-more", "\(header) ", " \(header)",
    "ff-\(trace)-\(span)-01", "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-00f067aa0ba902bg-01",
    "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01", "00_\(trace)-\(span)-01",
    "0é-\(trace)-\(span)-01", "\(header),\(header)", "\(header);a=b",
  ])
  func whatIsMalformedIsIgnored(_ header: String) {
    #expect(TraceContext(parent: header) == nil)
  }

  @Test(arguments: [
    ([], ""), (["congo=t61rcWkgMzE"], "congo=t61rcWkgMzE"), (["a=1 ,\tb@c=2,,", "d=3"], "a=1,b@c=2,d=3"),
    (["a=one two"], ""), (["a=1,b"], ""), (["=1"], ""), (["a=ğ"], ""), (["a=\n"], ""),
    (["a=" + String(repeating: "x", count: 510)], "a=" + String(repeating: "x", count: 510)),
    (["a=" + String(repeating: "x", count: 511)], ""),
    ([(1...33).map { "k\($0)=1" }.joined(separator: ",")], ""),
  ])
  func aSimpleStateIsPassedOn(_ headers: [String], _ state: String) throws {
    let context = try #require(TraceContext(parent: Self.header, states: headers))
    #expect(context.state == state)
    #expect(TraceContext(stored: context.description) == context)
    #expect(!context.description.contains(" "), "a job's record is cut at spaces")
    #expect(Order.jobTrace(context.description) == Self.header)
  }

  @Test func anOrderWithoutATraceHasItsOwn() throws {
    let id = try #require(OrderID("0198c0de-0000-7abc-8def-0123456789ab"))
    let context = TraceContext(id)
    #expect(context.parent == "00-0198c0de00007abc8def0123456789ab-8def0123456789ab-02")
    #expect(TraceContext(parent: context.parent)?.traceID == TraceID(id))
    #expect(TraceContext(stored: "00-trace") == nil && Order.jobTrace(nil).isEmpty)
  }
}
