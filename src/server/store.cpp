#include "server/store.h"

#include <algorithm>
#include <fmt/format.h>

#include "migrations/migrations.h"
#include "storage/postgres/address.h"

namespace matricula::server {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kForms = "Use sqlite:FILE or postgresql://USER@HOST/DATABASE.";

// The part of the text that cannot be a secret: all of a word, else the scheme.
std::string_view shown_part(std::string_view text) {
  const std::size_t end = text.find_first_of(":/@= ?");
  return text.substr(0, end == std::string_view::npos ? end : text[end] == ':' ? end + 1 : 0);
}

// Text of a password that was not percent-encoded ends up where it does not belong.
Result<void> check_shared(const storage::postgres::Address& address) {
  const std::string_view database = address.option("dbname");
  if (address.option("host").find('@') != std::string_view::npos ||
      address.option("port").find_first_not_of("0123456789,") != std::string_view::npos ||
      database.find_first_of("@=") != std::string_view::npos ||
      database.find("://") != std::string_view::npos) {
    return fail(ErrorCode::kUsage,
                "The store's address is not a valid PostgreSQL URL. Write "
                "postgresql://USER@HOST:PORT/DATABASE; percent-encode what is special in a name "
                "or a password.");
  }
  return {};
}

Result<std::string> sqlite_address(std::string_view file) {
  // `sqlite:///FILE`, as in URLs, or `sqlite://FILE` with a relative path, as people write it.
  const bool is_url = file.starts_with("//");
  if (is_url) {
    file.remove_prefix(2);
  }
  // A query string, which means parameters to other programs, would become a part of the file name.
  const std::string_view query = file.substr(std::min(file.find('?'), file.size()));
  if (file.starts_with("file:") || query.find('=') != std::string_view::npos ||
      (is_url && !query.empty())) {
    return fail(
        ErrorCode::kUsage,
        "The address of an SQLite store has no \"file:\" in front, and no parameters behind "
        "a question mark. Use sqlite:FILE.");
  }
  if (file.empty()) {
    return fail(ErrorCode::kUsage, "The store has no path. Use sqlite:FILE.");
  }
  if (file == ":memory:" || file == "/:memory:") {
    return fail(ErrorCode::kUsage, "A store in memory alone is not possible. Use sqlite:FILE.");
  }
  return std::string(kSqlite) + std::string(file);
}

}  // namespace

Result<std::string> store_address(std::string_view text) {
  // A file of settings or a store of secrets adds a line feed, which would become a part of a name.
  if (std::ranges::any_of(text, [](char c) { return c >= '\0' && c < ' '; })) {
    return fail(ErrorCode::kUsage,
                "The store's address has a control character, such as a line feed at its end. Take "
                "it away.");
  }
  if (is_shared(std::string(text))) {
    MATRICULA_TRY(const auto address, storage::postgres::parse_address(text));
    MATRICULA_CHECK(check_shared(address));
    return std::string(text);
  }
  if (text.starts_with(kSqlite)) {
    return sqlite_address(text.substr(kSqlite.size()));
  }
  return fail(ErrorCode::kUsage,
              fmt::format("{} is not the address of a store. {}",
                          shown_part(text).empty() ? "This" : shown_part(text), kForms));
}

Result<std::unique_ptr<storage::Database>> open_store(const std::string& url,
                                                      const StoreOptions& options,
                                                      const Clock& clock) {
  return storage::open_database(url,
                                {.migrations = migrations::all(),
                                 .create = options.create,
                                 .takes_empty_file = options.takes_empty_file,
                                 .migrate = options.migrate,
                                 .statement_timeout = options.statement_timeout,
                                 .app_role = options.app_role,
                                 .page_cache_bytes = options.page_cache_bytes},
                                clock);
}

bool is_shared(const std::string& url) {
  return storage::postgres::is_address(url);
}

std::string shown_store(const std::string& url) {
  if (!is_shared(url)) {
    return url;
  }
  const auto address = storage::postgres::parse_address(url);
  return address ? address->shown : "postgresql://...";
}

}  // namespace matricula::server
