#include "storage/postgres/address.h"

#include <algorithm>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <memory>

namespace matricula::storage::postgres {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// The libpq option of this keyword; null where libpq does not know it.
const PQconninfoOption* find(const Options& options, std::string_view keyword) {
  const PQconninfoOption* option = options.get();
  while (option != nullptr && option->keyword != nullptr && option->keyword != keyword) {
    ++option;
  }
  return option == nullptr || option->keyword == nullptr ? nullptr : option;
}

bool is_word(std::string_view text) {
  constexpr std::size_t kKeywordBytesMax = 64;
  return !text.empty() && text.size() <= kKeywordBytesMax &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
             std::string_view::npos;
}

// The first parameter of the URL that libpq does not know; empty where there is none, or where what
// looks like one may be a part of a password that is not percent-encoded.
std::string_view unknown_parameter(std::string_view url) {
  const std::size_t mark = url.find('?');
  if (mark == std::string_view::npos || url.find('@', mark) != std::string_view::npos) {
    return {};
  }
  const Options known(PQconndefaults(), PQconninfoFree);
  std::string_view rest = url.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view each = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(each.size() + 1, rest.size()));
    const std::string_view keyword = each.substr(0, each.find('='));
    // `ssl` is JDBC's; libpq takes `ssl=true`.
    if (is_word(keyword) && keyword != "ssl" && find(known, keyword) == nullptr) {
      return keyword;
    }
  }
  return {};
}

// As URLs have them: each with its port, IPv6 in brackets.
std::string shown_hosts(const Address& address) {
  const std::vector<std::string> hosts =
      address.list("host").front().empty() ? address.list("hostaddr") : address.list("host");
  const std::vector<std::string> ports = address.list("port");
  std::string shown;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    shown += fmt::format("{}{}", shown.empty() ? "" : ",", shown_host(hosts[i], nth_of(ports, i)));
  }
  return shown;
}

}  // namespace

std::string nth_of(const std::vector<std::string>& list, std::size_t i) {
  return list.size() == 1 ? list.front() : i < list.size() ? list[i] : std::string();
}

std::string shown_host(std::string_view host, std::string_view port) {
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", host.empty() ? "(local)" : host,
                     is_ipv6 ? "]" : "", port.empty() ? "5432" : port);
}

std::string_view Address::option(std::string_view keyword) const {
  for (const auto& [name, value] : options) {
    if (name == keyword) {
      return value;
    }
  }
  return {};
}

std::string Address::option_or_default(std::string_view keyword) const {
  if (const std::string_view value = option(keyword); !value.empty()) {
    return std::string(value);
  }
  const Options defaults(PQconndefaults(), PQconninfoFree);
  const PQconninfoOption* const found = find(defaults, keyword);
  return found == nullptr || found->val == nullptr ? std::string() : found->val;
}

std::vector<std::string> Address::list(std::string_view keyword) const {
  const std::string values = option_or_default(keyword);
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= values.size();) {
    const std::size_t end = std::min(values.find(',', begin), values.size());
    parts.push_back(values.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool is_address(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

Result<Address> parse_address(std::string_view url) {
  char* reason = nullptr;
  const Options parsed(PQconninfoParse(std::string(url).c_str(), &reason), PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owned_reason(reason, PQfreemem);
  if (parsed == nullptr) {
    // libpq's reason may quote the URL, and with it a password.
    if (const std::string_view keyword = unknown_parameter(url); !keyword.empty()) {
      return fail(ErrorCode::kUsage,
                  fmt::format("PostgreSQL knows no parameter \"{}\" of an address. Take it away; "
                              "those there are: PostgreSQL's manual, \"Parameter Key Words\".",
                              keyword));
    }
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
  if (const std::string_view service = address.option("service"); !service.empty()) {
    address.shown = fmt::format("postgresql://?service={}", service);
    return address;
  }
  const std::string database = address.option_or_default("dbname");
  address.shown = fmt::format("postgresql://{}/{}", shown_hosts(address),
                              database.empty() ? "(default)" : database);
  return address;
}

}  // namespace matricula::storage::postgres
