#include "storage/postgres/await.h"

#include <fmt/format.h>
#include <string>

#include "storage/postgres/connect_error.h"
#include "storage/postgres/limits.h"

namespace matricula::storage::postgres {
namespace {

// For one query of the catalog.
constexpr std::chrono::seconds kLookWait{10};

constexpr std::string_view kOwns = "owns the tables";

// Why row-level security does not apply to the role; empty where it does.
const std::string kUnfenced = fmt::format(
    "SELECT CASE WHEN rolsuper THEN 'is a superuser' WHEN rolbypassrls THEN 'has BYPASSRLS' "
    "WHEN EXISTS (SELECT 1 FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
    "WHERE c.relnamespace = quote_ident(current_schema())::regnamespace "
    "AND pg_has_role(current_user, c.relowner, 'USAGE')) THEN '{}' END "
    "FROM pg_roles WHERE rolname = current_user",
    kOwns);

std::string_view text_of(Connector::Pooling pooling) {
  switch (pooling) {
    case Connector::Pooling::kUnknown:
      return {};
    case Connector::Pooling::kSession:
      return "a pooler is in front of PostgreSQL; it works by session";
    case Connector::Pooling::kTransaction:
      return "a pooler is in front of PostgreSQL; it works by transaction: statements get no "
             "names, "
             "and each transaction sets what it needs";
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Connection>> connect_for_schema(Connector& connector) {
  auto connection = connector.connect_now(Access::kWrite, Deadline::max());
  if (!connection && may_mend_itself(connection.error())) {
    auto reads = connector.connect_now(Access::kRead, Deadline::max());
    if (reads) {
      connection = std::move(reads);
    }
  }
  if (!connection) {
    Error error = std::move(connection.error());
    error.message = fmt::format("{}: {}", connector.address().shown, error.message);
    error.internal.clear();  // the message has it
    return fail(std::move(error));
  }
  return connection;
}

Result<bool> await_server(std::string_view url, const AwaitOptions& options, const Clock& clock) {
  MATRICULA_TRY(Address address, parse_address(url));
  Connector connector(std::move(address), std::chrono::milliseconds(0), clock);
  const Deadline until = clock.monotonic() + options.limit;
  std::string noted;
  while (true) {
    const auto connection = connect_for_schema(connector);
    if (connection) {
      if (const std::string_view text = text_of(connector.pooling()); !text.empty()) {
        options.note(text);
      }
      return true;
    }
    if (!may_mend_itself(connection.error()) || clock.monotonic() >= until) {
      return fail(connection.error());
    }
    if (noted != connection.error().message) {
      noted = connection.error().message;
      options.note(fmt::format("waiting for the store {}", noted));
    }
    if (!options.pause(kWaitPause)) {
      return false;
    }
  }
}

Result<void> require_fence(std::string_view url, Fence fence, const Clock& clock) {
  MATRICULA_TRY(Address address, parse_address(url));
  Connector connector(std::move(address), std::chrono::milliseconds(0), clock);
  MATRICULA_TRY(const std::unique_ptr<Connection> connection, connect_for_schema(connector));
  MATRICULA_TRY(const std::string why,
                connection->read_text(kUnfenced, clock.monotonic() + kLookWait));
  if (why.empty() || (why == kOwns && fence == Fence::kOwnerToo)) {
    return {};
  }
  return fail(
      ErrorCode::kUnauthorized,
      fmt::format("The role of {} {}, so that row-level security does not hold it to one "
                  "company at a time. Serve as a role that owns nothing (`matricula migrate "
                  "--app-role ROLE` allows one to), or add --allow-privileged-role.",
                  connector.address().shown, why));
}

}  // namespace matricula::storage::postgres
