#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/body.h"

namespace matricula::http {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

// Methods are case-sensitive (RFC 9110 section 9.1); one we do not know is kOther.
Method method_of(std::string_view name);

// Whether two field names are the same: ASCII letters in either case.
bool same_name(std::string_view left, std::string_view right);

struct Header {
  std::string_view name;
  std::string_view value;  // without the white space around it
};

// Runs work on the thread of a loop.
class LoopTasks {
 public:
  // Calls `work` once, on the loop's thread, after the loop has handled the events that arrived
  // meanwhile. Called from that thread alone; a loop that ends runs the remaining work first.
  virtual void run_later(std::function<void()> work) = 0;

 protected:
  ~LoopTasks() = default;
};

// One complete request that passed every check of the protocol. All views borrow from the
// connection and stay valid until the request's Responder has sent or is destroyed.
struct Request {
  Method method = Method::kGet;
  std::string_view method_name = {};
  std::string_view target = {};  // as it came
  // Without the query; starts with '/', or is "*". Undecoded but for unreserved characters.
  std::string_view path = {};
  std::string_view query = {};  // undecoded, without the '?'
  std::span<const Header> headers = {};
  std::string_view body = {};
  std::string_view remote_address = {};  // of the client, without the port; see forwarded.h
  bool tls = false;                      // whether the client used it
  std::string_view request_id = {};      // 32 hex digits, made by the server
  unsigned loop = 0;                     // index of the loop thread that calls the handler
  LoopTasks* loop_tasks = nullptr;       // of that loop, which it lives as long as; null in tests
  bool keep_alive = true;                // whether the client asked to keep the connection
  bool http_1_0 = false;
  // Set while the request is handled, once its client has closed its connection or its half of it:
  // no answer is read any more. Null where it is not checked.
  const std::atomic<bool>* client_gone = nullptr;

  // The value of the first field of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const;
  std::size_t header_count(std::string_view name) const;
  bool is_client_gone() const {
    return client_gone != nullptr && client_gone->load(std::memory_order_relaxed);
  }
};

// The entity tag of a body that is sent in a coding: "tag-gzip" for "tag". What is encoded is
// another body, with a tag of its own (RFC 9110, section 8.8.3.3); a weak tag is that of both.
std::string encoded_tag(std::string_view tag, std::string_view coding);

// Header fields of a response, kept as the text that is sent.
class HeaderLines {
 public:
  // Control characters in the value become spaces, so that no value can start a line of its own.
  // Precondition: `name` is a token.
  void add(std::string_view name, std::string_view value);
  // The first value of that name, in any case. The view holds until the next add().
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view text() const { return text_; }
  // Replaces the entity tag, where there is one, by its encoded_tag().
  void mark_etag(std::string_view coding);
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

// What a handler answers. The server itself adds Date, Content-Length or Transfer-Encoding,
// Connection, X-Request-Id, and, when it compresses, Content-Encoding and Vary: these are never
// among `headers`. A handler that brings bytes which are already encoded sets `compress` to false,
// and Content-Encoding itself. A part of a body (206) is never compressed.
struct Response {
  int status = 200;
  std::string content_type = {};  // empty: no Content-Type
  std::string body = {};
  std::shared_ptr<const std::string> shared_body = {};  // sent in place of `body` when set
  std::string_view static_body = {};        // likewise; bytes that live as long as the program
  std::unique_ptr<BodySource> source = {};  // likewise; sent as fast as the client reads
  HeaderLines headers = {};
  std::string identity = {};  // who was answered, for the access log; never a secret
  spool::Owner owner = 0;     // the identity whose memory a slow client's answer is
  spool::Lease lease = {};    // of the memory of `body`, where that is counted already
  bool compress = true;       // false: send as it is, for instance where the body holds a secret
};

inline constexpr std::string_view kJsonType = "application/json; charset=utf-8";

// A finished JSON body that no cache keeps: it belongs to one caller.
Response json_response(int status, std::string body, std::string_view content_type = kJsonType);
// The body {"errors":[{"message":...}]} that all refusals have. `message` must be UTF-8.
Response error_response(int status, std::string_view message);
// 405 with `allowed`, such as "GET, HEAD", as its Allow (RFC 9110, section 15.5.6).
Response method_not_allowed(std::string_view allowed, std::string_view message);

// The phrase of a status code; empty for one we do not know.
std::string_view reason_phrase(int status);

// Takes the answer of a Responder. The server has an implementation; tests of handlers have others.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  // Called exactly once, from any thread, unless drop() is.
  virtual void reply(Response&& response) = 0;
  // In place of an answer, where there is no memory for one: the client's connection is closed.
  virtual void drop() noexcept {}
};

// Answers one request. Move-only. send() once, from any thread; on the loop thread it writes at
// once, elsewhere it posts to the loop. Destroyed without send(), it answers 500, or 503 where an
// exception unwinds the stack: the only one that passes through handlers is std::bad_alloc.
class Responder {
 public:
  explicit Responder(std::shared_ptr<ReplySink> sink) : sink_(std::move(sink)) {}
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) = delete;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder();

  // Precondition: not sent before. Afterwards the Request must not be touched.
  void send(Response response);

 private:
  std::shared_ptr<ReplySink> sink_;
};

}  // namespace matricula::http
