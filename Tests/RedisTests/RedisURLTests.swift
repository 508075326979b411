import Redis
import Testing

@Suite struct RedisURLTests {
  @Test(arguments: [
    ("redis://127.0.0.1:6380/2", "127.0.0.1:6380 database 2"),
    ("redis://example.org", "example.org:6379"),
    ("redis://[::1]:7000/", "::1:7000"),
    ("redis://user:p%40ss%2Fword@example.org:1/0", "example.org:1"),
    ("redis://:secret@example.org", "example.org:6379"),
    ("unix:///run/redis.sock", "/run/redis.sock"),
    ("unix:///run/a%20b.sock?db=3", "/run/a b.sock database 3"),
    ("unix://:secret@/run/redis.sock", "/run/redis.sock"),
    ("unix:///run/a@b.sock", "/run/a@b.sock"),
    ("rediss://:secret@example.org/1", "example.org:6379 database 1"),
    (
      "redis+sentinel://u:secret@a,b:26380,[::1]/orders/2",
      "the master orders of the sentinels a:26379,b:26380,::1:26379 database 2"
    ),
    ("rediss+sentinel://a/my%20one", "the master my one of the sentinels a:26379"),
    ("redis+cluster://u:secret@a,b:7000,[::1],a:6379/0", "the cluster of a:6379,b:7000,::1:6379"),
    ("rediss+cluster://a", "the cluster of a:6379"),
  ])
  func saysWhereButNoPassword(text: String, shown: String) throws {
    #expect(try RedisURL(text).description == shown)
  }

  @Test(arguments: [
    ("127.0.0.1:6379", "no scheme"), ("redis+cluster://:hidden@a,,b", "no host"),
    ("redis+cluster://a/2", "no database but 0"), ("redis-cluster://:hidden@a", "expected redis+cluster"),
    ("redis+cluster://a:hidden", "port"),
    ("redis://a,hidden", "several hosts"), ("redis://:hid/den@host", "percent-encoded"),
    ("redis+sentinel://a,b", "no master"), ("redis+sentinel://a,,b/m", "no host"),
    ("redis+sentinel://a/m/hidden", "database"),
    ("http://hidden@host", "scheme is http"),
    ("redis://", "no host"), ("redis://host:0", "port"), ("redis://host:hidden", "port"),
    ("redis://host/hidden", "database"), ("redis://hidden@host", "no password"), ("redis://:hid%2den%zz@host", "%"),
    ("unix://relative/path", "absolute path"), ("unix:///path?hidden=1", "db"), ("redis://host?db=1", "parameters"),
  ])
  func saysWhatIsWrongWithoutTheText(text: String, wanted: String) {
    let error = #expect(throws: RedisError.self) { try RedisURL(text) }
    #expect(error?.code == .invalidURL)
    #expect(error?.description.contains(wanted) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("hidden") == false)
  }
}
