#pragma once
#include <string.h>
#include <zlib.h>

enum { SEVK_INFLATE_WHOLE, SEVK_INFLATE_TOO_LARGE, SEVK_INFLATE_DAMAGED };

/// Unpacks one stream of gzip or zlib, whichever it is, with its checksum. `written` says how much came out, at most
/// `size`. A stream that is cut, or has anything after it, is damaged.
static inline int sevk_inflate(
    const unsigned char *in, size_t in_size, unsigned char *out, size_t size, size_t *written) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  *written = 0;
  // 15 is the largest window, and 32 more means both kinds.
  if (in_size > 0xffffffffu || size > 0xffffffffu || inflateInit2(&stream, 15 + 32) != Z_OK) return SEVK_INFLATE_DAMAGED;
  stream.next_in = (unsigned char *)in;
  stream.avail_in = (unsigned)in_size;
  stream.next_out = out;
  stream.avail_out = (unsigned)size;
  int code = inflate(&stream, Z_FINISH);
  *written = size - stream.avail_out;
  int is_full = stream.avail_out == 0, is_all = stream.avail_in == 0;
  inflateEnd(&stream);
  if (code == Z_STREAM_END) return is_all ? SEVK_INFLATE_WHOLE : SEVK_INFLATE_DAMAGED;
  return code == Z_BUF_ERROR && is_full ? SEVK_INFLATE_TOO_LARGE : SEVK_INFLATE_DAMAGED;
}
