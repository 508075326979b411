import Orders

/// What the panel sells.
struct Product: Equatable {
  let row: Int
  let oyun: Int
  let kupur: String
  let game: String
  let name: String
  let price: Money
  /// False for a top-up of the player's account: it completes with a dash where the PIN would be.
  let hasPin: Bool

  static let all: [Product] = [
    Product(row: 101, oyun: 1, kupur: "60", game: "PUBG Mobile", name: "60 UC", price: .lira(32.50), hasPin: true),
    Product(row: 102, oyun: 1, kupur: "325", game: "PUBG Mobile", name: "325 UC", price: .lira(158.75), hasPin: true),
    Product(row: 103, oyun: 2, kupur: "475", game: "Valorant", name: "475 VP", price: .lira(129.90), hasPin: true),
    Product(row: 104, oyun: 2, kupur: "1000", game: "Valorant", name: "1000 VP", price: .lira(259.90), hasPin: true),
    Product(
      row: 105, oyun: 3, kupur: "86", game: "Mobile Legends", name: "86 Elmas (doğrudan yükleme)",
      price: .lira(41.25), hasPin: false),
  ]

  /// By `oyun|kupur`.
  static let byKey = Dictionary(uniqueKeysWithValues: all.map { ("\($0.oyun)|\($0.kupur)", $0) })

  /// What a ZDK store names a product by.
  static let byRow = Dictionary(uniqueKeysWithValues: all.map { ("\($0.row)", $0) })

  /// Top-ups of phones, by the panel's code.
  static let topUps = [
    "100": Product(row: 201, oyun: 0, kupur: "100", game: "Turkcell", name: "100 TL", price: .lira(97), hasPin: false),
    "200": Product(
      row: 202, oyun: 0, kupur: "200", game: "Turkcell", name: "200 TL", price: .lira(193.5), hasPin: false),
  ]

  /// A bill of the institution 12, at a price of its own.
  static func bill(_ amount: Money) -> Product {
    Product(row: 301, oyun: 12, kupur: "", game: "Fatura", name: "Elektrik", price: amount, hasPin: false)
  }

  /// A ZDK store's list.
  static func stock(price: (Product) -> Money) -> String {
    let rows = all.map { product in
      #"{"id":\#(product.row),"name":\#(product.name.jsonQuoted),"price":\#(price(product)),"params":["playerId"],"#
        + #""category_name":\#(product.game.jsonQuoted),"available":true,"qty_values":null,"product_type":"package"}"#
    }
    return "[\(rows.joined(separator: ","))]"
  }

  /// The reply of pin_listesi.
  static func listing(price: (Product) -> Money) -> String {
    let rows = all.map { product in
      #"{"id":"\#(product.row)","adi":"\#(product.name)","aciklama":"","oyun_id":"\#(product.oyun)","#
        + #""oyun_adi":"\#(product.game)","fiyat":"\#(price(product))","kupur":"\#(product.kupur)","#
        + #""oyun_bilgi_id":"\#(product.oyun)"}"#
    }
    return #"{"success":true,"result":[\#(rows.joined(separator: ","))],"error":""}"#
  }
}

extension Money {
  fileprivate static func lira(_ amount: Double) -> Money {
    Money(tenThousandths: Int64((amount * 10_000).rounded()))
  }
}
