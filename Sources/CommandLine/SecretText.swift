import Orders

/// Secrets as editors and clipboards leave them in files and variables.
///
/// What an editor adds, a byte order mark and line ends, is taken away; what nobody sees beside that is refused, since it
/// would go to the provider with the secret, whose "wrong password" explains nothing. No text here shows the secret.
public enum SecretText {
  /// The secret in a file or variable.
  ///
  /// - Parameter what: which, for the error: `--credential sifre: /etc/sevk/sifre`.
  public static func read(_ text: String, _ what: String) throws(UsageError) -> String {
    var scalars = text.unicodeScalars[...]
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    while let last = scalars.last, last == "\n" || last == "\r" { scalars.removeLast() }
    let secret = String(String.UnicodeScalarView(scalars))
    try requireSeen(secret, what)
    for (end, scalar) in [("begins", scalars.first), ("ends", scalars.last)] where scalar == " " {
      throw UsageError("\(what) \(end) with a blank; take it out")
    }
    return secret
  }

  /// Refuses a secret with a character that can't be seen.
  public static func requireSeen(_ secret: String, _ what: String) throws(UsageError) {
    guard let odd = OddCharacter.unseen(in: secret),
      let place = secret.unicodeScalars.firstIndex(of: odd)
    else { return }
    let number = secret.unicodeScalars.distance(from: secret.unicodeScalars.startIndex, to: place) + 1
    throw UsageError(
      "\(what) holds \(OddCharacter.name(odd)), which can't be seen, as character \(number); take it out")
  }
}
