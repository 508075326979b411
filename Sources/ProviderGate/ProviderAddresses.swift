public import CommandLine
public import HTTPClient

extension Settings {
  /// Where calls to providers may connect: the public internet, and what ops name.
  ///
  /// A provider's URL is data. Without this, whoever can add one could read this machine's own services and a cloud's
  /// metadata through us.
  public func providerAddresses() throws(UsageError) -> AddressRule {
    let text = try string(.providerPrivateHosts)
    if text == "all" { return .anywhere }
    var entries = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
    if text == "none" { entries = [] }
    var wrong = ""
    guard var rule = AddressRule(publicAnd: entries, wrong: &wrong) else {
      throw self.wrong(
        .providerPrivateHosts, text, "hosts, addresses and ranges such as 10.1.0.0/16, or all, or none; \(wrong) is not"
      )
    }
    rule.hint = "if it is meant, add it to \(Setting.providerPrivateHosts.variable)"
    return rule
  }
}
