// Where Debian's package node-llhttp has it; its sources include it by this name.
#include </usr/share/include/llhttp/llhttp.h>
