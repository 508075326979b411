// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is held to the same rules: Swift 6 mode, explicit existentials, and imports that
/// stay inside the module unless they are said to be public.
let rules: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  // Lets `ops/chaos --prove` take a protection away; release builds have no such code.
  .define("SEVK_SABOTAGE", .when(configuration: .debug)),
  // Lets a process be killed at a named point. `ops/chaos` sets it for its own release builds; others have no such code.
  .define("SEVK_CRASH_POINTS", .when(configuration: .debug)),
  // Specialises generics of one module in another: the processes take some 5 % less CPU an order.
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// A C library from Debian, with the inline shims that Swift needs to call it.
func system(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func driver(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/Drivers/\(name)", swiftSettings: rules)
}

func library(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []
) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: rules)
}

func program(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []
) -> Target {
  .executableTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: rules)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: rules)
}

/// What `ops/fuzz` and the replay of its corpus read with.
let fuzzed: [Target.Dependency] = [
  "API", "Adapters", "Cipher", "CommandLine", "CustomerPage", "Dispatcher", "EventLoop", "HTTPClient", "HTTPServer",
  "Orders", "Redis", "Store",
  "WebSocket", "Webhooks",
]

/// What providers' answers mean, as tables that their adapters read by.
let contracts = [
  "DTOne/dtone", "Internal/internal", "Reloadly/reloadly", "Turkpin/turkpin", "Zdk/zdk", "Znet/znet",
  "ZnetFatura/znet-fatura", "ZnetTl/znet-tl",
]

let package = Package(
  name: "sevk",
  products: [
    .executable(name: "dispatcher", targets: ["Dispatcher"]),
    .executable(name: "worker", targets: ["Worker"]),
    .executable(name: "scheduler", targets: ["Scheduler"]),
    .executable(name: "gateway", targets: ["Gateway"]),
    .executable(name: "simulator", targets: ["Simulator"]),
    .executable(name: "chaos", targets: ["Chaos"]),
    .library(name: "ChaosShim", type: .dynamic, targets: ["ChaosShim"]),
    .executable(name: "bench", targets: ["Bench"]),
  ],
  targets: [
    // C libraries; each is imported by exactly one Swift target.
    system("CUV", pkgConfig: "libuv", apt: "libuv1-dev"),
    system("CHiredis", apt: "libhiredis-dev"),
    system("CPostgres", pkgConfig: "libpq", apt: "libpq-dev"),
    system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
    system("CSSL", pkgConfig: "libssl", apt: "libssl-dev"),
    system("CWslay", apt: "libwslay-dev"),
    system("CExpat", apt: "libexpat1-dev"),
    system("CYAML", apt: "libyaml-dev"),
    system("CQREncode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    // The call that puts a thread into a network namespace, for `ops/chaos --hosts`.
    .systemLibrary(name: "CNamespace", path: "Sources/System/CNamespace"),
    // What the programs say of their build.
    .target(
      name: "CVersion", path: "Sources/System/CVersion",
      cSettings: Context.environment["SEVK_COMMIT"].map { $0.filter { $0.isHexDigit || ".+-dirty".contains($0) } }
        .map { $0.isEmpty ? [] : [.define("SEVK_COMMIT", to: "\"\($0)\"")] }),
    // This one is sources of Debian's (node-llhttp) and no library.
    .target(name: "CLLHTTP", path: "Sources/System/CLLHTTP"),

    // Preloaded by `ops/chaos` into the programs that it tests, and never linked to one.
    .target(
      name: "ChaosShim", path: "Sources/System/ChaosShim",
      // SwiftPM would link Swift's runtime to it, and so load that into PostgreSQL and Redis.
      linkerSettings: [.unsafeFlags(["-static-stdlib", "-nostartfiles", "-Xlinker", "--as-needed"])]),

    // Drivers: those libraries made into async Swift.
    driver("EventLoop", ["CUV"]),
    driver("TLS", ["CSSL", "EventLoop"]),
    driver("Redis", ["CHiredis", "EventLoop", "TLS"]),
    driver("Postgres", ["CPostgres", "EventLoop"]),
    driver("HTTPClient", ["CCurl", "CZlib", "EventLoop"]),
    driver("HTTPServer", ["CLLHTTP", "EventLoop"]),
    driver("Cipher", ["COpenSSL"]),
    driver("YAML", ["CYAML"]),
    driver("QRCode", ["CQREncode"]),
    driver("WebSocket", ["CWslay", "Cipher", "EventLoop", "HTTPServer"]),

    // Pure: no driver, no C, no clock of its own.
    library("Orders", []),
    library("Jobs", []),
    // Every kind of job that Sevk has, and the queues.
    library("Kinds", ["Jobs"]),

    // Where a process may be made to die.
    library("CrashPoints", []),

    library("Queue", ["Jobs", "Redis", "EventLoop"], resources: [.embedInCode("Scripts")]),
    library(
      "Store", ["Orders", "Postgres", "Cipher", "EventLoop"],
      resources: [.embedInCode("SQL"), .embedInCode("Migrations")]),
    // As pure, but for a C parser of bytes: the wire grammar of each provider.
    library("Adapters", ["CExpat", "Orders"], resources: contracts.map { .embedInCode("Providers/\($0).tsv") }),
    library("Calls", ["Orders", "Adapters", "HTTPClient", "EventLoop"]),
    // Arguments, settings, tables and what a command prints.
    library("CommandLine", ["CVersion", "EventLoop", "Orders", "Store"]),
    library("Telemetry", ["EventLoop", "HTTPClient", "Orders", "Jobs", "Store", "CommandLine"]),
    // What every process has: its start and stop, its connections, its health.
    library(
      "Process",
      [
        "EventLoop", "HTTPServer", "Orders", "Jobs", "Queue", "Redis", "TLS", "Postgres", "Store", "Cipher",
        "CommandLine", "Telemetry",
      ]),
    library(
      "ProviderGate",
      [
        "EventLoop", "HTTPClient", "Orders", "Jobs", "Redis", "Store", "Adapters", "Calls", "CommandLine", "Telemetry",
      ], resources: [.embedInCode("Scripts")]),
    // Sends, checks, reconciles.
    library(
      "OrderWork",
      [
        "EventLoop", "Orders", "Jobs", "Kinds", "Queue", "Postgres", "Redis", "Store", "Adapters", "Calls", "Telemetry",
        "ProviderGate", "CrashPoints",
      ]),
    // What events look like outside, and whom they go to.
    library(
      "Events", ["EventLoop", "Orders", "Redis", "Store", "CommandLine", "CrashPoints", "Telemetry"],
      resources: [.embedInCode("Scripts")]),
    // What every API over HTTP has: problems, queries, tokens, tickets.
    library(
      "API",
      [
        "Cipher", "CommandLine", "EventLoop", "HTTPClient", "HTTPServer", "Orders", "Redis", "Store", "Telemetry",
      ]),
    // Posts events to the endpoints of shops.
    library(
      "Webhooks",
      [
        "EventLoop", "HTTPClient", "Cipher", "Orders", "Jobs", "Kinds", "Redis", "Store", "CommandLine", "Telemetry",
        "Adapters",
      ]),
    // Tells people: customers, partners, those who run things.
    library(
      "Notify",
      ["Adapters", "EventLoop", "HTTPClient", "Jobs", "Kinds", "Orders", "Store", "Telemetry"]),
    // What people are told: why, story, overview.
    library(
      "Support",
      [
        "EventLoop", "Orders", "Jobs", "Kinds", "Queue", "Redis", "Store", "CommandLine", "Telemetry", "Process",
        "ProviderGate", "OrderWork", "Adapters", "Calls", "Cipher", "HTTPClient", "Postgres", "Webhooks",
      ]),

    // The page for ops and support, served by the dispatcher.
    library(
      "Dashboard",
      [
        "EventLoop", "HTTPServer", "Orders", "Jobs", "Redis", "Postgres", "Store", "Cipher", "CommandLine",
        "Telemetry", "Process", "Support", "Events", "OrderWork", "Queue", "ProviderGate",
      ],
      resources: [.embedInCode("Pages")]),

    // The page of an order for its customer, served by the gateway.
    library(
      "CustomerPage",
      [
        "API", "Adapters", "Cipher", "CommandLine", "EventLoop", "Events", "HTTPServer", "Orders", "QRCode", "Store",
        "Telemetry", "WebSocket",
      ],
      resources: [.embedInCode("Pages")]),

    program(
      "Dispatcher",
      [
        "API", "Dashboard", "Orders", "Jobs", "Kinds", "Store", "Adapters", "Calls", "CommandLine", "Telemetry",
        "Process",
        "ProviderGate", "OrderWork", "Events", "Support", "HTTPServer", "HTTPClient", "EventLoop", "Cipher", "Postgres",
        "Redis", "CrashPoints", "Webhooks", "Notify", "YAML",
      ], resources: [.embedInCode("OpenAPI")]),
    program(
      "Worker",
      [
        "Jobs", "Kinds", "Store", "Calls", "CommandLine", "Telemetry", "Process", "ProviderGate", "OrderWork",
        "Support", "HTTPClient", "EventLoop", "Notify", "Webhooks",
      ]),
    program(
      "Scheduler",
      [
        "Orders", "Jobs", "Kinds", "Queue", "Store", "CommandLine", "Telemetry", "Process", "ProviderGate", "OrderWork",
        "Support", "Events", "Redis", "EventLoop", "CrashPoints",
      ],
      resources: [.embedInCode("Scripts")]),
    program(
      "Gateway",
      [
        "API", "Adapters", "Cipher", "CommandLine", "CustomerPage", "EventLoop", "Events", "HTTPServer", "Kinds",
        "Notify", "OrderWork", "Orders", "Postgres", "Process", "Queue", "Redis", "Store", "Telemetry", "WebSocket",
      ]),
    program(
      "Simulator",
      ["HTTPClient", "HTTPServer", "EventLoop", "Orders"]),
    // Numbers that follow from a seed, for tests and chaos.
    library("Seeded", []),
    // Redis, PostgreSQL and a whole Sevk that a run starts for itself, for tests, chaos and bench.
    library("PrivateServers", ["EventLoop", "Redis", "Postgres", "TLS"]),
    program(
      "Bench",
      [
        "Cipher", "EventLoop", "HTTPClient", "HTTPServer", "Jobs", "Kinds", "Orders", "Postgres", "PrivateServers",
        "Queue", "Redis", "CommandLine", "Telemetry", "Process", "Store",
      ]),
    program(
      "Chaos",
      [
        "Adapters", "CNamespace", "Cipher", "CrashPoints", "EventLoop", "HTTPClient", "HTTPServer", "Jobs", "Orders",
        "Postgres", "PrivateServers", "Redis", "Seeded",
      ]),

    .target(
      name: "TestSupport", dependencies: ["EventLoop", "Redis", "Postgres", "Jobs", "PrivateServers"],
      path: "Tests/TestSupport",
      swiftSettings: rules),
    tests("EventLoopTests", ["EventLoop"]),
    tests("OrdersTests", ["Orders", "Jobs", "Seeded", "TestSupport"]),
    tests("JobsTests", ["Jobs", "Seeded", "TestSupport"]),
    tests("RedisTests", ["EventLoop", "PrivateServers", "Redis", "TLS", "TestSupport"]),
    tests("PostgresTests", ["Postgres", "EventLoop", "TestSupport"]),
    tests("HTTPTests", ["HTTPClient", "HTTPServer", "EventLoop", "TestSupport"]),
    tests("WebSocketTests", ["WebSocket", "HTTPServer", "EventLoop", "PrivateServers", "TestSupport"]),
    tests(
      "GatewayTests",
      [
        "Gateway", "API", "Adapters", "Cipher", "EventLoop", "Events", "HTTPClient", "HTTPServer", "Jobs", "Kinds",
        "OrderWork", "Orders", "Postgres", "Process", "Queue", "Redis", "Store", "Telemetry", "TestSupport",
        "WebSocket",
      ]),
    tests(
      "CustomerPageTests",
      [
        "API", "Cipher", "CustomerPage", "EventLoop", "Events", "HTTPServer", "Orders", "Postgres", "QRCode", "Store",
        "Telemetry", "CommandLine", "TestSupport",
      ]),
    tests("CipherTests", ["Cipher"]),
    tests("QueueTests", ["Queue", "Jobs", "PrivateServers", "Redis", "Seeded", "TestSupport"]),
    tests("StoreTests", ["Store", "Orders", "Postgres", "Cipher", "EventLoop", "TestSupport"]),
    tests(
      "AdaptersTests",
      ["Adapters", "Calls", "Orders", "HTTPClient", "HTTPServer", "EventLoop", "Seeded", "Simulator"]),
    tests(
      "SchedulerTests",
      [
        "Scheduler", "Adapters", "Calls", "Cipher", "Events", "CommandLine", "HTTPClient", "Simulator", "HTTPServer",
        "Jobs", "Kinds",
        "OrderWork", "Process", "ProviderGate", "Queue", "Support", "Store", "Postgres",
        "Orders", "PrivateServers", "Redis", "EventLoop", "Telemetry", "TestSupport",
      ]),
    tests("CommandLineTests", ["CommandLine", "Orders", "Seeded"]),
    tests("TelemetryTests", ["Telemetry", "CommandLine", "Orders", "EventLoop", "HTTPServer", "Seeded"]),
    tests(
      "ProviderGateTests",
      ["ProviderGate", "Queue", "Redis", "EventLoop", "TestSupport"]),
    tests(
      "DispatcherTests",
      [
        "API", "Dispatcher", "EventLoop", "Events", "HTTPServer", "Orders", "Postgres", "Redis", "Store", "Telemetry",
        "TestSupport",
      ]),
    tests(
      "WebhooksTests",
      ["Webhooks", "Cipher", "CommandLine", "HTTPClient", "HTTPServer", "EventLoop", "Orders", "Seeded", "Store"]),
    tests(
      "NotifyTests",
      [
        "Notify", "Adapters", "Cipher", "EventLoop", "HTTPClient", "HTTPServer", "Orders", "Postgres", "Simulator",
        "Store",
        "TestSupport",
      ]),
    tests(
      "WorkerTests",
      [
        "Worker", "Dispatcher", "Scheduler", "Gateway", "CommandLine", "Support", "Store", "Jobs", "Kinds", "Orders",
        "PrivateServers", "TestSupport",
      ]),
    .testTarget(
      name: "FuzzTests", dependencies: fuzzed, path: "Tests/Fuzz", exclude: ["corpus", "main.swift"],
      swiftSettings: rules),
    tests("BenchTests", ["Bench", "CommandLine", "PrivateServers", "EventLoop", "TestSupport"]),
    tests(
      "SystemTests",
      [
        "API", "Chaos", "Cipher", "CrashPoints", "Dispatcher", "EventLoop", "Gateway", "HTTPClient", "HTTPServer",
        "Jobs",
        "Orders",
        "Postgres", "PrivateServers", "Redis", "TestSupport",
        // Not imported: their programs are run.
        "Bench", "Scheduler", "Simulator", "Worker",
      ]),
  ]
)

// `ops/fuzz` builds one program: the parsers, and the dispatcher without its main.
if Context.environment["SEVK_FUZZ"] != nil, let dispatcher = package.targets.first(where: { $0.name == "Dispatcher" }) {
  package.products = [.executable(name: "fuzz", targets: ["Fuzz"])]
  package.targets = package.targets.filter { [.regular, .system].contains($0.type) && $0.name != "TestSupport" }
  package.targets += [
    .target(
      name: "Dispatcher", dependencies: dispatcher.dependencies, exclude: ["Main.swift"],
      resources: dispatcher.resources, swiftSettings: rules),
    .executableTarget(
      name: "Fuzz", dependencies: fuzzed, path: "Tests/Fuzz", exclude: ["corpus", "ReplayTests.swift"],
      swiftSettings: rules),
  ]
}

// `ops/sanitize` builds what its suites need, some half of the whole.
if Context.environment["SEVK_SANITIZE"] != nil {
  let above: Set = [
    "CustomerPage", "CustomerPageTests", "Dashboard", "Dispatcher", "Worker", "Scheduler", "Gateway", "GatewayTests",
    "Bench", "Chaos", "ChaosShim",
    "WorkerTests",
    "SchedulerTests", "DispatcherTests", "FuzzTests", "BenchTests", "SystemTests",
  ]
  package.products = []
  package.targets.removeAll { above.contains($0.name) }
}
