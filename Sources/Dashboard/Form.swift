extension PageModel {
  /// What somebody can fill in and send. It is written once and not kept up to date: what was typed stays.
  struct Form: Sendable {
    enum Kind: Sendable {
      case hidden
      case text
      /// Several lines.
      case area
      /// One of these, each with what people read.
      case choice([(value: String, label: String)])
      /// Words that are not to be remembered by the browser.
      case secret
      /// A box to tick; sent as `1` where it is.
      case tick
    }

    struct Field: Sendable {
      var name: String
      var label: String
      var kind = Kind.text
      var value = ""
      /// What the label can't say shortly.
      var help = ""
      var isRequired = false
      /// Characters.
      var lengthMax = 200
    }

    var id: String
    /// A path of this dashboard.
    var action: String
    /// Nothing is changed: what was filled in stands in the address, which can be shared.
    var isSearch = false
    var fields: [Field]
    var button: String
    var tone: Tone?
    /// Where one who thought better of it goes.
    var back: String?
  }
}

extension HTML {
  /// - Parameter key: the session's; nobody else's form has it.
  static func form(_ form: PageModel.Form, key: String) -> String {
    let fields = form.fields.map(field).joined()
    let own = form.isSearch ? "" : hidden("key", key)
    let back = form.back.map { #" <a class="back" href="\#(escape($0))">Back, change nothing</a>"# } ?? ""
    let tone = form.tone == .bad ? #" class="danger""# : ""
    return """
      <form class="card \(form.isSearch ? "filter" : "act")" id="\(escape(form.id))" action="\(escape(form.action))" \
      method="\(form.isSearch ? "get" : "post")">\(own)\(fields)
      <p class="buttons"><button\(tone)>\(escape(form.button))</button>\(back)</p></form>

      """
  }

  private static func hidden(_ name: String, _ value: String) -> String {
    #"<input type="hidden" name="\#(escape(name))" value="\#(escape(value))">"#
  }

  private static func field(_ field: PageModel.Form.Field) -> String {
    let (name, value) = (escape(field.name), escape(field.value))
    let id = "field-" + name
    let required = field.isRequired ? " required" : ""
    let told = field.help.isEmpty ? "" : #" aria-describedby="\#(id)-help""#
    let input: String
    switch field.kind {
    case .hidden: return hidden(field.name, field.value)
    case .text:
      input =
        #"<input id="\#(id)" name="\#(name)" value="\#(value)" dir="auto" maxlength="\#(field.lengthMax)"\#(required)\#(told)>"#
    case .secret:
      input =
        #"<input id="\#(id)" name="\#(name)" value="\#(value)" dir="ltr" maxlength="\#(field.lengthMax)" autocomplete="off" spellcheck="false"\#(required)\#(told)>"#
    case .area:
      input =
        #"<textarea id="\#(id)" name="\#(name)" rows="3" dir="auto" maxlength="\#(field.lengthMax)"\#(required)\#(told)>\#(value)</textarea>"#
    case .tick:
      let isOn = field.value == "1" ? " checked" : ""
      return
        #"<p class="field tick"><label><input type="checkbox" id="\#(id)" name="\#(name)" value="1"\#(isOn)\#(required)> \#(escape(field.label))</label></p>"#
    case .choice(let options):
      let list = options.map { option in
        #"<option value="\#(escape(option.value))"\#(option.value == field.value ? " selected" : "")>\#(escape(option.label))</option>"#
      }
      input = #"<select id="\#(id)" name="\#(name)"\#(required)\#(told)>\#(list.joined())</select>"#
    }
    let help = field.help.isEmpty ? "" : #"<span class="note" id="\#(id)-help">\#(escape(field.help))</span>"#
    return #"<p class="field"><label for="\#(id)">\#(escape(field.label))</label>\#(input)\#(help)</p>"#
  }
}
