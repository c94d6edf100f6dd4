#include "storage/postgres/address.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <memory>

namespace matricula::storage::postgres {

std::string_view Address::option(std::string_view keyword) const {
  for (const auto& [name, value] : options) {
    if (name == keyword) {
      return value;
    }
  }
  return {};
}

bool is_address(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

Result<Address> parse_address(std::string_view url) {
  char* reason = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(std::string(url).c_str(), &reason), PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owned_reason(reason, PQfreemem);
  if (parsed == nullptr) {
    // libpq's reason may quote the URL, and with it a password.
    return fail(ErrorCode::kUsage,
                "The store's address is not a valid PostgreSQL URL. Write "
                "postgresql://USER@HOST:PORT/DATABASE; percent-encode what is special in a name.");
  }
  Address address;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) {
      address.options.emplace_back(option->keyword, option->val);
    }
  }
  const auto or_default = [&](std::string_view keyword, std::string_view otherwise) {
    const std::string_view value = address.option(keyword);
    return value.empty() ? otherwise : value;
  };
  address.shown = fmt::format("postgresql://{}:{}/{}", or_default("host", "(local)"),
                              or_default("port", "5432"), or_default("dbname", "(default)"));
  return address;
}

}  // namespace matricula::storage::postgres
