internal import CUV
import Glibc
import Synchronization

/// A libuv loop on a thread of its own that is both the serial executor of ``LoopActor`` and a task executor.
///
/// A root task started with ``run(_:)`` prefers this executor, so the drivers, the handlers and everything they
/// call share one thread. Work is done in ticks: run every ready job, then the end-of-tick hooks (which flush
/// what the jobs wrote), then wait in the kernel.
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
  /// The process's loop. Its thread starts on first use.
  public static let shared = EventLoop()

  /// Jobs run in one tick before the kernel is asked for input again, so that a busy loop still reads its sockets.
  private static let jobsPerTickMax = 20_000

  let uv: UnsafeMutablePointer<uv_loop_t>
  private let wakeUp: UnsafeMutablePointer<uv_async_t>
  private let prepare: UnsafeMutablePointer<uv_prepare_t>
  private let idle: UnsafeMutablePointer<uv_idle_t>
  private var thread: pthread_t = 0

  /// Jobs from other threads.
  private let inbox = Mutex<[UnownedJob]>([])
  /// Jobs from this thread; touched only on it.
  private var ready: [UnownedJob] = []
  private var running: [UnownedJob] = []
  private var hooks: [@LoopActor () -> Void] = []

  private init() {
    uv = .allocate(capacity: 1)
    wakeUp = .allocate(capacity: 1)
    prepare = .allocate(capacity: 1)
    idle = .allocate(capacity: 1)
    precondition(uv_loop_init(uv) == 0, "libuv could not create an event loop")
    ready.reserveCapacity(1024)
    running.reserveCapacity(1024)
    startThread()
  }

  // MARK: The executor

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isOnLoop {
      ready.append(job)
      return
    }
    let wasEmpty = inbox.withLock { inbox in
      inbox.append(job)
      return inbox.count == 1
    }
    // The only libuv call that is safe from another thread.
    if wasEmpty { uv_async_send(wakeUp) }
  }

  public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  public func isIsolatingCurrentContext() -> Bool? { isOnLoop }

  public func checkIsolated() {
    precondition(isOnLoop, "not on the event loop's thread")
  }

  /// Whether the caller is on the loop's thread.
  public var isOnLoop: Bool { pthread_equal(pthread_self(), thread) != 0 }

  // MARK: Running

  /// Runs `body` as a root task on the loop and blocks the calling thread until it ends. For `main` and for tests.
  public func run(_ body: @escaping @Sendable () async -> Void) {
    precondition(!isOnLoop, "would wait for itself")
    let done = DoneFlag()
    Task(executorPreference: self) {
      await body()
      done.set()
    }
    done.wait()
  }

  /// Calls `body` once, after the jobs of the current tick have run and before the loop waits for input.
  ///
  /// This is where writes are flushed and batches are closed: everything asked for in one tick goes out together.
  @LoopActor
  public func atEndOfTick(_ body: @escaping @LoopActor () -> Void) {
    hooks.append(body)
  }

  /// Milliseconds on the loop's own monotonic clock, as of the start of this tick.
  @LoopActor
  public var nowMilliseconds: UInt64 { uv_now(uv) }

  // MARK: The thread

  private func startThread() {
    let started = DoneFlag()
    let box = Unmanaged.passRetained(StartBox(loop: self, started: started))
    var thread = pthread_t()
    let failed = pthread_create(
      &thread, nil,
      { raw in
        guard let raw else { return nil }
        let box = Unmanaged<StartBox>.fromOpaque(raw).takeRetainedValue()
        box.loop.threadMain(started: box.started)
        return nil
      }, box.toOpaque())
    precondition(failed == 0, "could not start the event loop's thread")
    pthread_detach(thread)
    started.wait()
  }

  private func threadMain(started: DoneFlag) {
    // Before anyone can see the executor: `isOnLoop` compares with this.
    thread = pthread_self()
    let context = Unmanaged.passUnretained(self).toOpaque()
    wakeUp.pointee.data = context
    prepare.pointee.data = context
    idle.pointee.data = context
    uv_async_init(uv, wakeUp) { handle in
      EventLoop.of(handle?.pointee.data).takeInbox()
    }
    uv_prepare_init(uv, prepare)
    uv_prepare_start(prepare) { handle in
      EventLoop.of(handle?.pointee.data).tick()
    }
    uv_idle_init(uv, idle)
    started.set()
    uv_run(uv, UV_RUN_DEFAULT)
  }

  private static func of(_ data: UnsafeMutableRawPointer?) -> EventLoop {
    guard let data else { preconditionFailure("a libuv handle lost its loop") }
    return Unmanaged<EventLoop>.fromOpaque(data).takeUnretainedValue()
  }

  private func takeInbox() {
    let jobs = inbox.withLock { inbox in
      let jobs = inbox
      inbox.removeAll(keepingCapacity: true)
      return jobs
    }
    ready.append(contentsOf: jobs)
  }

  private func tick() {
    var budget = Self.jobsPerTickMax
    repeat {
      while !ready.isEmpty, budget > 0 {
        swap(&ready, &running)
        for job in running {
          job.runSynchronously(
            isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
        budget -= running.count
        running.removeAll(keepingCapacity: true)
      }
      while !hooks.isEmpty {
        let due = hooks
        hooks.removeAll(keepingCapacity: true)
        LoopActor.assumeIsolated { for hook in due { hook() } }
      }
    } while !ready.isEmpty && budget > 0
    if ready.isEmpty {
      uv_idle_stop(idle)
    } else {
      // An active idle handle makes the next poll return at once.
      uv_idle_start(idle) { _ in }
    }
  }
}

private final class StartBox: @unchecked Sendable {
  let loop: EventLoop
  let started: DoneFlag
  init(loop: EventLoop, started: DoneFlag) {
    self.loop = loop
    self.started = started
  }
}

/// A flag one thread sets and another waits for.
private final class DoneFlag: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  init() { sem_init(semaphore, 0, 0) }
  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }
  func set() { sem_post(semaphore) }
  func wait() { while sem_wait(semaphore) != 0 {} }
}
