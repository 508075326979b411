import Foundation
import TestSupport
import Testing

/// What the pages of the repository lead to is there: links, headings, files, commands, suites of tests, settings.
@Suite struct DocumentTests {
  private static let readmeLinesMax = 160
  private let pages: [Page]
  private let files: [String]

  init() throws {
    // What begins with a dot is builds and Git.
    let top = try FileManager.default.contentsOfDirectory(atPath: Repository.root).filter { !$0.hasPrefix(".") }
    files =
      top
      + top.flatMap { entry in
        (FileManager.default.enumerator(atPath: "\(Repository.root)/\(entry)")?.compactMap { $0 as? String } ?? [])
          .map { "\(entry)/\($0)" }
      }
    pages = try files.filter { $0.hasSuffix(".md") }.sorted().map { try Page(path: $0) }
  }

  @Test func everyLinkLeadsSomewhere() {
    var links = 0
    for page in pages {
      for (target, anchor) in page.links {
        links += 1
        let path = target.isEmpty ? page.path : page.resolve(target)
        let isThere = files.contains(path)
        #expect(isThere, "\(page.path) links to \(target), which is not there")
        guard let anchor else { continue }
        let hasHeading = pages.contains { $0.path == path && $0.anchors.contains(anchor) }
        #expect(hasHeading, "\(page.path) links to \(path)#\(anchor); it has no such heading")
      }
    }
    #expect(links > 20)
  }

  /// What programs and scripts say, such as: ops/RUNBOOK.md, "Least rights".
  @Test func everySectionThatATextNamesIsThere() throws {
    let scripts = try files.filter { $0.wholeMatch(of: /ops\/[a-z]+|CHANGELOG\.md/) != nil && !isFolder($0) }
      .map(Repository.text).joined()
    var sections = 0
    for text in [scripts, try Repository.sources()] {
      for match in text.matches(of: /((?:ops|docs)\/\w+\.md)`?,? \(?\\?"([A-Z][\w ]+)\\?"/) {
        sections += 1
        let isThere = pages.contains { $0.path == match.1 && $0.anchors.contains(Page.anchor(match.2)) }
        #expect(isThere, "\(match.0) is not there")
      }
    }
    #expect(sections > 2)
  }

  /// `Orders/Status.swift` is below `Sources` or `Tests`; `ops/test --filter X` and `ops/CLI.md` are in the root.
  @Test func everyFileThatIsNamedIsThere() {
    var named = 0
    for page in pages {
      for code in page.code {
        // NAME and NNNN stand for what the reader puts there.
        guard let word = code.split(separator: " ").first.map(String.init), !word.contains(/NAME|NNNN/) else {
          continue
        }
        if word.wholeMatch(of: /(?:[\w+.-]+\/)*[\w+-]+\.(?:swift|lua|sql|supp|acl|js)/) != nil {
          named += 1
          #expect(files.contains { $0 == word || $0.hasSuffix("/" + word) }, "\(page.path) names \(word)")
        } else if let path = word.wholeMatch(of: /((?:ops|docs|Sources|Tests)\/[\w+.\/-]+?)\/?/) {
          named += 1
          let isThere = files.contains(String(path.1))
          #expect(isThere, "\(page.path) names \(word)")
        }
      }
    }
    #expect(named > 80)
  }

  private func isFolder(_ path: String) -> Bool { files.contains { $0.hasPrefix(path + "/") } }

  @Test func everySuiteThatIsNamedIsThere() throws {
    let sources = try files.filter { $0.hasPrefix("Tests/") && $0.hasSuffix(".swift") }.map(Repository.text).joined()
    let suites = Set(sources.matches(of: /(?:struct|class) (\w+Tests)\b/).map { String($0.1) })
    for page in pages {
      for code in page.code where code.contains(/^[A-Z]\w+Tests$/) {
        #expect(suites.contains(code) || files.contains("Tests/" + code), "\(page.path) names the suite \(code)")
      }
    }
  }

  @Test func theFrontPageIsShortAndLeadsToEveryOtherPage() throws {
    let readme = try #require(pages.first { $0.path == "README.md" })
    #expect(readme.text.split(separator: "\n", omittingEmptySubsequences: false).count <= Self.readmeLinesMax + 1)
    let linked = Set(readme.links.map { readme.resolve($0.target) })
    for page in pages where page.path != "README.md" {
      #expect(linked.contains(page.path), "README.md does not lead to \(page.path)")
    }
  }

  @Test func thePageForOperatorsListsEverySetting() throws {
    let known = Set(try Repository.sources().matches(of: /Setting\(\s*"(SEVK_\w+)"/).map { String($0.1) })
    let rows = try Repository.text("docs/ops.md").split(separator: "\n").filter { $0.hasPrefix("| `SEVK_") }
    let listed = rows.flatMap { $0.split(separator: "|")[0].matches(of: /SEVK_\w+/).map { String($0.0) } }
    #expect(Set(listed) == known && listed.count == known.count, "\(Set(listed).symmetricDifference(known))")
  }
}

/// One page of the repository.
private struct Page {
  let path: String
  let text: String

  init(path: String) throws {
    self.path = path
    text = try Repository.text(path)
  }

  /// Links to files and headings of the repository, without those into the world.
  var links: [(target: String, anchor: String?)] {
    text.replacing(/`[^`\n]*`/, with: "").matches(of: /\]\(([^)#\s]*)(?:#([^)\s]+))?\)/).compactMap { match in
      match.1.contains(":") ? nil : (String(match.1), match.2.map(String.init))
    }
  }

  /// What stands between two backticks.
  var code: [String] { text.matches(of: /`([^`\n]+)`/).map { String($0.1) } }

  var anchors: Set<String> { Set(text.matches(of: /(?m)^#+ (.+)$/).map { Self.anchor($0.1) }) }

  /// As GitHub and GitLab make it of a heading.
  static func anchor(_ heading: Substring) -> String {
    String(heading.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }).replacing(" ", with: "-")
  }

  /// The path from the root that a link of this page leads to.
  func resolve(_ target: String) -> String {
    var parts = path.split(separator: "/").dropLast()
    for part in target.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/")
  }
}
