#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <netinet/in.h>
#include <sqlite3.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "base/assert.h"
#include "json/writer.h"
#include "records/change_reader.h"
#include "records/company_rows.h"
#include "records/entities.h"
#include "server/store.h"
#include "tests/bench/big_store.h"
#include "tests/bench/measure.h"

// What the data API costs, in CPU time of the server, as ratios within this run:
//   a whole table, and a page of the feed, / a bare loop over the same statement that prints the
//   same bytes
// and, by itself: a feed at its end, in microseconds a request; the time to the first byte.
// usage: data_bench [STORE_DIRECTORY [LEARNERS]]; a store that is there is used again.

namespace {

using namespace matricula;
using namespace matricula::bench;
namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr int kRounds = 5;
constexpr int kEndRequests = 2'000;
constexpr std::size_t kPieceBytes = 64 * 1024;

// A statement over all columns of program progress, each row printed as a line of NDJSON.
class BareLoop {
 public:
  BareLoop(const std::string& store, std::string company, const std::string& sql, bool is_feed)
      : company_(std::move(company)), is_feed_(is_feed) {
    MATRICULA_ASSERT(sqlite3_open_v2(store.c_str(), &db_,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                                     nullptr) == SQLITE_OK);
    sqlite3_exec(db_, "PRAGMA mmap_size=2147418112; PRAGMA cache_size=-65536;", nullptr, nullptr,
                 nullptr);
    MATRICULA_ASSERT(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement_, nullptr) == SQLITE_OK);
    null_ = std::fopen("/dev/null", "w");
  }
  ~BareLoop() {
    sqlite3_finalize(statement_);
    sqlite3_close(db_);
    std::fclose(null_);
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  // The bytes printed.
  std::size_t run() {
    const records::Entity& entity = records::entity(records::EntityId::kProgramProgress);
    std::size_t total = 0;
    out_.clear();
    sqlite3_bind_text(statement_, 1, company_.data(), static_cast<int>(company_.size()),
                      SQLITE_STATIC);
    while (sqlite3_step(statement_) == SQLITE_ROW) {
      out_ += '{';
      if (is_feed_) {
        out_ += R"("_table":"program_progress","_sequence":)";
        json::append_integer(
            out_, sqlite3_column_int64(statement_, static_cast<int>(entity.fields.size())));
        out_ += R"(,"_changedAt":"2026-11-29T00:00:00.123456Z")";
      }
      int column = 0;
      for (const records::Field& field : entity.fields) {
        member(column++, field);
      }
      out_ += "}\n";
      if (out_.size() >= kPieceBytes) {
        total += print();
      }
    }
    sqlite3_reset(statement_);
    return total + print();
  }

 private:
  std::size_t print() {
    const std::size_t count = std::fwrite(out_.data(), 1, out_.size(), null_);
    out_.clear();
    return count;
  }

  void member(int column, const records::Field& field) {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
      return;
    }
    out_ += out_.back() == '{' ? "\"" : ",\"";
    out_ += field.name;
    out_ += "\":";
    switch (field.type) {
      case records::FieldType::kTime:
        json::append_time(out_, sqlite3_column_int64(statement_, column));
        return;
      case records::FieldType::kInteger:
        json::append_integer(out_, sqlite3_column_int64(statement_, column));
        return;
      case records::FieldType::kReal:
        json::append_float(out_, sqlite3_column_double(statement_, column));
        return;
      case records::FieldType::kUuid:
        json::append_uuid(
            out_, {static_cast<const std::byte*>(sqlite3_column_blob(statement_, column)), 16});
        return;
      default:
        json::append_string(out_,
                            {reinterpret_cast<const char*>(sqlite3_column_text(statement_, column)),
                             static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))});
    }
  }

  std::string company_;
  bool is_feed_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  std::FILE* null_ = nullptr;
  std::string out_;
};

struct Read {
  std::size_t bytes = 0;
  double first_byte_ms = 0;
};

// A connection that is kept, and what it reads thrown away.
class Reader {
 public:
  Reader(std::uint16_t port, const std::string& token)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)), token_(token) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    MATRICULA_ASSERT(
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~Reader() { ::close(socket_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Reads the answer to its end: the connection's with `is_last`, else it has to fit one piece.
  Read get(const std::string& path, bool is_last) {
    const std::string request = fmt::format(
        "GET /data/v1/{} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {}\r\n{}\r\n", path,
        token_, is_last ? "Connection: close\r\n" : "");
    const auto began = SteadyClock::now();
    MATRICULA_ASSERT(::send(socket_, request.data(), request.size(), 0) ==
                     static_cast<ssize_t>(request.size()));
    Read read;
    std::vector<char> room(256 * 1024);
    for (;;) {
      const ssize_t count = ::recv(socket_, room.data(), room.size(), 0);
      MATRICULA_ASSERT(count >= 0);
      if (read.bytes == 0) {
        read.first_byte_ms =
            std::chrono::duration<double, std::milli>(SteadyClock::now() - began).count();
        MATRICULA_ASSERT(std::string_view(room.data(), 12) == "HTTP/1.1 200");
      }
      read.bytes += static_cast<std::size_t>(count);
      if (count == 0 || !is_last) {
        return read;
      }
    }
  }

 private:
  int socket_;
  std::string token_;
};

// CPU time in milliseconds.
double cost_of(pid_t process, const std::function<void()>& work) {
  const double before = cpu_us_of(process);
  work();
  return (cpu_us_of(process) - before) / 1e3;
}

std::string feed_sql() {
  std::string columns;
  for (const records::Field& field : records::entity(records::EntityId::kProgramProgress).fields) {
    columns += fmt::format("{}, ", field.column);
  }
  return fmt::format(
      "SELECT {}change_seq FROM program_progress WHERE company_id = ?1 AND change_seq > 0 ORDER BY "
      "change_seq LIMIT 10000",
      columns);
}

std::int64_t last_number(const std::string& store, const std::string& company) {
  const SystemClock clock;
  const auto database = must(server::open_store(store, {}, clock));
  const auto session = must(database->open_reader());
  return must(records::read_sequence(*session, company))->last;
}

}  // namespace

int main(int count, char** arguments) {
  const fs::path directory = count > 1 ? arguments[1] : "build/bench/data";
  const std::string store = (directory / "bench.db").string();
  make_store(directory, store, count > 2 ? arguments[2] : "600000");
  const SystemClock clock;
  const Access access = make_access(store, clock);
  const std::string& company = access.company;
  const std::string& token = access.token;
  const records::Entity& entity = records::entity(records::EntityId::kProgramProgress);
  BareLoop table(store, company, records::select_rows_sql(entity, true), false);
  BareLoop feed(store, company, feed_sql(), true);
  std::vector<double> ndjson;
  std::vector<double> parquet;
  std::vector<double> page;
  std::vector<double> at_end;
  std::vector<double> first_byte;
  std::size_t bytes = 0;
  for (int round = 0; round < kRounds; ++round) {
    // A server of its own, which has kept no file of the round before.
    const Process server([&](int out) {
      ::dup2(out, 1);
      ::execl(matricula_binary().c_str(), "matricula", "serve", "--store",
              ("sqlite:" + store).c_str(), "--listen", "127.0.0.1:0", "--rate-limit", "0",
              "--threads", "1", "--log-level", "error", nullptr);
    });
    const auto read = [&](const std::string& path) {
      return Reader(server.port(), token).get(path, true);
    };
    const double bare = cost_of(::getpid(), [&] { bytes = table.run(); });
    ndjson.push_back(cost_of(server.pid(),
                             [&] {
                               const Read answer = read("tables/program_progress.ndjson");
                               MATRICULA_ASSERT(answer.bytes > bytes);
                               first_byte.push_back(answer.first_byte_ms);
                             }) /
                     bare);
    parquet.push_back(cost_of(server.pid(), [&] { read("tables/program_progress.parquet"); }) /
                      bare);
    const double bare_page = cost_of(::getpid(), [&] { feed.run(); });
    page.push_back(
        cost_of(server.pid(), [&] { read("changes?tables=program_progress&limit=10000"); }) /
        bare_page);
    Reader end(server.port(), token);
    const std::string last = fmt::format("changes?after={}", last_number(store, company));
    at_end.push_back(cost_of(server.pid(),
                             [&] {
                               for (int i = 0; i < kEndRequests; ++i) {
                                 end.get(last, false);
                               }
                             }) *
                     1e3 / kEndRequests);
  }
  fmt::print("program progress, {} bytes: NDJSON / bare loop {:.2f} (bound 1.5)\n", bytes,
             median(ndjson));
  fmt::print("the same as Parquet / bare loop of NDJSON {:.2f} (bound 2)\n", median(parquet));
  fmt::print("first byte: {:.0f} ms (bound 1000)\n", median(first_byte));
  fmt::print("feed page of 10,000 / bare loop {:.2f} (bound 1.5)\n", median(page));
  fmt::print("feed at its end: {:.0f} us a request (bound 100)\n", median(at_end));
  return 0;
}
