#pragma once
#include <microhttpd.h>

/// `MHD_start_daemon` without its variadic tail, which Swift cannot call: a daemon without a thread of its own on a
/// socket that already listens.
static inline struct MHD_Daemon *sevk_mhd_start(
    unsigned int flags, int listen_socket, MHD_AccessHandlerCallback handle, MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback connection_changed, void *context, size_t connection_memory_bytes,
    unsigned int connections_max, unsigned int connections_per_address_max, unsigned int idle_seconds) {
  return MHD_start_daemon(
      flags, 0, NULL, NULL, handle, context,
      MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listen_socket,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, connection_changed, context,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory_bytes,
      MHD_OPTION_CONNECTION_LIMIT, connections_max,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, connections_per_address_max,
      MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_END);
}

/// The epoll descriptor to watch, or -1.
static inline int sevk_mhd_epoll_fd(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info == NULL ? -1 : info->epoll_fd;
}

/// The descriptor of a connection, or -1.
static inline int sevk_mhd_connection_fd(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : info->connect_fd;
}

/// The address of the client, or NULL.
static inline const struct sockaddr *sevk_mhd_client_address(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

/// What the connection callback stored for a connection, or NULL.
static inline void *sevk_mhd_socket_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == NULL ? NULL : info->socket_context;
}

/// The size of a request's head in bytes.
static inline size_t sevk_mhd_header_bytes(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info == NULL ? 0 : info->header_size;
}

/// Constants that are macros with casts, which Swift does not import.
static inline uint64_t sevk_mhd_size_unknown(void) { return MHD_SIZE_UNKNOWN; }
static inline ssize_t sevk_mhd_end_of_stream(void) { return MHD_CONTENT_READER_END_OF_STREAM; }
static inline ssize_t sevk_mhd_end_with_error(void) { return MHD_CONTENT_READER_END_WITH_ERROR; }
