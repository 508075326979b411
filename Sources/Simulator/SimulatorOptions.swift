import Orders

/// What the command line says.
struct SimulatorOptions: Equatable {
  enum UnknownReference: String, CaseIterable { case empty, bare3, cancelled }
  enum Parsed: Equatable {
    case run(SimulatorOptions)
    case help
    case wrong(String)
  }

  var host = "127.0.0.1"
  var port = 9090
  var kod = "5550000001"
  var sifre = "demo-secret"
  /// Of the ZDK store.
  var token = "demo-token"
  /// Further dealers, with the same password and a balance of their own.
  var dealers: [String] = []
  var balance = Money(tenThousandths: 1_000_000_000)
  var seed: UInt64 = 1
  var completeAfter: Duration = .seconds(2)
  var cancelRate = 0.0
  /// How long the panel works on a send before it answers.
  var sendTakes: Duration = .zero
  /// By how much an answer is late that the fault `answer-late` strikes.
  var lateBy: Duration = .seconds(3)
  /// Whether one PIN of sixteen spells a word that reads as an error.
  var hasWordPins = true
  /// Whether a store's rows name the order_uuid beside the store's own id: some do.
  var namesUUIDs = true
  var unknownReference = UnknownReference.bare3
  var faults: [Fault: FaultRate] = [:]

  static let help = """
    simulator: a znet dealer panel (PINs, top-ups, bills), a ZDK store, a Turkpin, Reloadly, DT One and another shop on the
    same books, with seeded faults and an audit of every debit; `simulator messages --help` is what tells people

      --address HOST:PORT        where to listen; port 0 picks one (127.0.0.1:9090)
      --kod KOD                  the dealer's login (5550000001)
      --sifre SIFRE              the dealer's password (demo-secret)
      --token TOKEN              the ZDK store's api-token (demo-token)
      --dealer KOD               repeatable: another dealer, with the same password and a balance of his own
      --balance AMOUNT           the balance to begin with (100000)
      --seed N                   decides PINs, cancellations and faults (1)
      --complete-after DURATION  from an order to its end, give or take a fifth: 250ms, 2s, 1m (2s)
      --send-takes DURATION      from a send to its answer: 10ms, 1s (none)
      --late-by DURATION         how late the answers are that the fault answer-late strikes (3s)
      --cancel-rate RATE         the share of orders that end cancelled, 0 to 1 (0)
      --unknown-reference HOW    how pin_kontrol answers for an unknown reference: bare3, empty or cancelled (bare3)
      --word-pins yes|no         whether one PIN of sixteen begins with the panel's word for an error (yes)
      --name-uuids yes|no        whether a store's rows repeat our order_uuid beside its own id (yes)
      --fault NAME=RATE          repeatable; RATE is 0 to 1, or #N for the next N times
      --help

    Faults: \(Fault.allCases.map(\.rawValue).joined(separator: ", "))

    Panel:  GET /servis/pin_ekle.php, pin_kontrol.php, bakiye_kontrol.php, pin_listesi.php
            GET /servis/tl_servis.php, tl_kontrol.php (kontor 100 or 200), fatura_ekle.php, fatura_kontrol.php (kurum_id 12)
    Store:  GET /client/api/newOrder/ID/params, check, profile, products; takes the money of --kod
    Reloadly: POST /oauth/token, /topups-async (operatorId 100 or 200), /orders; GET /topups/reports/transactions,
            /reports/transactions, /orders/transactions/ID/cards, /accounts/balance; client_id is --kod, client_secret --sifre
    DT One: POST /v1/async/transactions, /v1/async/transactions/ID/confirm; GET /v1/transactions, /v1/balances; key is
            --kod, secret --sifre. The lists of both without a reference have everything of a time, page by page
    Shop:   POST /client/api/newOrder/ID/params, GET check?orders=UUID, /api-dj/users/profile, /api-dj/products; as the store's
    Turkpin: POST /api.php (epinSiparisYarat, siparisDurumu, balance, epinOyunListesi); --kod and --sifre are its login
    Audit:  GET /_audit, GET /_audit?summary=1
    Control: GET and POST /_faults {"lose-answer": 0.2, "stall": "#1"}
             GET /_statement?from=TIME&to=TIME&dealer=KOD: the same in CSV, a line a debit
             POST /_settle {"reference": "…", "state": "completed" or "cancelled"}
             POST /_balance {"add": "100"} or {"set": "100"}, for each dealer; with "dealer": "KOD" for one
             POST /_prices {"percent": "110"} of the catalogue
             POST /_notices {"urls": "http://… http://…", "form": "dtone" or "reloadly", "lies": "0.3"}: from then on each change is
             posted there, and by others that share of lies
    """

  static func parse(_ arguments: [String]) -> Parsed {
    var options = SimulatorOptions()
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--help" || argument == "-h" { return .help }
      // Both `--seed 7` and `--seed=7`; a fault's own `=` stays in its value.
      var flag = argument
      var value: String?
      if argument.hasPrefix("--"), let mark = argument.firstIndex(of: "=") {
        flag = String(argument[..<mark])
        value = String(argument[argument.index(after: mark)...])
      }
      guard flags.contains(flag) else { return .wrong("unknown flag \(flag)") }
      guard let value = value ?? rest.popFirst() else { return .wrong("\(flag) needs a value") }
      if let problem = options.set(flag, value) { return .wrong("\(flag) \(value): \(problem)") }
    }
    return .run(options)
  }

  private static let flags: Set<String> = [
    "--address", "--kod", "--sifre", "--balance", "--seed", "--complete-after", "--send-takes", "--cancel-rate",
    "--unknown-reference", "--fault", "--dealer", "--late-by", "--token", "--word-pins",
    "--name-uuids",
  ]

  /// What is wrong with the value; nil when nothing is.
  private mutating func set(_ flag: String, _ value: String) -> String? {
    switch flag {
    case "--address":
      guard let mark = value.lastIndex(of: ":"), let port = UInt16(value[value.index(after: mark)...]),
        mark > value.startIndex
      else { return "expected HOST:PORT" }
      host = String(value[..<mark])
      self.port = Int(port)
    case "--kod":
      kod = value
    case "--sifre":
      sifre = value
    case "--token":
      token = value
    case "--dealer":
      dealers.append(value)
    case "--name-uuids":
      guard ["yes", "no"].contains(value) else { return "expected yes or no" }
      namesUUIDs = value == "yes"
    case "--word-pins":
      guard ["yes", "no"].contains(value) else { return "expected yes or no" }
      hasWordPins = value == "yes"
    case "--late-by":
      guard let duration = Duration(words: value) else { return "expected a duration such as 500ms or 3s" }
      lateBy = duration
    case "--balance":
      guard let money = Money(parsing: value) else { return "expected an amount such as 1000.50" }
      balance = money
    case "--seed":
      guard let number = UInt64(value) else { return "expected a whole number" }
      seed = number
    case "--complete-after":
      guard let duration = Duration(words: value) else { return "expected a duration such as 250ms or 2s" }
      completeAfter = duration
    case "--send-takes":
      guard let duration = Duration(words: value) else { return "expected a duration such as 10ms or 1s" }
      sendTakes = duration
    case "--cancel-rate":
      guard let rate = Double(value), (0...1).contains(rate) else { return "expected a rate from 0 to 1" }
      cancelRate = rate
    case "--unknown-reference":
      guard let how = UnknownReference(rawValue: value) else { return "expected bare3, empty or cancelled" }
      unknownReference = how
    default:
      let parts = value.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { return "expected NAME=RATE" }
      guard let fault = Fault(rawValue: String(parts[0])) else { return "no fault is named \(parts[0])" }
      guard let rate = FaultRate(parts[1]) else { return "expected a rate from 0 to 1, or #N" }
      faults[fault] = rate
    }
    return nil
  }
}
