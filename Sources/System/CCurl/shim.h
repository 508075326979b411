#pragma once
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

// `curl_easy_setopt` and its relatives are variadic, which Swift cannot call: one typed function per kind of argument.

static inline CURLcode sevk_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode sevk_curl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode sevk_curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode sevk_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

/// Both the body and the head of an answer are given to functions of this type.
typedef size_t (*sevk_curl_write)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode sevk_curl_set_write(CURL *easy, CURLoption option, sevk_curl_write function) {
  return curl_easy_setopt(easy, option, function);
}
typedef int (*sevk_curl_prerequest)(
    void *context, char *remote_address, char *local_address, int remote_port, int local_port);
static inline CURLcode sevk_curl_set_prerequest(CURL *easy, sevk_curl_prerequest function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
}

/// Closing such a socket throws away what the kernel still holds: else it goes on sending a request that was given up.
static inline int sevk_curl_abrupt_close(void *context, curl_socket_t socket, curlsocktype purpose) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  return CURL_SOCKOPT_OK;
}
static inline CURLcode sevk_curl_set_abrupt_close(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, sevk_curl_abrupt_close);
}

/// An address as one number in two halves; one of version 4 in its mapped form, ::ffff:a.b.c.d.
typedef struct {
  uint64_t high, low;
  int is_ip;
} sevk_curl_ip;
static inline sevk_curl_ip sevk_curl_address(const struct curl_sockaddr *target) {
  sevk_curl_ip ip = {0, 0, 0};
  unsigned char bytes[16];
  if (target->family == AF_INET6) {
    struct sockaddr_in6 six;
    memcpy(&six, &target->addr, sizeof six);
    memcpy(bytes, &six.sin6_addr, 16);
    for (int i = 0; i < 8; i++) ip.high = ip.high << 8 | bytes[i], ip.low = ip.low << 8 | bytes[8 + i];
    ip.is_ip = 1;
  } else if (target->family == AF_INET) {
    struct sockaddr_in four;
    memcpy(&four, &target->addr, sizeof four);
    ip.low = UINT64_C(0xffff00000000) | ntohl(four.sin_addr.s_addr);
    ip.is_ip = 1;
  }
  return ip;
}
static inline curl_socket_t sevk_curl_open_socket(const struct curl_sockaddr *target) {
  return socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}
static inline CURLcode sevk_curl_set_open_socket(CURL *easy, curl_opensocket_callback function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
}

/// Whether the socket is the one bound to `port` and has bytes to read.
static inline int sevk_curl_has_input(curl_socket_t socket, int port) {
  struct sockaddr_storage own;
  socklen_t size = sizeof own;
  char byte;
  if (getsockname(socket, (struct sockaddr *)&own, &size) != 0) return 0;
  int bound = own.ss_family == AF_INET    ? ntohs(((struct sockaddr_in *)&own)->sin_port)
              : own.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&own)->sin6_port)
                                          : -1;
  return bound == port && recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static inline long sevk_curl_info_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}
static inline const char *sevk_curl_info_string(CURL *easy, CURLINFO info) {
  char *value = NULL;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : NULL;
}

static inline CURLMcode sevk_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode sevk_curl_multi_set_socket(CURLM *multi, curl_socket_callback function, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}
static inline CURLMcode sevk_curl_multi_set_timer(CURLM *multi, curl_multi_timer_callback function, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

static inline int sevk_curl_socket_set(void) { return epoll_create1(EPOLL_CLOEXEC); }
/// Watches a socket in a set of the kernel for what curl waits for (`CURL_POLL_IN`, `CURL_POLL_OUT` or both).
static inline int sevk_curl_watch(int set, int socket, int what, int is_known) {
  struct epoll_event event = {
      .events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0), .data.fd = socket};
  // A socket that was closed has left the set by itself, and its number may be another's by now.
  int code = epoll_ctl(set, is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
  return code == 0 ? 0 : epoll_ctl(set, is_known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
}
static inline int sevk_curl_unwatch(int set, int socket) {
  struct epoll_event event = {.events = 0};
  return epoll_ctl(set, EPOLL_CTL_DEL, socket, &event);
}
#define SEVK_CURL_READY_MAX 64
/// Which sockets of the set are ready, at most `SEVK_CURL_READY_MAX`, and for what, as `curl_multi_socket_action` takes it.
/// An error is told as both, so that curl finds it.
static inline int sevk_curl_ready(int set, int *sockets, int *events) {
  struct epoll_event found[SEVK_CURL_READY_MAX];
  int count = epoll_wait(set, found, SEVK_CURL_READY_MAX, 0);
  for (int i = 0; i < count; i++) {
    int is_over = found[i].events & (EPOLLERR | EPOLLHUP);
    sockets[i] = found[i].data.fd;
    events[i] = (is_over || found[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                (is_over || found[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
  }
  return count;
}

/// `CURLMsg.data` is a union.
static inline CURLcode sevk_curl_message_result(const CURLMsg *message) { return message->data.result; }

/// Macros that Swift does not import.
static inline curl_socket_t sevk_curl_socket_timeout(void) { return CURL_SOCKET_TIMEOUT; }
static inline curl_socket_t sevk_curl_socket_bad(void) { return CURL_SOCKET_BAD; }
