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

// The one company that the lines of a feed are of: that of the first line that names one. One
// thread at a time.
class FeedCompany {
 public:
  // What a line itself says. The error (kBadUserInput) is the reason why it is rejected: it is of
  // another company.
  Result<void> check_named(const records::Entity& entity, const Record& record);
  // What the store says of the record that a line is about, where the line does not name a company
  // itself: of its contract or plan, or of the attempt. kBadUserInput as above; other errors are
  // those of the store.
  Result<void> check_owner(storage::Session& session, const records::Entity& entity,
                           const Record& record);
  // Empty until a line has named one.
  std::string_view id() const { return id_; }

 private:
  Result<void> check(std::string_view company);

  std::string id_;
};

}  // namespace matricula::exchange
