#include "exchange/generate.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <span>
#include <utility>
#include <vector>

#include "base/escape.h"
#include "base/temporary_names.h"
#include "base/time_text.h"
#include "exchange/generate_catalog.h"
#include "exchange/generate_companies.h"
#include "exchange/generate_order.h"
#include "exchange/generate_people.h"
#include "exchange/generate_plans.h"
#include "exchange/generate_progress.h"
#include "exchange/generate_random.h"
#include "exchange/limits.h"

namespace matricula::exchange {
namespace {

namespace fs = std::filesystem;

class OutputFile {
 public:
  OutputFile(const std::string& path, std::string name)
      : name_(std::move(name)), stream_(path, std::ios::binary) {}
  void write(std::string_view line) {
    stream_ << line;
    ++rows_;
  }
  bool close() {
    stream_.close();
    return stream_.good();
  }
  const std::string& name() const { return name_; }
  std::uint64_t rows() const { return rows_; }

 private:
  std::string name_;
  std::ofstream stream_;
  std::uint64_t rows_ = 0;
};

class Generator {
 public:
  Generator(const GenerateOptions& options, Timestamp now)
      : options_(options),
        setting_{.seed = options.seed, .now = now},
        companies_(options.seed, options.companies, options.learners),
        catalog_(companies_.catalog()) {}

  Result<void> run() {
    MATRICULA_CHECK(file("companies.ndjson", &Generator::companies));
    MATRICULA_CHECK(file("contracts.ndjson", &Generator::contracts));
    MATRICULA_CHECK(file("users.ndjson", &Generator::users));
    MATRICULA_CHECK(file("programs.ndjson", &Generator::programs));
    MATRICULA_CHECK(file("contract_programs.ndjson", &Generator::contract_programs));
    MATRICULA_CHECK(file("assessments.ndjson", &Generator::assessments));
    MATRICULA_CHECK(file("contract_assessments.ndjson", &Generator::contract_assessments));
    MATRICULA_CHECK(file("learning_plans.ndjson", &Generator::learning_plans));
    MATRICULA_CHECK(file("program_progress.ndjson", &Generator::program_progress));
    MATRICULA_CHECK(file("assessment_progress.ndjson", &Generator::assessment_progress));
    MATRICULA_CHECK(file("learning_plan_progress.ndjson", &Generator::learning_plan_progress));
    const SignalsHeld held;
    unfinished_.clear();
    return {};
  }

 private:
  Result<void> file(const char* name, void (Generator::*write)(OutputFile&)) {
    const std::string path = (fs::path(options_.out) / name).string();
    unfinished_.emplace_back(path);
    OutputFile out(path, name);
    (this->*write)(out);
    if (!out.close()) {
      return fail(ErrorCode::kIo,
                  fmt::format("{}/{} cannot be written; is the disk full?", options_.out, name));
    }
    if (options_.on_file) {
      options_.on_file(out.name(), out.rows());
    }
    return {};
  }

  void companies(OutputFile& out) {
    for (const SyntheticCompany& company : companies_.all()) {
      out.write(fmt::format("{{\"id\":\"{}\",\"slug\":\"{}\",\"name\":{}}}\n", company.id,
                            company.slug, json_string("Company " + company.slug.substr(8))));
    }
  }

  void contracts(OutputFile& out) {
    for (const SyntheticCompany& company : companies_.all()) {
      for (std::uint64_t c = 0; c < company.contracts; ++c) {
        std::string line = fmt::format(R"({{"id":"{}","companyId":"{}","name":"Contract {}")",
                                       contract_id(company, c), company.id, c + 1);
        if (c % 2 == 0) {
          line += time_member("startsAt", setting_.now - 700 * kMicrosPerDay) +
                  time_member("endsAt", setting_.now + 400 * kMicrosPerDay);
        }
        out.write(line + "}\n");
      }
    }
  }

  void users(OutputFile& out) {
    const std::span<const SyntheticCompany> all = companies_.all();
    struct User {
      PersonKey key;
      std::uint64_t number = 0;
      std::uint32_t company = 0;
      auto operator<=>(const User&) const = default;
    };
    emit_in_order<User>(
        kSortedItemsMax,
        [&](const auto& take) {
          for (std::uint32_t c = 0; c < all.size(); ++c) {
            for (std::uint64_t i = 0; i < all[c].learners; ++i) {
              const std::uint64_t number = all[c].first_learner + i;
              take(User{.key = key_of(number), .number = number, .company = c});
            }
          }
        },
        [&](const User& user) {
          const Person person =
              person_of(setting_.seed, user.number, all[user.company].slug + ".example");
          out.write(fmt::format(
              "{{\"id\":\"{}\",\"email\":\"{}\",\"firstName\":{},\"lastName\":{}}}\n", person.id,
              person.email, json_string(person.first_name), json_string(person.last_name)));
        });
  }

  void programs(OutputFile& out) {
    for (const std::size_t rank : companies_.programs_by_key()) {
      if (catalog_.programs[rank].is_listed) {
        out.write(program_line(catalog_.programs[rank], setting_.seed, setting_.now));
      }
    }
  }

  void contract_programs(OutputFile& out) {
    for (const SyntheticCompany& company : companies_.all()) {
      for (std::uint64_t c = 0; c < company.contracts; ++c) {
        for (const std::size_t rank : companies_.programs_by_key()) {
          const SyntheticProgram& program = catalog_.programs[rank];
          if (!program.is_retired && companies_.covers(company, c, program.key, rank)) {
            out.write(
                fmt::format("{{\"contractId\":\"{0}\",\"programKey\":\"{1}\",\"launchUrl\":"
                            "\"https://sso.example/{0}/{1}\"}}\n",
                            contract_id(company, c), program.key));
          }
        }
      }
    }
  }

  void assessments(OutputFile& out) {
    for (const std::size_t rank : companies_.assessments_by_id()) {
      out.write(assessment_line(catalog_.assessments[rank], setting_.seed));
    }
  }

  void contract_assessments(OutputFile& out) {
    for (const SyntheticCompany& company : companies_.all()) {
      for (std::uint64_t c = 0; c < company.contracts; ++c) {
        for (const std::size_t rank : companies_.assessments_by_id()) {
          if (companies_.covers(company, c, catalog_.assessments[rank].id, rank)) {
            out.write(fmt::format("{{\"contractId\":\"{}\",\"assessmentId\":\"{}\"}}\n",
                                  contract_id(company, c), catalog_.assessments[rank].id));
          }
        }
      }
    }
  }

  void learning_plans(OutputFile& out) {
    for (const SyntheticCompany& company : companies_.all()) {
      for (const std::uint64_t plan : plans_by_id(company)) {
        out.write(plan_line(setting_, companies_, company, plan));
      }
    }
  }

  void program_progress(OutputFile& out) {
    const std::span<const SyntheticCompany> all = companies_.all();
    struct Learner {
      PersonKey key;
      std::uint64_t number = 0;
      bool is_visitor = false;  // of another company
      auto operator<=>(const Learner&) const = default;
    };
    for (std::size_t c = 0; c < all.size(); ++c) {
      const SyntheticCompany& before = all[(c + all.size() - 1) % all.size()];
      emit_in_order<Learner>(
          kSortedItemsMax,
          [&](const auto& take) {
            for (std::uint64_t i = 0; i < all[c].learners; ++i) {
              const std::uint64_t number = all[c].first_learner + i;
              take(Learner{.key = key_of(number), .number = number});
            }
            for (std::uint64_t i = 0; i < before.learners && all.size() > 1; ++i) {
              const std::uint64_t number = before.first_learner + i;
              if (visit(number).chance(0.01)) {
                take(Learner{.key = key_of(number), .number = number, .is_visitor = true});
              }
            }
          },
          [&](const Learner& learner) {
            learner.is_visitor ? write_visit(out, all[c], learner.number)
                               : write_enrolments(out, all[c], learner.number);
          });
    }
  }

  // In the order of the programs' keys, though they are drawn in another.
  void write_enrolments(OutputFile& out, const SyntheticCompany& company, std::uint64_t learner) {
    Random random(mix(setting_.seed, 31, learner));
    std::vector<std::pair<std::string_view, std::string>> lines;
    for (const std::size_t rank : companies_.enrolments_of(company, random)) {
      const SyntheticProgram& program = catalog_.programs[rank];
      lines.emplace_back(program.key, enrolment_line(setting_, company, learner, program, random));
    }
    std::ranges::sort(lines);
    for (const auto& [key, line] : lines) {
      out.write(line);
    }
  }

  // Some people learn with two companies: one user, a record in each.
  Random visit(std::uint64_t learner) const { return Random(mix(setting_.seed, 32, learner)); }
  void write_visit(OutputFile& out, const SyntheticCompany& company, std::uint64_t learner) {
    Random random = visit(learner);
    random.next();
    const std::size_t rank = companies_.covered_program(company, random);
    out.write(enrolment_line(setting_, company, learner, catalog_.programs[rank], random));
  }

  void assessment_progress(OutputFile& out) {
    std::uint64_t attempts = 0;
    // As many digits for all, so that the order of numbers is that of ids. A learner has two
    // attempts on the mean.
    const int digits = options_.learners <= 10'000'000 ? 8 : 10;
    for (const SyntheticCompany& company : companies_.all()) {
      for (std::uint64_t i = 0; i < company.learners; ++i) {
        Random random(mix(setting_.seed, 41, company.first_learner + i));
        if (!random.chance(0.7)) {
          continue;
        }
        for (std::uint64_t sittings = 1 + random.zipf(5); sittings > 0; --sittings) {
          const SyntheticAssessment& assessment =
              companies_.assessment_of(company, random, !random.chance(0.01));
          double pass = 0.6;
          do {
            pass *= 0.8;
            out.write(attempt_line(setting_, company,
                                   {.id = fmt::format("at-{:0{}d}", ++attempts, digits),
                                    .learner = company.first_learner + i,
                                    .assessment = assessment,
                                    .chance_to_pass = pass},
                                   random));
          } while (random.chance(0.12));
        }
      }
    }
  }

  void learning_plan_progress(OutputFile& out) {
    struct Subscriber {
      std::uint32_t place = 0;  // of the plan
      PersonKey key;
      std::uint64_t number = 0;
      std::uint64_t state = 0;  // of the random numbers
      auto operator<=>(const Subscriber&) const = default;
    };
    for (const SyntheticCompany& company : companies_.all()) {
      const std::vector<std::uint64_t> plans = plans_by_id(company);
      std::vector<std::uint32_t> places(plans.size());
      for (std::uint32_t place = 0; place < plans.size(); ++place) {
        places[plans[place]] = place;
      }
      emit_in_order<Subscriber>(
          kSortedItemsMax,
          [&](const auto& take) {
            for (std::uint64_t i = 0; i < company.learners; ++i) {
              const std::uint64_t number = company.first_learner + i;
              each_subscription(company, number, [&](std::uint64_t plan, const Random& random) {
                take(Subscriber{.place = places[plan],
                                .key = key_of(number),
                                .number = number,
                                .state = random.state()});
              });
            }
          },
          [&](const Subscriber& subscriber) {
            Random random(subscriber.state);
            const std::uint64_t plan = plans[subscriber.place];
            out.write(subscription_line(setting_, company, subscriber.number, plan,
                                        draw_subscription(setting_, company, plan, random)));
          });
    }
  }

  // Up to three plans of a learner, with the random numbers that draw each subscription.
  template <typename Take>
  void each_subscription(const SyntheticCompany& company, std::uint64_t learner, Take take) const {
    Random random(mix(setting_.seed, 51, learner));
    std::vector<std::uint64_t> plans;
    for (std::uint64_t wanted = random.below(4); wanted > 0; --wanted) {
      const std::uint64_t plan = random.zipf(company.plans);
      if (std::ranges::find(plans, plan) == plans.end()) {
        plans.push_back(plan);
        take(plan, std::as_const(random));
        draw_subscription(setting_, company, plan, random);
      }
    }
  }

  PersonKey key_of(std::uint64_t learner) const { return person_key(setting_.seed, learner); }

  const GenerateOptions& options_;
  std::vector<TemporaryName> unfinished_;  // a signal leaves all files or none
  Setting setting_;
  SyntheticCompanies companies_;
  const SyntheticCatalog& catalog_;
};

// `made` is the directory's name where there was none.
Result<void> prepare_directory(const std::string& out, TemporaryName& made) {
  std::error_code error;
  made = make_directories(out, error);
  if (error || !fs::is_directory(out, error)) {
    return fail(ErrorCode::kIo, fmt::format("{}: cannot be made as a directory: {}", out,
                                            error ? error.message() : "a file is in its place"));
  }
  for (fs::directory_iterator entry(out, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".ndjson") {
      return fail(ErrorCode::kConflict, fmt::format("{} is there already; name a directory without "
                                                    "such files",
                                                    entry->path().string()));
    }
  }
  return error ? Result<void>(fail(ErrorCode::kIo,
                                   fmt::format("{} cannot be read: {}", out, error.message())))
               : Result<void>();
}

}  // namespace

GenerateOptions demo_options(const std::string& out) {
  return {.out = out, .companies = 1, .learners = 2'000, .seed = 1};
}

Result<void> generate(const GenerateOptions& options, const Clock& clock) {
  if (options.companies < 1 || options.companies > 10'000) {
    return fail(ErrorCode::kUsage,
                fmt::format("--companies {}: must be from 1 to 10000", options.companies));
  }
  if (options.learners < 1 || options.learners > 100'000'000) {
    return fail(ErrorCode::kUsage,
                fmt::format("--learners {}: must be from 1 to 100000000", options.learners));
  }
  TemporaryName made;
  MATRICULA_CHECK(prepare_directory(options.out, made));
  const Timestamp now = options.now.value_or(clock.now() / kMicrosPerDay * kMicrosPerDay);
  return Generator(options, now).run();
}

}  // namespace matricula::exchange
