// llhttp, Node's HTTP parser, compiled from the sources that Debian's package node-llhttp brings, for there is no library
// of it to link to: this, api.c and http.c. Without strict mode it would take a blank in a header's name and any byte
// behind a CR.
#define LLHTTP_STRICT_MODE 1
#include </usr/share/llhttp/llhttp.c>
