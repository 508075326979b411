public import Orders

/// One product as a provider lists it.
public struct CatalogItem: Sendable, Equatable {
  /// The provider's row id. Not what an order names the product by: that is ``parameters``.
  public var id: String
  public var name: String
  public var details: String
  public var game: String
  /// What one unit costs the dealer; nil when the provider's figure can't be read.
  public var cost: Money?
  /// What a route to this product must send: `["oyun": "1", "kupur": "60"]`.
  public var parameters: [String: String]
  /// Another row has the same parameters, so that an order can't say which of them it wants.
  public var isAmbiguous: Bool
  /// Why no route may be made from this row, in words; nil when one may.
  public var problem: String?

  public init(
    id: String, name: String, details: String = "", game: String, cost: Money?, parameters: [String: String],
    isAmbiguous: Bool = false, problem: String? = nil
  ) {
    self.id = id
    self.name = name
    self.details = details
    self.game = game
    self.cost = cost
    self.parameters = parameters
    self.isAmbiguous = isAmbiguous
    self.problem = problem
  }

  /// Whether a route may be made from this row.
  public var isMappable: Bool { !isAmbiguous && problem == nil }
}

/// Why a provider's catalogue could not be had.
public struct CatalogError: Error, CustomStringConvertible, Equatable {
  /// What was seen, without secrets.
  public let description: String
  public init(_ description: String) { self.description = description }
}
