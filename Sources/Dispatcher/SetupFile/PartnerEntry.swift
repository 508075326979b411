import CommandLine
import Orders
import Store

/// A partner of a set-up file.
struct PartnerEntry {
  let object: SetupObject
  let partner: Setup.NewPartner
  let state: Partner.State
  var thing: SetupThing { .partner(partner, state) }
  /// As a desk names them.
  var name: String { "\(partner.tenant)/\(partner.name)" }

  init(_ value: JSONValue, _ path: String) throws(UsageError) {
    let texts = ["tenant", "name", "phone", "telegram", "language", "state"]
    let object = try SetupObject(value, path, known: texts)
    self.object = object
    let (tenant, name) = (try object.required("tenant"), try SetupFile.name(object, "name"))
    let arguments = try object.arguments(
      texts: ["phone", "telegram", "language", "state"], PartnerCommands.set.grammar)
    let change = try object.asCommand { () throws(UsageError) in try PartnerCommands.change(arguments) }
    guard let phone = change.phone else { throw object.complaint("phone", "is missing: \(PhoneNumber.form)") }
    partner = Setup.NewPartner(
      tenant: tenant, name: name, phone: phone, telegram: change.telegram.flatMap { $0 },
      language: change.language ?? "en")
    state = change.state ?? .active
  }
}
