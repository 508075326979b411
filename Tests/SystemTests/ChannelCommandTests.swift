import PrivateServers
import TestSupport
import Testing

/// What the commands of channels refuse, and that they say which flag is meant.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ChannelCommandTests {
  @Test func mistakesAreNamed() async throws {
    let sevk = try await Installation.make()
    _ = try await sevk.startMessages()
    let bot = ["channel", "add", "b", "--adapter", "telegram"]
    let rule = ["notify", "add", "--tenant", "shop", "--on", "sevk.order.completed", "--channel", "bot"]
    let text = [
      "notify", "text", "--tenant", "shop", "--on", "sevk.order.completed", "--to", "customer", "--language", "en",
    ]
    let cases: [([String], String)] = [
      (["channel", "add"], "NAME is missing"), (["channel", "add", "b"], "--adapter is missing"),
      (["channel", "add", "b", "--adapter", "fax"], "--adapter fax is not known; it can be email, smsc, telegram"),
      (bot, "--credential token=… is missing"),
      (bot + ["--credential", "token=x"], "--credential token must be as BotFather gives it"),
      (bot + ["--credential", "token=1:a", "--credential", "pin=1"], "--credential pin is not known"),
      (bot + ["--credential", "token=1:a", "--base-url", "http://8.8.8.8"], "--base-url must begin with https://"),
      (bot + ["--credential", "token=1:a", "--base-url", "https://10.0.0.1"], "which is not a public address"),
      (bot + ["--credential", "token=1:a", "--base-url", "smtp://x"], "--base-url must be a URL that begins with"),
      (["channel", "add", "m", "--adapter", "email", "--credential", "from=a@b.example"], "--base-url is missing"),
      (
        [
          "channel", "add", "m", "--adapter", "email", "--base-url", "smtp://u:p@m.example", "--credential",
          "from=a@b.example",
        ],
        "--base-url must be just a mail server"
      ),
      (
        [
          "channel", "add", "m", "--adapter", "email", "--base-url", "http://m.example", "--credential",
          "from=a@b.example",
        ],
        "--base-url must be a mail server"
      ),
      (
        [
          "channel", "add", "m", "--adapter", "email", "--base-url", "smtp://10.0.0.1:25", "--credential",
          "from=a@b.example",
        ],
        "which is not a public address"
      ),
      (
        ["channel", "add", "m", "--adapter", "email", "--base-url", "smtp://m.example", "--credential", "from=a b"],
        "--credential from must be such as"
      ),
      (
        ["channel", "add", "bot", "--adapter", "telegram", "--credential", "token=1:a"],
        "there already is a channel named bot"
      ),
      (
        ["channel", "add", "B!", "--adapter", "telegram", "--credential", "token=1:a"],
        "a channel's name is 1 to 63 characters"
      ),
      (["channel", "set", "bot"], "nothing to change"),
      (["channel", "set", "none", "--credential", "token=1:a"], "there is no channel named none"),
      (["channel", "test", "bot", "--to", "x y"], "--to x y is no chat"),
      (["channel", "test", "mail"], "--to is missing"),
      (["channel", "test", "sms", "--webhook", "https://x.example"], "--webhook is for telegram"),
      (rule, "--to is missing"), (rule + ["--to", "all"], "--to all is not known; it can be customer, partner, ops"),
      (rule + ["--to", "ops"], "--address is missing"),
      (rule + ["--to", "ops", "--address", "x y"], "--address x y is no chat"),
      (rule + ["--to", "customer", "--address", "5"], "--address goes with --to ops alone"),
      (rule + ["--to", "customer", "--language", "de"], "--language de is not known"),
      (rule + ["--to", "customer", "--on", "sevk.order.complete"], "did you mean sevk.order.completed?"),
      (rule + ["--to", "customer", "--on", "sevk.provider.down"], "is for people who run things: --to ops"),
      (["notify", "add", "--tenant", "shop", "--to", "customer", "--channel", "bot"], "--on is missing"),
      (
        ["notify", "add", "--tenant", "none", "--to", "customer", "--channel", "bot", "--on", "order.sent"],
        "there is no tenant named none"
      ),
      (["notify", "remove", "--tenant", "shop", "--to", "customer", "--channel", "bot"], "nobody is told that"),
      (text, "--text is missing, or --remove"),
      (text + ["--text", "a {price}"], "--text has a place {price}; there are {shop}"),
      (text + ["--text", "@/none"], "--text: /none"), (text + ["--text", "a", "--remove"], "don't go together"),
    ]
    for (words, error) in cases {
      let result = try sevk.command("dispatcher", words)
      #expect(result.code == 64 && result.errors.contains(error), "\(words): \(result.code) \(result.errors)")
    }
    try sevk.require("dispatcher", rule + ["--to", "customer"])
    let kept = try sevk.command("dispatcher", ["channel", "remove", "bot"])
    #expect(kept.code == 1 && kept.errors.contains("by it are told shop customer"), "\(kept.errors)")
    let tenant = try sevk.command("dispatcher", ["tenant", "remove", "shop", "--yes"])
    #expect(tenant.code == 1 && tenant.errors.contains("notify customer by bot"), "\(tenant.errors)")
    // Nothing of a sandbox reaches anybody outside.
    _ = try sevk.createToken("orders:write", tenant: "shop", ["--sandbox"])
    let sandbox = rule.map { $0 == "shop" ? "shop:sandbox" : $0 }
    let refused = try sevk.command("dispatcher", sandbox + ["--to", "customer"])
    #expect(refused.code == 64 && refused.errors.contains("nothing of a sandbox reaches"), "\(refused.errors)")
    try sevk.require("dispatcher", sandbox + ["--to", "ops", "--address", "5"])
    try sevk.require("dispatcher", ["notify", "remove", "--tenant", "shop", "--to", "customer", "--channel", "bot"])
    try sevk.require("dispatcher", ["notify", "remove", "--tenant", "shop:sandbox", "--to", "ops", "--channel", "bot"])
    try sevk.require("dispatcher", ["channel", "remove", "bot"])
    await sevk.stop()
  }
}
