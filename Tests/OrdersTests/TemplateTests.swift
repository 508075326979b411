import Orders
import Testing

@Suite struct TemplateTests {
  @Test(
    arguments: [
      ("1", [:], "1"), ("{player_id}", ["player_id": "5123"], "5123"), ("a{x}b{y}c", ["x": "1", "y": "2"], "a1b2c"),
      ("{x}{x}", ["x": "7"], "77"), ("{open", ["open": "no"], "{open"), ("close}", [:], "close}"), ("", [:], ""),
      // A value is never a template itself.
      ("{x}", ["x": "{y}", "y": "secret"], "{y}"), ("ğ{x}ş", ["x": "ü"], "ğüş"),
    ] as [(String, [String: String], String)])
  func fills(_ template: String, _ fields: [String: String], _ text: String) {
    let (parameters, missing) = ParameterTemplate.fill(["p": template], with: fields)
    #expect(parameters == ["p": text])
    #expect(missing.isEmpty)
  }

  @Test func namesWhatIsMissingOnceAndSorted() {
    let templates = ["a": "{zeta}", "b": "{alpha}{zeta}", "c": "{empty}", "d": "fixed"]
    let (parameters, missing) = ParameterTemplate.fill(templates, with: ["empty": "", "other": "x"])
    #expect(missing == ["alpha", "empty", "zeta"])
    #expect(parameters["d"] == "fixed")
    #expect(ParameterTemplate.fields(in: templates) == ["alpha", "empty", "zeta"])
    #expect(ParameterTemplate.fields(in: ["a": "{open", "b": "}{"]).isEmpty)
    #expect(ParameterTemplate.fill(["a": "{}"], with: [:]).missing == [""])
  }

  @Test(arguments: [
    ("{phone", "\"{phone\" has a { without its }"), ("+{a{b}", "\"+{a{b}\" has a { without its }"),
    ("phone}", "\"phone}\" has a } without its {"), ("{a}}", "\"{a}}\" has a } without its {"),
    ("{}", "stands the name of an order's field"), ("{ phone}", "stands the name of an order's field"),
  ])
  func whatNobodyMeansIsNamed(_ template: String, _ text: String) {
    #expect(ParameterTemplate.mistake(in: template)?.contains(text) == true)
  }

  @Test(arguments: ["", "60", "{phone}", "+{code}{oyuncu adı}-1"])
  func whatCanBeFilledIsNoMistake(_ template: String) { #expect(ParameterTemplate.mistake(in: template) == nil) }
}
