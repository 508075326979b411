public import CommandLine
public import Redis
import TLS

extension Settings {
  /// Where Redis is and how it is reached: the one place where each process and command reads that.
  ///
  /// - Throws: ``UsageError`` that names the variable; it repeats no URL.
  public func redisURL() throws(UsageError) -> RedisURL {
    let url = Setting.redisURL
    let text = try string(url)
    let files = [Setting.redisCA, .redisCertificate, .redisKey]
    // Who uses no TLS is spared its memory.
    let tls = text.lowercased().hasPrefix("rediss") || files.contains(where: isGiven) ? try redisTLS() : nil
    let credentials = try sentinelCredentials()
    let read: RedisURL
    do throws(RedisError) { read = try RedisURL(text, tls: tls, sentinelCredentials: credentials) } catch {
      throw UsageError("\(url.variable) (or \(url.flag)): \(error)")
    }
    if !read.isTLS, let file = files.first(where: isGiven) {
      throw UsageError(
        "\(file.variable) (or \(file.flag)) is set, and \(url.variable) uses no TLS: it begins with rediss://"
          + (read.isSentinel ? " or rediss+sentinel://" : read.isCluster ? " or rediss+cluster://" : "")
          + " where it does")
    }
    if !read.isSentinel, let one = [Setting.sentinelPassword, .sentinelUser].first(where: isGiven) {
      throw UsageError(
        "\(one.variable) (or \(one.flag)) is set, and \(url.variable) names no sentinels: it begins with"
          + " redis+sentinel:// where it does")
    }
    return read
  }

  private func redisTLS() throws(UsageError) -> TLSContext {
    func file(_ setting: Setting) throws(UsageError) -> TLSFiles.File? {
      guard isGiven(setting) else { return nil }
      return TLSFiles.File(try string(setting), name: setting.variable)
    }
    let files = TLSFiles(
      authorities: try file(.redisCA), certificate: try file(.redisCertificate), key: try file(.redisKey),
      names: (Setting.redisCA.variable, Setting.redisCertificate.variable))
    guard files.certificate == nil || files.key != nil else {
      throw UsageError(
        "\(Setting.redisCertificate.variable) is set, and \(Setting.redisKey.variable) is not; both or none")
    }
    guard files.key == nil || files.certificate != nil else {
      throw UsageError(
        "\(Setting.redisKey.variable) is set, and \(Setting.redisCertificate.variable) is not; both or none")
    }
    do { return try TLSContext(files) } catch { throw UsageError(error.description) }
  }

  private func sentinelCredentials() throws(UsageError) -> RedisCredentials? {
    guard isGiven(.sentinelPassword) else {
      guard isGiven(.sentinelUser) else { return nil }
      throw UsageError("\(Setting.sentinelUser.variable) is set, and \(Setting.sentinelPassword.variable) is not")
    }
    return RedisCredentials(
      user: isGiven(.sentinelUser) ? try string(.sentinelUser) : nil, password: try secret(.sentinelPassword))
  }
}
