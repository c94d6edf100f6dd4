#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "exchange/feed_spool.h"
#include "exchange/record.h"
#include "exchange/record_reader.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::exchange {

// Checks that all lines of a feed are of one company: the given one, or that of the first line that
// names one. One thread at a time.
class FeedCompany {
 public:
  // `given`: empty where the lines have to name it.
  explicit FeedCompany(std::string given) : id_(std::move(given)), is_given_(!id_.empty()) {}
  // Checks the company that the line itself names. kBadUserInput is the reason why the line is
  // rejected: it is of another company.
  Result<void> check_named(const FeedLine& line, const Record& record);
  // Where no line names a company: takes that of the contracts of the spool's puts, else the only
  // one of the store, else what is_of_another() finds. kNotFound for a given one that no line names
  // and the store does not have. To be called when all lines were read, before any is applied.
  Result<void> find(storage::Session& session, FeedSpool& spool);
  // Checks the company in the store, where a put names none itself: that of its contract, plan or
  // attempt. kBadUserInput as above; other errors are those of the store.
  Result<void> check_owner(storage::Session& session, const records::Entity& entity,
                           const Record& record);
  // Whether the record that a line deletes is another company's: it went there, and the feed does
  // not know. Where nothing else names a company, the first deleted record's is the feed's;
  // kBadUserInput where that record was another company's before, so that it may be either's feed.
  Result<bool> is_of_another(storage::Session& session, const records::Entity& entity,
                             const Record& record);
  // Empty until a line has named one.
  std::string_view id() const { return id_; }

 private:
  Result<void> check(std::string_view company);

  std::string id_;
  bool is_given_;
  bool is_named_ = false;    // by a line
  bool is_unclear_ = false;  // the store has several, and nothing names one of them
};

}  // namespace matricula::exchange
