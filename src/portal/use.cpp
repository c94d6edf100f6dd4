#include "portal/use.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <iterator>
#include <vector>

#include "auth/trail/usage.h"
#include "portal/replies.h"

namespace matricula::portal {
namespace {

std::string day_text(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

// One entry a day: a day that is not in `days` had no requests.
void append_days(std::string& out, const std::vector<auth::UseDay>& days, std::int64_t today) {
  std::vector<auth::UseDay> all;
  for (std::int64_t day = today - kUsageDays + 1; day <= today; ++day) {
    const auto found = std::ranges::find(days, day, &auth::UseDay::day);
    all.push_back(found == days.end() ? auth::UseDay{.day = day} : *found);
  }
  append_list(out, all, [&](const auth::UseDay& day) {
    out += fmt::format(R"({{"day":"{}","answered":{},"refused":{}}})", day_text(day.day),
                       day.answered, day.refused);
  });
}

}  // namespace

Result<void> append_use(std::string& out, storage::Session& reader, const std::string& company_id,
                        std::int64_t today, Names& names) {
  const std::int64_t first_day = today - kUsageDays + 1;
  MATRICULA_TRY(const auto days, auth::uses_of_company(reader, company_id, first_day));
  MATRICULA_TRY(const auto sources, auth::uses_by_source(reader, company_id, first_day));
  std::vector<auth::Uuid> ids;
  std::ranges::transform(sources, std::back_inserter(ids), &auth::SourceUse::source_id);
  MATRICULA_CHECK(names.learn(ids));
  out += R"({"days":)";
  append_days(out, days, today);
  out += R"(,"sources":[)";
  for (const auth::SourceUse& use : sources) {
    MATRICULA_TRY(const auto name, names.key(use.source_id));
    const std::string id = auth::uuid_text(use.source_id);
    out += out.ends_with('[') ? "{" : ",{";
    append_member(out, "kind", name && name->is_credential ? "credential" : "token");
    append_member(out, "id", id);
    append_member(out, "name", name ? name->name : id);
    append_member(out, "endpoint", use.endpoint);
    out += fmt::format(R"(,"answered":{},"refused":{}}})", use.answered, use.refused);
  }
  out += "]}";
  return {};
}

}  // namespace matricula::portal
