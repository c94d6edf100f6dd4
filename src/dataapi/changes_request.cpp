#include "dataapi/changes_request.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

#include "dataapi/file_request.h"
#include "http/url.h"

namespace matricula::dataapi {
namespace {

constexpr std::array<std::string_view, 7> kParameters = {"company", "after", "limit", "tables",
                                                         "wait",    "epoch", "began"};
constexpr std::int64_t kSequenceMax = std::numeric_limits<std::int64_t>::max();

std::optional<std::string> text_of(const http::Parameters& parameters, std::string_view name) {
  const auto text = parameters.find(name);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

Result<std::vector<records::EntityId>> read_tables(const std::optional<std::string>& text) {
  std::array<bool, records::kEntityCount> chosen = {};
  if (!text) {
    chosen.fill(true);
  }
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  for (bool more = text.has_value(); more;) {
    const std::size_t comma = rest.find(',');
    MATRICULA_TRY(const records::EntityId table, find_table(rest.substr(0, comma)));
    chosen[static_cast<std::size_t>(table)] = true;
    more = comma != std::string_view::npos;
    rest.remove_prefix(more ? comma + 1 : rest.size());
  }
  std::vector<records::EntityId> tables;
  for (const records::Entity& each : records::entities()) {
    if (chosen[static_cast<std::size_t>(each.id)]) {
      tables.push_back(each.id);
    }
  }
  return tables;
}

}  // namespace

std::span<const std::string_view> changes_parameters() {
  return kParameters;
}

Result<ChangesRequest> read_changes_request(const http::Parameters& parameters) {
  ChangesRequest request{.epoch = text_of(parameters, "epoch"),
                         .company = text_of(parameters, "company"),
                         .tables_text = text_of(parameters, "tables"),
                         .limit_text = text_of(parameters, "limit"),
                         .wait_text = text_of(parameters, "wait")};
  MATRICULA_TRY(const auto after, parameters.integer("after", 0, kSequenceMax));
  request.after = after.value_or(0);
  MATRICULA_TRY(request.began, parameters.integer("began", 0, kSequenceMax));
  MATRICULA_TRY(const auto limit, parameters.integer("limit", 1, kChangesLimitMax));
  request.limit = limit.value_or(kChangesLimitDefault);
  MATRICULA_TRY(const auto wait, parameters.integer("wait", 0, kWaitSecondsMax));
  request.wait = std::min(kWaitServed, std::chrono::seconds(wait.value_or(0)));
  MATRICULA_TRY(request.tables, read_tables(request.tables_text));
  return request;
}

std::optional<LostPosition> lost_position(const ChangesRequest& request,
                                          const records::SequenceState& state) {
  if (request.epoch && *request.epoch != state.epoch) {
    return LostPosition{
        .message =
            "The sequence of changes was restarted after this epoch was given. Read "
            "the tables again, beginning with after=0 and without epoch."};
  }
  const std::int64_t read_up_to = std::max(request.after, request.began.value_or(0));
  if (read_up_to > state.last) {
    return LostPosition{
        .message = fmt::format("The last change is number {}, {} lies beyond it: it is of another "
                               "sequence. Read the tables again, beginning with after=0.",
                               state.last, read_up_to)};
  }
  if (deletes_after(request) && read_up_to < state.oldest) {
    return LostPosition{
        .is_expired = true,
        .message = fmt::format("Deletes are kept from number {} on, after={} is older. Read "
                               "the tables again, beginning with after=0.",
                               state.oldest, request.after)};
  }
  return std::nullopt;
}

std::optional<std::int64_t> deletes_after(const ChangesRequest& request) {
  return request.after == 0 && !request.began
             ? std::nullopt
             : std::optional(std::max(request.after, request.began.value_or(0)));
}

std::string next_target(const ChangesRequest& request, const records::SequenceState& state,
                        std::int64_t next) {
  std::string target = fmt::format("/data/v1/changes?after={}", next);
  const auto add = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) {
      target += fmt::format("&{}={}", name, http::percent_encode(*value));
    }
  };
  const std::int64_t began =
      request.after == 0 && !request.began ? state.last : request.began.value_or(0);
  if (began > next) {
    target += fmt::format("&began={}", began);
  }
  add("limit", request.limit_text);
  add("tables", request.tables_text);
  add("wait", request.wait_text);
  add("company", request.company);
  add("epoch", state.epoch);
  return target;
}

}  // namespace matricula::dataapi
