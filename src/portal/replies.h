#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/schema/directory.h"
#include "base/clock.h"
#include "http/message.h"
#include "json/writer.h"

namespace matricula::portal {

// 404, for unknown paths and for companies that the caller does not administer: both must look the
// same.
http::Response nothing_here();

// Append a member to the object at the end of `out`, with a comma where one is needed.
void append_member(std::string& out, std::string_view name, std::string_view text);
// null for no time.
void append_time_member(std::string& out, std::string_view name, std::optional<Timestamp> time);

// Ends the object of a reply with what a search found: see search().
void append_search_end(std::string& out, std::optional<std::int64_t> next, std::int64_t examined);

// {"id","slug","name"}
void append_company(std::string& out, const auth::Company& company);

// Calls `append(element)` for each, with commas between, in brackets.
template <typename List, typename Append>
void append_list(std::string& out, const List& list, Append&& append) {
  out += '[';
  bool first = true;
  for (const auto& element : list) {
    out += first ? "" : ",";
    first = false;
    append(element);
  }
  out += ']';
}

}  // namespace matricula::portal
