#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "base/result.h"
#include "records/entities.h"
#include "records/row_state.h"
#include "storage/database.h"

namespace matricula::records {

// A row of an entity other than progress that may have changed; or, with a company, a record that
// the company may see from now on or no longer (users, programs and assessments, without a part).
struct Report {
  std::string company;
  RowKey row;
};

// The reports of one write, each once, in the order of their keys. Beyond `kept_max` of them they
// are moved to a temporary table, so that memory stays bounded and nothing need be settled before
// the write is complete. One thread at a time.
class Reports {
 public:
  explicit Reports(std::size_t kept_max) : kept_max_(kept_max) {}
  Result<void> add(storage::Session& session, std::string_view company, EntityId entity,
                   std::string_view key, std::string_view part);
  // Calls `work` for each report and forgets them; take_rows() those without a company alone.
  // `work` must not add reports.
  using Work = std::function<Result<void>(const Report&)>;
  Result<void> take_rows(storage::Session& session, const Work& work);
  Result<void> take_all(storage::Session& session, const Work& work);

 private:
  using View = std::tuple<std::string_view, EntityId, std::string_view, std::string_view>;
  struct Less {
    using is_transparent = void;
    static View view(const View& view) { return view; }
    static View view(const Report& report) {
      return {report.company, report.row.entity, report.row.key, report.row.part};
    }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return view(a) < view(b);
    }
  };
  Result<void> spill(storage::Session& session);
  Result<void> take_spilled(storage::Session& session, bool only_rows, const Work& work);

  const std::size_t kept_max_;
  std::set<Report, Less> kept_;
  bool has_table_ = false;
};

}  // namespace matricula::records
