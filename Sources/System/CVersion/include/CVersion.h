#pragma once

/// The commit that the programs were built from, in short; empty where the build did not say.
const char *sevk_commit(void);
