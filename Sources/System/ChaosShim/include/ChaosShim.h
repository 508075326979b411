#ifndef CHAOS_SHIM_H
#define CHAOS_SHIM_H

#include <stdint.h>

/// What `ops/chaos` changes about a program that has this library preloaded. Lies in the file that the variable
/// CHAOS_SHIM names, so that it can be changed while the program runs. Zero is a healthy machine.
struct chaos_shim {
  /// Nanoseconds by which the wall clock is ahead of the machine's.
  int64_t clock_offset;
  /// Not zero: files can't grow (ENOSPC). What overwrites old bytes succeeds, as on a real disk.
  int64_t disk_is_full;
  /// Not zero: no name server answers. Who asks waits until it is zero again.
  int64_t names_hang;
};

#endif
