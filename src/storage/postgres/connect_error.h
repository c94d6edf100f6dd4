#pragma once

#include <string_view>

#include "base/error.h"
#include "storage/postgres/address.h"

namespace matricula::storage::postgres {

// libpq's verbose message about a connection that could not be made, as an error for the operator:
// its message says what is wrong and the remedy, never a password. Waiting may mend kUnavailable
// and kTimeout, and no other code.
Error connect_error(std::string_view libpq_text, const Address& address);

// Whether it may help to try again a little later.
bool may_mend_itself(const Error& error);

// Whether the server, or the pooler in between, is there and takes no more connections.
bool is_full(const Error& error);

// The same error as clients may read it.
Error for_clients(const Error& error);

}  // namespace matricula::storage::postgres
