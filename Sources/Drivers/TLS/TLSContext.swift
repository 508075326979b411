internal import CSSL
import Glibc

/// What every connection of a client has in common: whom it trusts, and what it shows of itself. TLS 1.2 at least; the
/// server's certificate and its name are always checked.
///
/// The files are read once, when this is made.
public final class TLSContext: Sendable {
  /// OpenSSL counts its users with atomic numbers, and nothing changes it once it is made.
  nonisolated(unsafe) let context: OpaquePointer
  let files: TLSFiles

  /// - Throws: ``TLSError`` with code `badFile`, which names the file as ``TLSFiles`` does.
  public init(_ files: TLSFiles) throws(TLSError) {
    guard let context = SSL_CTX_new(TLS_client_method()) else { throw TLSError(.badFile, "OpenSSL has no TLS") }
    self.context = context
    self.files = files
    sevk_tls_defaults(context)
    ERR_clear_error()
    if let file = files.authorities {
      try Self.look(file)
      guard SSL_CTX_load_verify_file(context, file.path) == 1 else { throw Self.unreadable(file, "certificates") }
    } else {
      SSL_CTX_set_default_verify_paths(context)
    }
    guard let certificate = files.certificate, let key = files.key else {
      if let one = files.certificate ?? files.key {
        throw TLSError(.badFile, "\(one.name) is given alone; a certificate and its key belong together")
      }
      return
    }
    try Self.look(certificate)
    guard SSL_CTX_use_certificate_chain_file(context, certificate.path) == 1 else {
      throw Self.unreadable(certificate, "a certificate")
    }
    if let own = SSL_CTX_get0_certificate(context), X509_cmp_current_time(X509_get0_notAfter(own)) < 0 {
      throw TLSError(.badFile, "the certificate in \(certificate.name) (\(certificate.path)) has expired")
    }
    try Self.look(key)
    var isLocked: Int32 = 0
    // OpenSSL compares the two here already.
    guard sevk_tls_use_key(context, key.path, &isLocked) == 1 else {
      guard isLocked == 0 else {
        throw TLSError(.badFile, "\(key.name): \(key.path) is encrypted, and nobody is asked for its passphrase")
      }
      throw Self.unreadable(key, "a private key", certificate)
    }
  }

  deinit { SSL_CTX_free(context) }

  private static func look(_ file: TLSFiles.File) throws(TLSError) {
    let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw TLSError(.badFile, "\(file.name): cannot read \(file.path): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
  }

  private static func unreadable(_ file: TLSFiles.File, _ wanted: String, _ certificate: TLSFiles.File? = nil)
    -> TLSError
  {
    defer { ERR_clear_error() }
    var error = ERR_get_error()
    while error != 0 {
      if let certificate, sevk_tls_error_library(error) == ERR_LIB_X509,
        [X509_R_KEY_VALUES_MISMATCH, X509_R_KEY_TYPE_MISMATCH].contains(sevk_tls_error_reason(error))
      {
        return TLSError(
          .badFile, "\(file.name) (\(file.path)) is the key of another certificate than \(certificate.name)")
      }
      error = ERR_get_error()
    }
    return TLSError(.badFile, "\(file.name): \(file.path) is not \(wanted) in PEM")
  }
}
