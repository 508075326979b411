# Sidekiq with a log that is quiet; jobs go in a thousand at a time.
require "sidekiq"
require_relative "counter"

Sidekiq.logger.level = Logger::ERROR
url = "unix://#{ENV.fetch("BENCH_REDIS_SOCKET")}"
Sidekiq.configure_server { |config| config.redis = { url: url } }
Sidekiq.configure_client { |config| config.redis = { url: url } }

class NoOp
  include Sidekiq::Worker

  def perform(_id) = Counter.count
end

if $PROGRAM_NAME == __FILE__
  jobs = Integer(ARGV.fetch(0))
  Sidekiq.redis(&:ping)
  Counter.measure(jobs) do
    (0...jobs).each_slice(1000) do |numbers|
      Sidekiq::Client.push_bulk(
        "class" => NoOp, "args" => numbers.map { |number| [format("01a1fe45-0000-7000-8000-%012d", number)] })
    end
  end
end
