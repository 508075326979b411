#pragma once
#include <libpq-fe.h>

// Field codes of an error report; the header has them as character macros, which Swift does not import alike
// on every platform.
static const int sevk_diag_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int sevk_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int sevk_diag_message = PG_DIAG_MESSAGE_PRIMARY;
static const int sevk_diag_position = PG_DIAG_STATEMENT_POSITION;
static const int sevk_diag_constraint = PG_DIAG_CONSTRAINT_NAME;

// Ends a unit of the pipeline. From libpq 17 on this need not flush each time, so that a tick's units leave in
// one write.
static inline int sevk_pipeline_sync(PGconn *connection) {
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
  return PQsendPipelineSync(connection);
#else
  return PQpipelineSync(connection);
#endif
}

static inline void sevk_ignore_notice(void *context, const char *message) {
  (void)context;
  (void)message;
}

// Without this, libpq prints every NOTICE to stderr.
static inline void sevk_silence_notices(PGconn *connection) {
  PQsetNoticeProcessor(connection, sevk_ignore_notice, NULL);
}
