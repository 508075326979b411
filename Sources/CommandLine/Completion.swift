/// Shell completion made from a program's table of commands: its commands, their flags, and the values of those that
/// have a fixed set.
struct Completion {
  /// The shells that it is made for.
  static let shells = ["bash", "zsh"]

  private let program: String
  /// Each beginning of a command with the words that can follow: `order` with `list`, `show`, …
  private var following: [String: [String]] = [:]
  private var flags: [String: [String]] = [:]
  /// `order list --status` with its values.
  private var choices: [String: [String]] = [:]
  /// Flags that take a value, in any command.
  private var valueFlags: Set<String> = []

  init(_ program: String, _ commands: [Command]) {
    self.program = program
    for command in commands {
      for (index, word) in command.path.enumerated() {
        let before = command.path[..<index].joined(separator: " ")
        if following[before]?.contains(word) != true { following[before, default: []].append(word) }
      }
      let path = command.path.joined(separator: " ")
      let values = command.grammar.values + command.settings.map(\.flag)
      following[path, default: []] += command.grammar.wordChoices
      flags[path] = (values + command.grammar.switches + ["--help"]).sorted()
      valueFlags.formUnion(values)
      for setting in command.settings {
        if let known = Self.settingChoices[setting.flag] { choices["\(path) \(setting.flag)"] = known }
      }
      for (flag, known) in command.grammar.choices { choices["\(path) \(flag)"] = known }
    }
  }

  private static let settingChoices = [
    Setting.logLevel.flag: ["debug", "info", "warning", "error"], Setting.logFormat.flag: ["auto", "text", "json"],
  ]

  /// The command that prints it, for a program of these commands.
  static func command(_ program: String, _ commands: [Command]) -> Command {
    Command(
      "completion", usage: shells.joined(separator: "|"),
      "Prints what makes a shell complete this program's commands, flags and values; in ~/.bashrc or ~/.zshrc: source"
        + " <(\(program) completion bash)",
      grammar: .init(wordsMax: 1, wordChoices: shells), example: "\(program) completion bash"
    ) { arguments, _ in
      guard let shell = arguments.words.first, shells.contains(shell) else {
        throw UsageError("name a shell: \(shells.joined(separator: " or "))")
      }
      let itself = Self.command(program, [])
      let completion = Completion(program, commands + [itself])
      print(shell == "bash" ? completion.bash : completion.zsh)
    }
  }

  // MARK: The scripts

  private var function: String { "_" + program }

  /// `case` branches that set a variable by a text; without those that would set nothing.
  private static func branches(_ table: [String: [String]], sets variable: String) -> String {
    table.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
      .map { "    '\($0)') \(variable)='\($1.joined(separator: " "))' ;;" }.joined(separator: "\n")
  }

  /// Sets `known`, `flags` and `values` by `command` and `flag`.
  private var tables: String {
    """
      case "$command" in
    \(Self.branches(following, sets: "known"))
      esac
      case "$command" in
    \(Self.branches(flags, sets: "flags"))
      esac
      case "$command $flag" in
    \(Self.branches(choices, sets: "values"))
      esac
    """
  }

  /// A pattern of `case` for every beginning of a command.
  private var beginnings: String {
    let all = Set(following.keys).union(flags.keys).filter { !$0.isEmpty }
    return all.sorted().map { "'\($0)'" }.joined(separator: "|")
  }

  private var taking: String { valueFlags.sorted().joined(separator: "|") }

  var bash: String {
    """
    # Completion of \(program) for bash: source <(\(program) completion bash)
    \(function)() {
      local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= flag= word= known= flags= values= i
      # bash takes --state=dead for three words.
      if [[ $cur == '=' ]]; then flag=$prev cur=
      elif [[ $prev == '=' ]]; then flag=${COMP_WORDS[COMP_CWORD-2]}
      else case "$prev" in \(taking)) flag=$prev ;; esac
      fi
      for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case "$word" in
          '=') i=$((i + 1)); continue ;;
          \(taking)) [[ ${COMP_WORDS[i+1]} == '=' ]] || i=$((i + 1)); continue ;;
          -*) continue ;;
        esac
        case "${command:+$command }$word" in
          \(beginnings)) command="${command:+$command }$word" ;;
        esac
      done
    \(tables)
      if [[ -n $flag ]]; then
        COMPREPLY=($(compgen -W "$values" -- "$cur"))
        # Nothing is known of the value: it may be a file.
        [[ -n $values ]] || compopt -o default 2>/dev/null
      elif [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
      else COMPREPLY=($(compgen -W "$known" -- "$cur"))
      fi
    }
    complete -F \(function) \(program)
    """
  }

  var zsh: String {
    """
    #compdef \(program)
    # Completion of \(program) for zsh: source <(\(program) completion zsh), after compinit
    \(function)() {
      local prev=${words[CURRENT-1]} command= flag= word= known= flags= values= i
      if [[ $PREFIX == --*=* ]]; then flag=${PREFIX%%=*}; compset -P '*='
      else case "$prev" in \(taking)) flag=$prev ;; esac
      fi
      for ((i = 2; i < CURRENT; i++)); do
        word=${words[i]}
        case "$word" in
          \(taking)) i=$((i + 1)); continue ;;
          -*) continue ;;
        esac
        case "${command:+$command }$word" in
          \(beginnings)) command="${command:+$command }$word" ;;
        esac
      done
    \(tables)
      if [[ -n $flag && -z $values ]]; then _files
      elif [[ -n $flag ]]; then compadd -- ${=values}
      elif [[ $PREFIX == -* ]]; then compadd -- ${=flags}
      else compadd -- ${=known}
      fi
    }
    compdef \(function) \(program)
    """
  }
}
