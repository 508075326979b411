import Testing

@testable import Support

/// A process that was killed and started again is nothing that a person should mend.
@Suite struct ReplacedProcessesTests {
  @Test func whoBeganAfterTheOtherDiedTakesItsPlace() {
    func replaced(_ silent: [(String, Int)], _ alive: [(String, Int)]) -> Set<String> {
      ReplacedProcesses.among(
        silent.map { (process: $0.0, seenSecondsAgo: $0.1) }, alive: alive.map { (process: $0.0, uptimeSeconds: $0.1) })
    }
    let dead = "worker@db-1:100:aaaaaa"
    #expect(replaced([(dead, 20)], [("worker@db-1:200:bbbbbb", 18)]) == [dead])
    // It ran beside it; another program; another host; nobody.
    #expect(replaced([(dead, 20)], [("worker@db-1:200:bbbbbb", 21)]).isEmpty)
    #expect(replaced([(dead, 20)], [("dispatcher@db-1:200:bbbbbb", 18)]).isEmpty)
    #expect(replaced([(dead, 20)], [("worker@db-10:200:bbbbbb", 18)]).isEmpty)
    #expect(replaced([(dead, 20)], []).isEmpty)
    // Each takes the place of one: of two that died, one is missed.
    let other = "worker@db-1:101:cccccc"
    #expect(replaced([(dead, 40), (other, 20)], [("worker@db-1:200:bbbbbb", 18)]).count == 1)
    #expect(
      replaced([(dead, 40), (other, 20)], [("worker@db-1:200:bbbbbb", 18), ("worker@db-1:201:dddddd", 38)])
        == [dead, other])
  }
}
