#include "server/metrics_text.h"

#include <array>
#include <fmt/format.h>
#include <iterator>

#include "readmodel/read_model.h"
#include "server/process_text.h"

namespace matricula::server {
namespace {

using pipeline::EndpointMetrics;

// One endpoint over all loops.
struct EndpointTotals {
  std::string_view name;
  std::array<std::uint64_t, 6> by_status_class{};
  std::array<std::uint64_t, EndpointMetrics::kBounds.size() + 1> latency{};
  std::uint64_t latency_us = 0;
  std::uint64_t plan_hits = 0;
  std::uint64_t plan_misses = 0;
  std::uint64_t graphql_errors = 0;
  std::array<std::uint64_t, EndpointMetrics::kRefusals.size()> refused{};
};

EndpointTotals totals_of(const pipeline::Pipeline& pipeline, std::size_t endpoint) {
  EndpointTotals totals{.name = pipeline.endpoints()[endpoint]->name};
  for (unsigned loop = 0; loop < pipeline.loops(); ++loop) {
    const EndpointMetrics& part = pipeline.metrics(loop, endpoint);
    for (std::size_t i = 0; i < totals.by_status_class.size(); ++i) {
      totals.by_status_class[i] += part.by_status_class[i].load(std::memory_order_relaxed);
    }
    for (std::size_t i = 0; i < totals.latency.size(); ++i) {
      totals.latency[i] += part.latency[i].load(std::memory_order_relaxed);
    }
    for (std::size_t i = 0; i < totals.refused.size(); ++i) {
      totals.refused[i] += part.refused[i].load(std::memory_order_relaxed);
    }
    totals.latency_us += part.latency_us.load(std::memory_order_relaxed);
    totals.plan_hits += part.plan_hits.load(std::memory_order_relaxed);
    totals.plan_misses += part.plan_misses.load(std::memory_order_relaxed);
    totals.graphql_errors += part.graphql_errors.load(std::memory_order_relaxed);
  }
  return totals;
}

class MetricsText {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    add("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  template <typename... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Arguments>(arguments)...);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void add_latency(MetricsText& text, const EndpointTotals& totals) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < EndpointMetrics::kBounds.size(); ++i) {
    below += totals.latency[i];
    text.add("matricula_request_seconds_bucket{{endpoint=\"{}\",le=\"{}\"}} {}\n", totals.name,
             static_cast<double>(EndpointMetrics::kBounds[i].count()) / 1e6, below);
  }
  below += totals.latency.back();
  text.add("matricula_request_seconds_bucket{{endpoint=\"{}\",le=\"+Inf\"}} {}\n", totals.name,
           below);
  text.add("matricula_request_seconds_sum{{endpoint=\"{}\"}} {}\n", totals.name,
           static_cast<double>(totals.latency_us) / 1e6);
  text.add("matricula_request_seconds_count{{endpoint=\"{}\"}} {}\n", totals.name, below);
}

void add_endpoints(MetricsText& text, const std::vector<EndpointTotals>& endpoints) {
  text.family("matricula_requests_total", "counter", "Requests answered, by endpoint and status.");
  for (const EndpointTotals& each : endpoints) {
    for (std::size_t status = 2; status < each.by_status_class.size(); ++status) {
      text.add("matricula_requests_total{{endpoint=\"{}\",status=\"{}xx\"}} {}\n", each.name,
               status, each.by_status_class[status]);
    }
  }
  text.family("matricula_request_seconds", "histogram", "Time from request to answer.");
  for (const EndpointTotals& each : endpoints) {
    add_latency(text, each);
  }
  text.family("matricula_plan_cache_total", "counter", "Plans found and made.");
  for (const EndpointTotals& each : endpoints) {
    text.add("matricula_plan_cache_total{{endpoint=\"{}\",outcome=\"hit\"}} {}\n", each.name,
             each.plan_hits);
    text.add("matricula_plan_cache_total{{endpoint=\"{}\",outcome=\"miss\"}} {}\n", each.name,
             each.plan_misses);
  }
  text.family("matricula_graphql_errors_total", "counter", "Documents refused before execution.");
  for (const EndpointTotals& each : endpoints) {
    text.add("matricula_graphql_errors_total{{endpoint=\"{}\"}} {}\n", each.name,
             each.graphql_errors);
  }
  text.family("matricula_requests_refused_total", "counter",
              "Requests answered with these statuses, which are among those of 4xx and 5xx too.");
  for (const EndpointTotals& each : endpoints) {
    for (std::size_t status = 0; status < EndpointMetrics::kRefusals.size(); ++status) {
      text.add("matricula_requests_refused_total{{endpoint=\"{}\",status=\"{}\"}} {}\n", each.name,
               EndpointMetrics::kRefusals[status], each.refused[status]);
    }
  }
}

void add_server(MetricsText& text, const http::ServerStats& stats) {
  text.family("matricula_connections_open", "gauge", "Connections open now.");
  text.add("matricula_connections_open {}\n", stats.connections_open);
  text.family("matricula_connections_total", "counter", "Connections accepted and refused.");
  text.add("matricula_connections_total{{outcome=\"accepted\"}} {}\n", stats.connections_accepted);
  text.add("matricula_connections_total{{outcome=\"refused\"}} {}\n", stats.connections_refused);
  text.family("matricula_requests_in_flight", "gauge", "Requests not answered yet.");
  text.add("matricula_requests_in_flight {}\n", stats.requests_in_flight);
  text.family("matricula_http_bytes_total", "counter", "Bytes received and sent.");
  text.add("matricula_http_bytes_total{{direction=\"received\"}} {}\n", stats.bytes_received);
  text.add("matricula_http_bytes_total{{direction=\"sent\"}} {}\n", stats.bytes_sent);
}

void add_answers(MetricsText& text, const execution::AnswerPlaces& answers) {
  if (answers.memory != nullptr) {
    text.family("matricula_response_memory_bytes", "gauge", "Memory that answers take.");
    text.add("matricula_response_memory_bytes {}\n", answers.memory->used());
  }
  if (answers.spool != nullptr) {
    text.family("matricula_spool_bytes", "gauge", "Disk space of answers that are not read yet.");
    text.add("matricula_spool_bytes {}\n", answers.spool->budget().used());
  }
}

void add_read_model(MetricsText& text, const readmodel::ReadModelStats& stats,
                    std::uint64_t catalog_bytes) {
  text.family("matricula_read_model_companies", "gauge", "Companies with a list in memory.");
  text.add("matricula_read_model_companies {}\n", stats.companies);
  text.family("matricula_read_model_lists", "gauge", "Lists of companies in memory.");
  text.add("matricula_read_model_lists {}\n", stats.lists);
  text.family("matricula_read_model_rows", "gauge", "Their rows.");
  text.add("matricula_read_model_rows {}\n", stats.rows);
  text.family("matricula_read_model_bytes", "gauge", "Memory that they take.");
  text.add("matricula_read_model_bytes {}\n", stats.bytes);
  text.family("matricula_read_model_catalog_bytes", "gauge", "Memory that parts of catalogs take.");
  text.add("matricula_read_model_catalog_bytes {}\n", catalog_bytes);
  text.family("matricula_read_model_reads_total", "counter",
              "Reads of these lists: from memory (hit) or from the store (miss).");
  text.add("matricula_read_model_reads_total{{outcome=\"hit\"}} {}\n", stats.hits);
  text.add("matricula_read_model_reads_total{{outcome=\"miss\"}} {}\n", stats.misses);
  text.family("matricula_read_model_updates_total", "counter",
              "Companies loaded whole, refreshed in the background or by a request, and evicted.");
  text.add("matricula_read_model_updates_total{{kind=\"load\"}} {}\n", stats.loads);
  text.add("matricula_read_model_updates_total{{kind=\"refresh\"}} {}\n", stats.catch_ups);
  text.add("matricula_read_model_updates_total{{kind=\"request\"}} {}\n", stats.refreshes);
  text.add("matricula_read_model_updates_total{{kind=\"eviction\"}} {}\n", stats.evictions);
  text.family("matricula_read_model_failures_total", "counter",
              "Loads that did not fit into --read-model-bytes, and those that could not read the "
              "store; tables answer instead.");
  text.add("matricula_read_model_failures_total{{reason=\"too_large\"}} {}\n", stats.too_large);
  text.add("matricula_read_model_failures_total{{reason=\"store\"}} {}\n", stats.failures);
  text.family("matricula_read_model_waiting", "gauge",
              "Companies that wait to be loaded or refreshed.");
  text.add("matricula_read_model_waiting {}\n", stats.waiting);
  text.family("matricula_read_model_lag_seconds", "gauge",
              "How long the first of them has waited.");
  text.add("matricula_read_model_lag_seconds {}\n", stats.lag_seconds);
}

void add_store(MetricsText& text, const StoreMetrics& store) {
  text.family("matricula_store_up", "gauge", "1 while the store answers.");
  text.add("matricula_store_up {}\n", store.health.reachable ? 1 : 0);
  text.family("matricula_store_migrations_current", "gauge",
              "1 while the store has the schema of this program.");
  text.add("matricula_store_migrations_current {}\n", store.health.migrations_current ? 1 : 0);
  if (!store.imports) {
    return;
  }
  text.family("matricula_import_files_total", "counter",
              "Files imported since the store was made, by whatever process.");
  for (const exchange::ImportTotals& each : *store.imports) {
    text.add("matricula_import_files_total{{entity=\"{}\"}} {}\n", each.entity, each.files);
  }
  text.family("matricula_import_records_total", "counter", "Records of those files, by outcome.");
  for (const exchange::ImportTotals& each : *store.imports) {
    const std::pair<std::string_view, std::int64_t> outcomes[] = {{"changed", each.changed},
                                                                  {"unchanged", each.unchanged},
                                                                  {"deleted", each.deleted},
                                                                  {"rejected", each.rejected}};
    for (const auto& [outcome, count] : outcomes) {
      text.add("matricula_import_records_total{{entity=\"{}\",outcome=\"{}\"}} {}\n", each.entity,
               outcome, count);
    }
  }
  text.family("matricula_import_last_timestamp_seconds", "gauge",
              "When the last file of an entity was imported.");
  for (const exchange::ImportTotals& each : *store.imports) {
    text.add("matricula_import_last_timestamp_seconds{{entity=\"{}\"}} {}\n", each.entity,
             static_cast<double>(each.finished_at) / 1e6);
  }
}

}  // namespace

std::string metrics_text(const pipeline::Pipeline& pipeline, std::size_t changes_waiting,
                         const http::Server* server, const StoreMetrics& store) {
  std::vector<EndpointTotals> endpoints;
  for (std::size_t i = 0; i < pipeline.endpoints().size(); ++i) {
    endpoints.push_back(totals_of(pipeline, i));
  }
  MetricsText text;
  add_endpoints(text, endpoints);
  text.family("matricula_worker_queue", "gauge", "Requests waiting for a worker.");
  text.add("matricula_worker_queue {}\n", pipeline.queued());
  text.family("matricula_changes_waiting", "gauge", "Requests that wait for changes.");
  text.add("matricula_changes_waiting {}\n", changes_waiting);
  add_answers(text, pipeline.answers());
  if (const readmodel::ReadModel* const model = pipeline.read_model()) {
    add_read_model(text, model->stats(), pipeline.column_bytes());
  }
  add_store(text, store);
  if (server != nullptr) {
    add_server(text, server->stats());
  }
  text.family("matricula_build_info", "gauge", "1, with the version of the program.");
  text.add("matricula_build_info{{version=\"{}\"}} 1\n", MATRICULA_VERSION);
  text.add("{}", process_text(read_process()));
  return text.take();
}

}  // namespace matricula::server
