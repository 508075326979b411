# Counts what this process did, in a file mapped into memory: no command and no system call for a job.
#
# One slot of three 64-bit numbers for each thread: how many, and when the first began and the last ended, in
# nanoseconds of CLOCK_MONOTONIC. Sources/Bench/Counter.swift is the same in Swift.
Warning[:experimental] = false

module Counter
  SLOT_BYTES = 24
  SLOTS_MAX = 64
  LOCK = Mutex.new
  @used = 0

  # Makes this process's file, once, and waits at the gate.
  def self.open
    LOCK.synchronize do
      return @memory if @memory
      folder = ENV.fetch("BENCH_COUNTS")
      file = File.open("#{folder}/#{Process.pid}", "w+b")
      file.truncate(SLOT_BYTES * SLOTS_MAX)
      @memory = IO::Buffer.map(file, SLOT_BYTES * SLOTS_MAX)
      sleep 0.0005 until File.exist?("#{folder}/gate")
      @memory
    end
  end

  def self.now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)

  # One more job is done.
  def self.count
    slot = Thread.current.thread_variable_get(:slot)
    unless slot
      memory = open
      slot = { at: LOCK.synchronize { (@used += 1) - 1 } * SLOT_BYTES, count: 0, memory: memory }
      memory.set_value(:u64, slot[:at] + 8, now)
      Thread.current.thread_variable_set(:slot, slot)
    end
    slot[:memory].set_value(:u64, slot[:at] + 16, now)
    slot[:memory].set_value(:u64, slot[:at], slot[:count] += 1)
  end

  # Calls the block once the gate is open, and stays, so that what this process spent can be read.
  def self.measure(jobs)
    memory = open
    begun = now
    yield
    memory.set_value(:u64, 8, begun)
    memory.set_value(:u64, 16, now)
    memory.set_value(:u64, 0, jobs)
    sleep
  end
end
