#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "exchange/record.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::exchange {

// Checks that all lines of a feed are of one company: that of the first line that names one. One
// thread at a time.
class FeedCompany {
 public:
  // Checks the company that the line itself names. kBadUserInput is the reason why the line is
  // rejected: it is of another company.
  Result<void> check_named(const records::Entity& entity, const Record& record);
  // Checks the company in the store, where the line names none itself: that of its contract, plan
  // or attempt. kBadUserInput as above; other errors are those of the store.
  Result<void> check_owner(storage::Session& session, const records::Entity& entity,
                           const Record& record);
  // Empty until a line has named one.
  std::string_view id() const { return id_; }

 private:
  Result<void> check(std::string_view company);

  std::string id_;
};

}  // namespace matricula::exchange
