internal import CSSL

/// What OpenSSL's numbers mean for an operator.
enum TLSWords {
  /// - Parameters:
  ///   - reason: of the error; the alerts of the other side are 1000 and their number (RFC 8446, section 6).
  ///   - verified: what came of the check of the server's certificate.
  static func error(reason: Int32, isOfTLS: Bool, text: String, verified: Int, host: String, files: TLSFiles)
    -> TLSError
  {
    guard isOfTLS else { return TLSError(.broken, "broke the TLS connection: \(text)") }
    switch reason {
    case SSL_R_CERTIFICATE_VERIFY_FAILED: return TLSError(.notTrusted, untrusted(verified, host, files))
    case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_UNEXPECTED_MESSAGE:
      return TLSError(.noTLS, "answers without TLS")
    case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return TLSError(.notTrusted, "speaks no TLS of version 1.2 or later")
    // Before TLS 1.3 a server without our certificate just says that the handshake failed.
    case 1116, 1040, 1041, 1042, 1043, 1044, 1045, 1046, 1048, 1049:
      return TLSError(.notTrusted, refused(reason, text, files))
    default: return TLSError(isAlert(reason) ? .notTrusted : .broken, "broke the TLS connection: \(text)")
    }
  }

  private static func isAlert(_ reason: Int32) -> Bool { (1000...1255).contains(reason) }

  private static func untrusted(_ result: Int, _ host: String, _ files: TLSFiles) -> String {
    switch Int32(result) {
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "shows a certificate that is not for \(host)"
    case X509_V_ERR_CERT_HAS_EXPIRED: return "shows a certificate that has expired, or its CA's has"
    case X509_V_ERR_CERT_NOT_YET_VALID: return "shows a certificate that is not yet valid; is a clock wrong?"
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
      X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_CERT_SIGNATURE_FAILURE:
      guard let file = files.authorities else {
        return "shows a certificate of a CA that this machine does not know; \(files.names.authorities) can name it"
      }
      return "shows a certificate that no CA in \(file.name) (\(file.path)) has signed"
    default: return "shows a certificate that is not valid: \(String(cString: X509_verify_cert_error_string(result)))"
    }
  }

  private static func refused(_ reason: Int32, _ text: String, _ files: TLSFiles) -> String {
    guard let own = files.certificate else {
      return "wants a certificate of this side; \(files.names.certificate) and its key can name one (\(text))"
    }
    return switch reason {
    case 1045: "refuses the certificate in \(own.name) (\(own.path)): it has expired"
    case 1048: "refuses the certificate in \(own.name) (\(own.path)): it does not know its CA"
    default: "refuses the certificate in \(own.name) (\(own.path)): \(text)"
    }
  }
}
