#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "http/head_gate.h"
#include "http/message.h"

namespace matricula::http {

// Reads a complete head that check_head() let pass into `request` (method, target, path, query,
// headers, keep_alive) and `fields`, which holds the headers. All views borrow from `head`.
// Returns why it is refused, if it is; `request` is then unspecified. Pure.
std::optional<Refusal> parse_head(std::string_view head, const Framing& framing, Request& request,
                                  std::vector<Header>& fields);

}  // namespace matricula::http
