#include "CVersion.h"

// Package.swift says it, from the variable SEVK_COMMIT of the build. A file of its own, so that another commit compiles
// nothing else.
#ifndef SEVK_COMMIT
#define SEVK_COMMIT ""
#endif

const char *sevk_commit(void) { return SEVK_COMMIT; }
