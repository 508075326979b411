#pragma once
// The header uses it and includes nothing for it.
#include <sys/types.h>
#include <wslay/wslay.h>
