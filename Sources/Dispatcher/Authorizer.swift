import Cipher
import EventLoop
import HTTPServer
import Store

/// Checks bearer tokens.
@LoopActor
struct Authorizer {
  private let directory: Directory
  init(directory: Directory) { self.directory = directory }

  /// Who sent the request, if it may use `scope`.
  ///
  /// The token is looked up by its SHA-256, so the time of the comparison tells nothing about a token.
  func require(_ scope: String, _ request: HTTPRequest) async throws -> TokenGrant {
    guard let header = request.header("Authorization") else {
      throw Problem(status: 401, title: "Unauthorized", detail: "the header Authorization: Bearer TOKEN is missing")
    }
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else {
      throw Problem(status: 401, title: "Unauthorized", detail: "the Authorization header must be: Bearer TOKEN")
    }
    guard let grant = try await directory.grant(tokenHash: Digest.sha256(parts[1].utf8)) else {
      throw Problem(status: 401, title: "Unauthorized", detail: "the token is unknown or revoked")
    }
    try Self.require(scope, grant)
    return grant
  }

  static func require(_ scope: String, _ grant: TokenGrant) throws {
    guard grant.scopes.contains(scope) else {
      throw Problem(status: 403, title: "Forbidden", detail: "the token lacks the scope \(scope)")
    }
  }
}
