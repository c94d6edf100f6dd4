#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "dataapi/changes_page.h"
#include "dataapi/changes_request.h"
#include "dataapi/file_state.h"
#include "graphql/language/diagnostic.h"
#include "http/message.h"
#include "records/change_reader.h"

namespace matricula::dataapi {

// {"errors":[{"message","extensions":{"code"}}]} with a status that no ErrorCode has.
http::Response refusal(int status, std::string_view code, std::string_view message);

// An error as it is answered: its status, masked where it is ours, with Retry-After where the
// client is to come back.
http::Response error_response(const Error& error);

// 400 with all that is wrong with a filter.
http::Response filter_reply(std::span<const graphql::Diagnostic> diagnostics);

// 405 where the method is neither GET nor HEAD.
std::optional<http::Response> check_method(const http::Request& request);
// 406 where Accept excludes all of `offers`.
std::optional<http::Response> check_accept(const http::Request& request,
                                           std::initializer_list<std::string_view> offers);

// 410, with the number from which on deletes are kept.
http::Response lost_reply(const LostPosition& lost, const records::SequenceState& state);

// The lines of a page, with the headers by which a reader goes on. Takes them out of the page.
http::Response changes_reply(ChangesPage page, const ChangesRequest& request,
                             const records::SequenceState& state);

// Matricula-Sequence and Matricula-Epoch.
void add_state(http::Response& response, const FileState& state);

// What answers with a company's data say to caches: each caller sees another one, and has to ask
// whether it still holds.
void add_cache_fields(http::Response& response);

}  // namespace matricula::dataapi
