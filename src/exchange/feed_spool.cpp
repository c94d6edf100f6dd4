#include "exchange/feed_spool.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/assert.h"
#include "records/row_state.h"

namespace matricula::exchange {
namespace {

using storage::Bind;
using storage::Statement;
using storage::sqlite::Prepared;

constexpr const char* kMake =
    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384; BEGIN;"
    "CREATE TABLE lines(entity INTEGER, key TEXT, is_deletion INTEGER, number INTEGER, text TEXT, "
    "PRIMARY KEY (entity, key)) WITHOUT ROWID";

struct Statements {
  const Statement insert{
      "INSERT INTO lines VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET is_deletion = "
      "excluded.is_deletion, number = excluded.number, text = excluded.text"};
  const Statement find{"SELECT 1 FROM lines WHERE entity = ?1 AND key = ?2"};
  const Statement select{
      "SELECT number, text FROM lines WHERE entity = ?1 AND is_deletion = ?2 ORDER BY key"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

tl::unexpected<Error> failed(const Error& error) {
  return fail(ErrorCode::kIo,
              "The lines of the feed cannot be kept in the directory for temporary files; make "
              "room there, or set TMPDIR to another one.",
              {.internal = error.internal});
}

}  // namespace

FeedSpool::FeedSpool(storage::sqlite::Connection connection) : connection_(std::move(connection)) {}

Result<FeedSpool> FeedSpool::open() {
  // An empty name: SQLite's temporary file, which it unlinks at once.
  auto connection = storage::sqlite::open_bare("", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!connection) {
    return failed(connection.error());
  }
  FeedSpool spool(*std::move(connection));
  if (const Result<void> made = storage::sqlite::run_script(spool.connection_.get(), kMake);
      !made) {
    return failed(made.error());
  }
  auto insert = Prepared::prepare(spool.connection_.get(), statements().insert);
  if (!insert) {
    return failed(insert.error());
  }
  auto find = Prepared::prepare(spool.connection_.get(), statements().find);
  if (!find) {
    return failed(find.error());
  }
  spool.insert_ = *std::move(insert);
  spool.find_ = *std::move(find);
  return spool;
}

void FeedSpool::make_key(const records::Entity& entity, std::span<const Bind> values) {
  key_.clear();
  for (const std::string& part : records::key_texts(entity, values)) {
    key_ += fmt::format("{}:", part.size());
    key_ += part;
  }
}

Result<void> FeedSpool::keep(const records::Entity& entity, bool is_deletion, std::uint64_t number,
                             std::string_view text) {
  const Bind binds[] = {static_cast<std::int64_t>(entity.id), std::string_view(key_),
                        std::int64_t{is_deletion ? 1 : 0}, static_cast<std::int64_t>(number), text};
  MATRICULA_CHECK(insert_->start(binds));
  const Result<bool> done = insert_->next();
  insert_->finish();
  if (!done) {
    return failed(done.error());
  }
  return {};
}

Result<void> FeedSpool::add(const FeedLine& line, std::uint64_t number, const Record& record,
                            std::string_view text) {
  make_key(*line.entity, record.values);
  return keep(*line.entity, record.is_deletion, number, text);
}

Result<void> FeedSpool::add_deletion(const records::Entity& entity, std::span<const Bind> values,
                                     std::string_view text) {
  make_key(entity, values);
  return keep(entity, true, 0, text);
}

Result<bool> FeedSpool::has(const records::Entity& entity, std::span<const Bind> values) {
  make_key(entity, values);
  const Bind binds[] = {static_cast<std::int64_t>(entity.id), std::string_view(key_)};
  MATRICULA_CHECK(find_->start(binds));
  const Result<bool> is_there = find_->next();
  find_->finish();
  if (!is_there) {
    return failed(is_there.error());
  }
  return *is_there;
}

Result<void> FeedSpool::for_each(records::EntityId entity, bool deletions, const Take& take) {
  MATRICULA_TRY(const std::unique_ptr<Prepared> select,
                Prepared::prepare(connection_.get(), statements().select));
  const Bind binds[] = {static_cast<std::int64_t>(entity), std::int64_t{deletions ? 1 : 0}};
  MATRICULA_CHECK(select->start(binds));
  for (;;) {
    const Result<bool> is_row = select->next();
    if (!is_row) {
      return failed(is_row.error());
    }
    if (!*is_row) {
      select->finish();
      return {};
    }
    text_.assign(select->text(1));
    const std::size_t length = text_.size();
    text_.resize(length + simdjson::SIMDJSON_PADDING);
    if (Result<void> taken = take(static_cast<std::uint64_t>(select->integer(0)),
                                  std::string_view(text_).substr(0, length));
        !taken) {
      select->finish();
      return taken;
    }
  }
}

}  // namespace matricula::exchange
