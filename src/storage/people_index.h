#pragma once

#include "base/result.h"
#include "storage/database.h"

// The search index over the people of each company: a table `company_people` of the people
// of each, `people_blocks` with their texts in the order of their e-mail addresses, and
// `people_grams` with the blocks that a gram occurs in. Each is keyed by the company, so that a
// search costs what the company's own people make it cost.
namespace matricula::storage {

// Keeps the index of a store that has these tables. One thread at a time.
class PeopleIndex {
 public:
  // Files everyone that `company_people` has as pending: new people of a company, people whose
  // text changed, people who are gone. To be called at the end of each write, within its
  // transaction; one lookup where no one is pending. Few pending people change the blocks they are
  // in; many make their company's index anew.
  Result<void> file(Session& session);

 private:
  bool has_tables_ = false;  // false may be out of date
};

}  // namespace matricula::storage
