#include "exchange/generate.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "base/escape.h"
#include "base/time_text.h"
#include "exchange/generate_catalog.h"
#include "exchange/generate_people.h"
#include "exchange/generate_progress.h"
#include "exchange/generate_random.h"

namespace matricula::exchange {
namespace {

namespace fs = std::filesystem;

class OutputFile {
 public:
  OutputFile(const fs::path& directory, std::string name)
      : name_(std::move(name)), stream_(directory / name_, std::ios::binary) {}
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
        catalog_(make_catalog(options.seed, options.learners)) {
    make_companies();
  }

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
    return file("learning_plan_progress.ndjson", &Generator::learning_plan_progress);
  }

 private:
  Result<void> file(const char* name, void (Generator::*write)(OutputFile&)) {
    OutputFile out(options_.out, name);
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

  // Sizes are log-normal; the largest then holds about a third of all learners of a dozen.
  void make_companies() {
    Random random(mix(setting_.seed, 1));
    std::vector<double> weights;
    double sum = 0;
    for (std::uint32_t i = 0; i < options_.companies; ++i) {
      weights.push_back(random.log_normal(1.0, 1.1));
      sum += weights.back();
    }
    std::uint64_t first = 0;
    double share = 0;
    for (std::uint32_t i = 0; i < options_.companies; ++i) {
      share += weights[i] / sum;
      const std::uint64_t end =
          i + 1 == options_.companies
              ? options_.learners
              : std::min(options_.learners, static_cast<std::uint64_t>(
                                                share * static_cast<double>(options_.learners)));
      const double rate = options_.learners < 20'000 ? 0.012 : 0.004;
      companies_.push_back(
          {.id = fmt::to_string(4'821 + i * 7),
           .slug = fmt::format("company-{}", i + 1),
           .first_learner = first,
           .learners = end - first,
           .contracts = 1 + random.below(4),
           .plans = std::max<std::uint64_t>(
               3, static_cast<std::uint64_t>(rate * static_cast<double>(end - first)))});
      first = end;
    }
  }

  // 60 to 100 % of what there is, the first contract the most popular programs in any case.
  bool covers(const SyntheticCompany& company, std::uint64_t contract, std::string_view key,
              std::size_t rank) const {
    const double share =
        0.6 + 0.4 * Random(mix(setting_.seed, text_number(company.id), contract)).unit();
    const std::uint64_t number = text_number(contract_id(company, contract));
    return (contract == 0 && rank < 5) ||
           Random(mix(setting_.seed, number, text_number(key))).chance(share);
  }
  bool in_catalog(const SyntheticCompany& company, std::string_view key, std::size_t rank) const {
    for (std::uint64_t c = 0; c < company.contracts; ++c) {
      if (covers(company, c, key, rank)) {
        return true;
      }
    }
    return false;
  }

  void companies(OutputFile& out) {
    for (const SyntheticCompany& company : companies_) {
      out.write(fmt::format("{{\"id\":\"{}\",\"slug\":\"{}\",\"name\":{}}}\n", company.id,
                            company.slug, json_string("Company " + company.slug.substr(8))));
    }
  }

  void contracts(OutputFile& out) {
    for (const SyntheticCompany& company : companies_) {
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
    for (const SyntheticCompany& company : companies_) {
      for (std::uint64_t i = 0; i < company.learners; ++i) {
        const Person person =
            person_of(setting_.seed, company.first_learner + i, company.slug + ".example");
        out.write(fmt::format(
            "{{\"id\":\"{}\",\"email\":\"{}\",\"firstName\":{},\"lastName\":{}}}\n", person.id,
            person.email, json_string(person.first_name), json_string(person.last_name)));
      }
    }
  }

  void programs(OutputFile& out) {
    for (const SyntheticProgram& program : catalog_.programs) {
      if (program.is_listed) {
        out.write(program_line(program, setting_.seed, setting_.now));
      }
    }
  }

  void contract_programs(OutputFile& out) {
    for (const SyntheticCompany& company : companies_) {
      for (std::uint64_t c = 0; c < company.contracts; ++c) {
        for (std::size_t rank = 0; rank < catalog_.programs.size(); ++rank) {
          const SyntheticProgram& program = catalog_.programs[rank];
          if (!program.is_retired && covers(company, c, program.key, rank)) {
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
    for (const SyntheticAssessment& assessment : catalog_.assessments) {
      out.write(assessment_line(assessment, setting_.seed));
    }
  }

  void contract_assessments(OutputFile& out) {
    for (const SyntheticCompany& company : companies_) {
      for (std::uint64_t c = 0; c < company.contracts; ++c) {
        for (std::size_t rank = 0; rank < catalog_.assessments.size(); ++rank) {
          if (covers(company, c, catalog_.assessments[rank].id, rank)) {
            out.write(fmt::format("{{\"contractId\":\"{}\",\"assessmentId\":\"{}\"}}\n",
                                  contract_id(company, c), catalog_.assessments[rank].id));
          }
        }
      }
    }
  }

  void learning_plans(OutputFile& out) {
    for (const SyntheticCompany& company : companies_) {
      for (std::uint64_t p = 0; p < company.plans; ++p) {
        const std::string id = plan_id(company, p);
        Random random(mix(setting_.seed, 22, text_number(id)));
        const std::uint64_t required = required_steps(setting_.seed, company, p);
        std::string steps;
        for (std::uint64_t s = 0; s < required; ++s) {
          steps += step_text(company, random, fmt::format("{}-s{}", id, s + 1), s + 1 == required);
        }
        if (random.chance(0.5)) {
          steps += fmt::format(
              R"(,{{"stepId":"{}-survey","stepType":"SURVEY","label":"How was it?","isRequired":false}})",
              id);
        }
        std::string line = fmt::format(
            R"({{"id":"{}","companyId":"{}","title":"Plan {}","key":"plan-{}","slug":"plan-{}","steps":[{}])",
            id, company.id, p + 1, p + 1, p + 1, steps.substr(1));
        if (random.chance(0.4)) {
          line += fmt::format(R"(,"contractId":"{}")",
                              contract_id(company, random.below(company.contracts)));
        }
        out.write(line + "}\n");
      }
    }
  }

  // One required step with a comma before it; some are in a group, which does not count as a step.
  std::string step_text(const SyntheticCompany& company, Random& random, const std::string& id,
                        bool last) {
    if (!last && random.chance(0.15)) {
      const SyntheticAssessment& assessment = assessment_of(company, random, true);
      return fmt::format(
          R"(,{{"stepId":"{}","stepType":"ASSESSMENT","label":{},"isRequired":true,"resourceKey":"{}"}})",
          id, json_string(assessment.title), assessment.id);
    }
    const std::size_t rank = covered_program(company, random);
    const std::string program = fmt::format(
        R"({{"stepId":"{}","stepType":"PROGRAM","label":{},"isRequired":true,"resourceKey":"{}"}})",
        id, json_string(catalog_.programs[rank].title), catalog_.programs[rank].key);
    if (!last || !random.chance(0.5)) {
      return "," + program;
    }
    return fmt::format(
        R"(,{{"stepId":"{0}-group","stepType":"GROUP","label":"Prove it","isRequired":false,"steps":[{1},{{"stepId":"{0}-apply","stepType":"APPLICATION","label":"Apply","isRequired":false}}]}})",
        id, program);
  }

  // The rank of a random program of the company's catalog; popular ones are more likely.
  std::size_t covered_program(const SyntheticCompany& company, Random& random) const {
    for (int tries = 0; tries < 50; ++tries) {
      const std::size_t rank = random.zipf(catalog_.programs.size());
      const SyntheticProgram& program = catalog_.programs[rank];
      if (!program.is_retired && in_catalog(company, program.key, rank)) {
        return rank;
      }
    }
    return 0;
  }

  // A random assessment, most likely of the company's catalog; popular ones are more likely.
  const SyntheticAssessment& assessment_of(const SyntheticCompany& company, Random& random,
                                           bool is_covered) const {
    for (int tries = 0; tries < 50; ++tries) {
      const std::size_t rank = random.zipf(catalog_.assessments.size());
      if (in_catalog(company, catalog_.assessments[rank].id, rank) == is_covered) {
        return catalog_.assessments[rank];
      }
    }
    return catalog_.assessments.front();
  }

  // 1 and a heavy tail, 2.5 on the mean, at most 40; now and then a program that is gone.
  std::vector<std::size_t> enrolments_of(const SyntheticCompany& company, Random& random) const {
    const auto wanted =
        static_cast<std::size_t>(std::clamp(random.log_normal(1.75, 0.85), 1.0, 40.0));
    std::vector<std::size_t> ranks;
    for (std::size_t i = 0; i < wanted; ++i) {
      const std::size_t rank = random.chance(0.01) ? catalog_.programs.size() - 1 - random.below(3)
                                                   : covered_program(company, random);
      if (std::ranges::find(ranks, rank) == ranks.end()) {
        ranks.push_back(rank);
      }
    }
    return ranks;
  }

  void program_progress(OutputFile& out) {
    for (std::size_t c = 0; c < companies_.size(); ++c) {
      const SyntheticCompany& company = companies_[c];
      for (std::uint64_t i = 0; i < company.learners; ++i) {
        Random random(mix(setting_.seed, 31, company.first_learner + i));
        for (const std::size_t rank : enrolments_of(company, random)) {
          out.write(enrolment_line(setting_, company, company.first_learner + i,
                                   catalog_.programs[rank], random));
        }
        // Some people learn with two companies: one user, a record in each.
        if (companies_.size() > 1 && random.chance(0.01)) {
          const SyntheticCompany& other = companies_[(c + 1) % companies_.size()];
          out.write(enrolment_line(setting_, other, company.first_learner + i,
                                   catalog_.programs[covered_program(other, random)], random));
        }
      }
    }
  }

  void assessment_progress(OutputFile& out) {
    std::uint64_t attempt = 0;
    for (const SyntheticCompany& company : companies_) {
      for (std::uint64_t i = 0; i < company.learners; ++i) {
        Random random(mix(setting_.seed, 41, company.first_learner + i));
        if (!random.chance(0.7)) {
          continue;
        }
        for (std::uint64_t sittings = 1 + random.zipf(5); sittings > 0; --sittings) {
          const SyntheticAssessment& assessment =
              assessment_of(company, random, !random.chance(0.01));
          double pass = 0.6;
          do {
            pass *= 0.8;
            out.write(attempt_line(setting_, company,
                                   {.number = ++attempt,
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
    for (const SyntheticCompany& company : companies_) {
      for (std::uint64_t i = 0; i < company.learners; ++i) {
        Random random(mix(setting_.seed, 51, company.first_learner + i));
        std::vector<std::uint64_t> plans;
        for (std::uint64_t wanted = random.below(4); wanted > 0; --wanted) {
          const std::uint64_t plan = random.zipf(company.plans);
          if (std::ranges::find(plans, plan) == plans.end()) {
            plans.push_back(plan);
            out.write(
                subscription_line(setting_, company, company.first_learner + i, plan, random));
          }
        }
      }
    }
  }

  const GenerateOptions& options_;
  Setting setting_;
  SyntheticCatalog catalog_;
  std::vector<SyntheticCompany> companies_;
};

Result<void> prepare_directory(const std::string& out) {
  std::error_code error;
  fs::create_directories(out, error);
  if (error || !fs::is_directory(out, error)) {
    return fail(ErrorCode::kIo, fmt::format("{}: cannot be made as a directory: {}", out,
                                            error ? error.message() : "a file is in its place"));
  }
  for (fs::directory_iterator entry(out, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".ndjson") {
      return fail(ErrorCode::kConflict, fmt::format("{} is there already; name an empty directory",
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
  MATRICULA_CHECK(prepare_directory(options.out));
  const Timestamp now = options.now.value_or(clock.now() / kMicrosPerDay * kMicrosPerDay);
  return Generator(options, now).run();
}

}  // namespace matricula::exchange
