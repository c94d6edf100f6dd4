#pragma once

#include <atomic>
#include <chrono>
#include <libpq-fe.h>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/postgres/address.h"
#include "storage/postgres/hosts.h"
#include "storage/postgres/values.h"

namespace matricula::storage::postgres {

struct FreeResult {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, FreeResult>;

// kRead refuses to change anything; kRead and kServe plan for pages instead of whole tables.
enum class Access { kRead, kServe, kWrite };

// A moment of Clock::monotonic(), max() for none.
using Deadline = std::chrono::nanoseconds;

// What a prepared statement takes and gives.
struct Description {
  std::vector<Oid> parameters;
  std::vector<Oid> columns;
};

// One connection to a server. Nothing it does waits beyond a deadline; when one passes, or the
// network fails, the connection is lost: it is closed, and all later calls fail. Errors of the
// server leave it usable.
//
// Statements are sent without waiting, then send_sync(), then as many receive() as were sent, then
// receive_sync(). After a statement that failed, those behind it up to the sync fail as well.
class Connection {
 public:
  // To one server. The error is for the operator; see connect_error.h. Nothing is set yet.
  static Result<std::unique_ptr<Connection>> open(const Address& address, const Host& host,
                                                  Deadline deadline, const Clock& clock);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool is_lost() const { return connection_ == nullptr; }
  // The SQLSTATE of the last error that the server reported since the last clear_sqlstate(); empty
  // for none.
  const std::string& last_sqlstate() const { return last_sqlstate_; }
  void clear_sqlstate() { last_sqlstate_.clear(); }

  // Behind a pooler that gives the connection to another client with each transaction. Statements
  // have no names there, and each transaction begins with SELECT and `settings`, which set what
  // holds for it; empty elsewhere.
  void set_by_transaction(std::string settings) { local_settings_ = std::move(settings); }
  bool is_by_transaction() const { return !local_settings_.empty(); }
  const std::string& local_settings() const { return local_settings_; }

  // Sends statements to be prepared, each by its name and text, and waits.
  Result<void> prepare_all(std::span<const std::pair<std::string, std::string>> statements,
                           Deadline deadline);
  // Prepares `sql` under a name, and waits.
  Result<Description> prepare(const std::string& name, const std::string& sql, Deadline deadline);

  // What `sql` takes and gives, without a name that lasts; in a transaction of its own.
  Result<Description> describe(const std::string& sql, Deadline deadline);

  Result<void> send_prepared(const std::string& name, const Parameters& parameters);
  // A statement of its own, not prepared; the result is binary.
  Result<void> send_text(const std::string& sql, const Parameters& parameters,
                         const std::vector<Oid>& types);
  Result<void> send_sync();
  // `context` is for the log.
  Result<ResultHandle> receive(Deadline deadline, std::string_view context);
  Result<void> receive_sync(Deadline deadline);

  // Begins a transaction to be ended by run_script("COMMIT") or "ROLLBACK".
  Result<void> begin(Deadline deadline);
  // Runs one or several statements, ignoring rows, and waits. Nothing may be under way.
  Result<void> run_script(const std::string& sql, Deadline deadline);
  // The first column of the first row as text; empty without rows. A transaction of its own where
  // none is open.
  Result<std::string> read_text(const std::string& sql, Deadline deadline);

  // COPY ... FROM STDIN: begin_copy(), the data in any number of parts, end_copy(). A part is sent
  // before the call returns. After an error of begin_copy() or end_copy() there is none under way.
  Result<void> begin_copy(const std::string& sql, Deadline deadline);
  Result<void> send_copy_data(std::string_view data, Deadline deadline);
  Result<void> end_copy(Deadline deadline);

  PGconn* raw() { return connection_; }
  Result<void> flush(Deadline deadline);
  // How often the answer to something sent was waited for. What is sent together counts once.
  std::uint64_t round_trips() const { return round_trips_; }
  // Closes it: what is under way ends, with or without effect.
  void drop();
  // Adds one to `live` until it is lost or closed. `live` must outlive it.
  void count_in(std::atomic<int>& live);

 private:
  explicit Connection(const Clock& clock) : clock_(clock) {}
  Result<void> connect(const Address& address, const Host& host, Deadline deadline);
  Result<void> wait(short events, Deadline deadline);
  Result<void> send_describe(const std::string& name, const std::string& sql);
  Result<Description> receive_description(Deadline deadline, const std::string& sql);
  Result<void> leave_pipeline();
  Result<void> enter_pipeline();
  // A plain query, outside of the pipeline: its results are next_result(), null after the last, or
  // finish_query(), which reads what is left of them, tells the first error, and enters the
  // pipeline again.
  Result<void> send_query(const std::string& sql);
  Result<ResultHandle> next_result(Deadline deadline);
  Result<void> finish_query(Deadline deadline, std::string_view context);
  Error noted_error(const PGresult* result, std::string_view context);
  tl::unexpected<Error> lost();

  const Clock& clock_;
  PGconn* connection_ = nullptr;
  std::string last_sqlstate_;
  std::string local_settings_;
  std::uint64_t round_trips_ = 0;
  std::atomic<int>* live_ = nullptr;
  bool is_unanswered_ = false;  // something was sent since the last wait
};

}  // namespace matricula::storage::postgres
