#include "dataapi/file_state.h"

#include <array>
#include <fmt/format.h>
#include <sodium.h>

#include "auth/callers/errors.h"
#include "base/assert.h"
#include "base/text.h"
#include "records/change_reader.h"

namespace matricula::dataapi {
namespace {

// To be raised when the bytes that a recipe makes of a state change.
constexpr int kFileVersion = 2;

}  // namespace

Result<FileState> read_file_state(storage::Session& session, std::string_view company,
                                  records::EntityId entity) {
  MATRICULA_TRY(const auto sequence, records::read_sequence(session, company));
  if (!sequence) {
    return fail(auth::not_authorized());
  }
  FileState state{.epoch = sequence->epoch, .company_sequence = sequence->last};
  MATRICULA_TRY(state.table_sequence, records::read_table_sequence(session, company, entity));
  MATRICULA_TRY(state.changed_at,
                records::read_change_time(session, company, state.table_sequence));
  return state;
}

std::string entity_tag(const FileState& state, std::string_view company, std::string_view recipe) {
  const std::string text = fmt::format("{}\n{}\n{}\n{}\n{}", kFileVersion, state.epoch,
                                       state.table_sequence, recipe, company);
  std::array<unsigned char, crypto_generichash_BYTES_MIN> digest;
  const int bad = crypto_generichash(digest.data(), digest.size(),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size(), nullptr, 0);
  MATRICULA_ASSERT(bad == 0);
  return fmt::format("\"{}\"",
                     to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()}));
}

}  // namespace matricula::dataapi
