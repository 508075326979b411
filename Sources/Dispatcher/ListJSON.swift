import CommandLine
import Orders
import Store
import Webhooks

/// What the lists of the set-up are for scripts; `ops/CLI.md` has each. No credential and no token is ever in one.
enum ListJSON {
  static func tenant(_ tenant: Setup.ListedTenant) -> String {
    JSONText.object([
      "name": JSONText.quote(tenant.name), "created_at": JSONText.quote(tenant.createdAt), "tokens": "\(tenant.tokens)",
      "products": "\(tenant.products)", "sandbox": "\(SandboxTenant.isOne(tenant.name))",
      "page_name": tenant.pageName.map { JSONText.quote($0) },
      "page_colour": tenant.pageColour.map { JSONText.quote($0) },
      "page_logo_bytes": tenant.pageLogoBytes.map { "\($0)" }, "page_pin": "\(tenant.pageShowsPin)",
    ])
  }

  static func token(_ token: Setup.ListedToken) -> String {
    JSONText.object([
      "number": "\(token.id)", "tenant": token.isOfDashboard ? nil : JSONText.quote(token.tenant),
      "name": JSONText.quote(token.name), "prefix": JSONText.quote(token.prefix),
      "scopes": JSONText.array(token.scopes.split(separator: ",").map { JSONText.quote($0) }),
      "created_at": JSONText.quote(token.createdAt), "last_used_at": token.lastUsedAt.map { JSONText.quote($0) },
      "expires_at": token.expiresAt.map { JSONText.quote($0) }, "expired": "\(token.isExpired)",
      "revoked_at": token.revokedAt.map { JSONText.quote($0) }, "rotated_to": token.replacedBy.map { "\($0)" },
      "rate_per_second": token.ratePerSecond.map { "\($0)" }, "rate_burst": token.rateBurst.map { "\($0)" },
    ])
  }

  /// - Parameter desk: whom it offers orders to, where it is one.
  static func provider(_ provider: Provider, desk: Setup.Desk? = nil) -> String {
    func milliseconds(_ duration: Duration?) -> String? { duration.map { "\($0.milliseconds)" } }
    return JSONText.object([
      "name": JSONText.quote(provider.name), "adapter": JSONText.quote(provider.adapter),
      "base_url": JSONText.quote(provider.baseURL),
      "credentials": JSONText.array(provider.credentials.keys.sorted().map { JSONText.quote($0) }),
      "timeout_ms": milliseconds(provider.timeout), "concurrency": "\(provider.concurrencyMax)",
      "rate_per_second": provider.ratePerSecond.map { "\($0)" },
      "trust_not_found_after_ms": milliseconds(provider.trustNotFoundAfter),
      "check_first_delay_ms": milliseconds(provider.checkFirst),
      "check_backoff_ms": milliseconds(provider.checkBackoff),
      "check_backoff_max_ms": milliseconds(provider.checkBackoffMax),
      "check_deadline_ms": milliseconds(provider.checkDeadline),
      "decimal_mark": provider.decimalMark.map { JSONText.quote($0.rawValue) },
      "currency": provider.currency.map { JSONText.quote($0) },
      "failover_after_ms": milliseconds(provider.failoverAfter),
      "second_look_ms": provider.secondLooks.map { JSONText.array($0.map { "\($0.milliseconds)" }) },
      "balance": provider.balance.map { JSONText.quote($0.description) }, "paused": "\(provider.pausedAt != nil)",
      "desk": desk.map { ProviderDesk.json($0) },
    ])
  }

  /// One whose credentials can't be read, so that no process can use it.
  static func unreadable(_ name: String, _ reason: String) -> String {
    JSONText.object(["name": JSONText.quote(name), "unreadable": JSONText.quote(reason)])
  }

  static func endpoint(_ endpoint: EndpointRow) -> String {
    JSONText.object([
      "tenant": JSONText.quote(endpoint.tenant), "name": JSONText.quote(endpoint.name),
      "url": JSONText.quote(endpoint.url), "types": JSONText.array(endpoint.types.map { JSONText.quote($0) }),
      "rate": endpoint.ratePerSecond.map { JSONText.quote("\($0)/s") }, "latest_only": "\(endpoint.latestOnly)",
      "sealed_to": endpoint.sealedTo.map { JSONText.quote($0) },
      "state": JSONText.quote(endpoint.health.condition.rawValue), "waiting": "\(endpoint.waiting)",
    ])
  }
}
