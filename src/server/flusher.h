#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>

#include "auth/trail/access_clock.h"
#include "auth/trail/refusals.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "pipeline/pipeline.h"
#include "server/calendar_watch.h"
#include "server/data_routes.h"
#include "server/repeater.h"
#include "storage/database.h"
#include "storage/patience.h"

namespace matricula::server {

// Writes use counts and refused attempts to the store regularly, and once more at the end; keeps
// the access clock up to the audit trail; deletes data whose retention is over. Its end waits for
// one transaction, and some seconds for other writers.
class Flusher {
 public:
  // All of it must outlive the flusher.
  struct Dependencies {
    pipeline::Pipeline& pipeline;
    DataRoutes& data;
    auth::Refusals& refusals;
    storage::Database& database;
    const Clock& clock;
    auth::AccessClock& access_clock;
    Logger& logger;
  };
  // How long tombstones and lines of the audit trail are kept; 0 audit_days: forever.
  struct Retention {
    std::uint32_t tombstones_days = 0;
    std::int64_t audit_days = 0;
  };
  Flusher(const Dependencies& dependencies, const Retention& retention);
  ~Flusher();
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;

 private:
  void work();
  void read_trail();
  void delete_old();
  void drop_ended();
  void drop_use();
  void sweep_tombstones();
  void drop_audit();
  template <typename Drop>
  void drop(std::int64_t whole, std::string_view failed, const Drop& drop_some);
  void report(const Result<void>& done, std::string_view failed);

  pipeline::Pipeline& pipeline_;
  DataRoutes& data_;
  auth::Refusals& refusals_;
  storage::Database& database_;
  const Clock& clock_;
  auth::AccessClock& access_clock_;
  Logger& logger_;
  const Retention retention_;
  std::stop_source ending_;
  const storage::Patience patience_;
  CalendarWatch calendar_;
  bool trusts_calendar_ = true;
  bool is_ahead_ = false;
  int round_ = 0;
  std::optional<Repeater> repeater_;  // last: its thread uses all of the above
};

}  // namespace matricula::server
