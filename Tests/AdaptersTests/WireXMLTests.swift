import Testing

@testable import Adapters

@Suite struct WireXMLTests {
  private func read(_ text: String) -> WireXML? { WireXML(Array(text.utf8)) }

  @Test func readsElements() throws {
    let root = try #require(
      read(
        "\u{FEFF} \n<?xml version=\"1.0\" encoding=\"utf-8\"?><a x=\"1\"> <b>1 &amp; <![CDATA[<2>]]></b><c/><!-- d --></a>\n"
      ))
    #expect(root.name == "a" && root.text.isEmpty && root.children.count == 2)
    #expect(root["b"]?.text == "1 & <2>" && root["c"]?.text == "" && root["d"] == nil)
    #expect(root.written == "<a><b>1 &amp; &lt;2&gt;</b><c></c></a>")
    #expect(read(root.written) == root)
  }

  /// What it says of its encoding counts for nothing.
  @Test func readsOldBytes() {
    let bytes = Array("<?xml version=\"1.0\" encoding=\"iso-8859-9\"?><a>".utf8) + [0xDE] + Array("</a>".utf8)
    #expect(WireXML(bytes)?.text == "Ş")
    #expect(WireXML(Array("<?xml version=\"1.0\" encoding=\"nonsense\"?><a>ş</a>".utf8))?.text == "ş")
  }

  @Test(arguments: [
    "", " ", "text", "<a>", "<a></b>", "<a/><b/>", "<a/>text", "<a>text<b/></a>", "<a>\u{1}</a>", "<a>&x;</a>",
    "<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
    "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", "<a/>\u{0}", "<a", "<a><b>1</b>",
  ])
  func refuses(_ text: String) { #expect(read(text) == nil) }

  @Test func refusesWhatIsTooDeep() {
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }
    #expect(read(nested(16)) != nil)
    #expect(read(nested(17)) == nil)
  }

  @Test func saysWhatStandsTwice() {
    let root = read("<a><b>1</b><b>2</b><c>3</c></a>")
    #expect(root?["b"] == nil && root?["c"]?.text == "3" && root?.hasTwins == true)
    #expect(read("<a><siparisNo>1</siparisNo><SIPARISNO>2</SIPARISNO></a>")?.hasTwins == true)
    #expect(read("<a><b>1</b><c>3</c></a>")?.hasTwins == false)
  }
}
