#include "exchange/record_reader.h"

#include <algorithm>
#include <bitset>
#include <fmt/format.h>
#include <simdjson.h>

#include "base/assert.h"
#include "base/escape.h"
#include "base/join.h"
#include "base/time_text.h"
#include "exchange/json_values.h"
#include "exchange/large_number.h"
#include "exchange/limits.h"
#include "tables/change_line.h"
#include "tables/json_row.h"

namespace matricula::exchange {
namespace {

using records::Entity;
using records::Field;
using records::kFieldsMax;

using Seen = std::bitset<kFieldsMax>;
using FoundFields = std::array<JsonElement, kFieldsMax>;

// Members of a line that are not fields.
constexpr std::string_view kDeletion = tables::kDeleteMember;
constexpr std::string_view kFeedMembers[] = {tables::kTableMember, tables::kSequenceMember,
                                             tables::kChangedAtMember};

tl::unexpected<Error> reason(std::string text) {
  return fail(ErrorCode::kBadUserInput, std::move(text));
}

// Digits for a message, cut when they are many.
std::string excerpt_of(std::string_view number) {
  constexpr std::size_t kDigitsMax = 40;
  return number.size() <= kDigitsMax ? std::string(number)
                                     : fmt::format("{}...", number.substr(0, kDigitsMax));
}

// The reason for rejecting a line with a number that the parser cannot read.
tl::unexpected<Error> number_reason(std::string_view line, const Entity* entity) {
  const std::optional<LargeNumber> large = find_large_number(line);
  if (!large) {
    return reason("is not valid JSON: a number is malformed");
  }
  const auto place = entity == nullptr ? std::nullopt : records::find_field(*entity, large->member);
  const Field* const field = place ? &entity->fields[*place] : nullptr;
  const std::string text = excerpt_of(large->text);
  if (field != nullptr && field->type == records::FieldType::kInteger) {
    return reason(fmt::format("{}: expected {}, found {}", field->name, whole_number_text(), text));
  }
  if (field != nullptr && field->type == records::FieldType::kReal) {
    return reason(fmt::format("{}: expected {}, found {}", field->name,
                              real_number_text(field->real_max), text));
  }
  return reason(fmt::format("the number {} is too large", text));
}

// `entity`: of the line, where that is known.
tl::unexpected<Error> json_reason(simdjson::error_code code, std::string_view line,
                                  const Entity* entity) {
  if (code == simdjson::UTF8_ERROR) {
    return reason("is not UTF-8");
  }
  if (code == simdjson::DEPTH_ERROR) {
    return reason(fmt::format("is nested deeper than {} levels", kNestingMax));
  }
  if (code == simdjson::NUMBER_ERROR) {
    return number_reason(line, entity);
  }
  if (code == simdjson::STRING_ERROR || code == simdjson::UNESCAPED_CHARS) {
    return reason("is not valid JSON: a text has a bad escape or a control character");
  }
  if (code == simdjson::UNCLOSED_STRING) {
    return reason("is not valid JSON: a text is not closed");
  }
  return reason("is not valid JSON");
}

tl::unexpected<Error> unknown_field(const Entity& entity, std::string_view name) {
  std::string quoted;
  append_json_string(quoted, name);
  return reason(fmt::format("unknown field {}; the fields of a {} record are {}", quoted,
                            entity.name, joined(entity.fields, &Field::name)));
}

// Most writers keep one order, so the field after the last one is tried first.
std::optional<std::size_t> place_of(const Entity& entity, std::string_view name,
                                    std::size_t expected) {
  if (expected < entity.fields.size() && entity.fields[expected].name == name) {
    return expected;
  }
  return records::find_field(entity, name);
}

// The place of a member in kFeedMembers.
std::optional<std::size_t> feed_member(std::string_view name) {
  const auto* const found = std::ranges::find(kFeedMembers, name);
  if (found == std::end(kFeedMembers)) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - std::begin(kFeedMembers));
}

// The members of a line, before their values are read.
struct Members {
  Seen seen;
  FoundFields fields;
  // The members that only lines of a feed have.
  bool is_feed = false;
  std::array<std::optional<JsonElement>, std::size(kFeedMembers)> feed = {};
};

// Finds the members; reads no value but that of _delete.
Result<void> find_members(const Entity& entity, const simdjson::dom::object& object,
                          Members& members, bool& is_deletion) {
  auto& [seen, found, is_feed, feed] = members;
  std::size_t expected = 0;
  bool has_deletion = false;
  for (const auto member : object) {
    const std::optional<std::size_t> place = place_of(entity, member.key, expected);
    const std::optional<std::size_t> extra = is_feed ? feed_member(member.key) : std::nullopt;
    if (extra) {
      if (feed[*extra]) {
        return reason(fmt::format("{} appears twice", member.key));
      }
      feed[*extra] = member.value;
    } else if (place) {
      if (seen[*place]) {
        return reason(fmt::format("{} appears twice", member.key));
      }
      seen[*place] = true;
      found[*place] = member.value;
      expected = *place + 1;
    } else if (member.key == kDeletion && !has_deletion) {
      has_deletion = true;
      const Result<bool> flag = read_flag(member.value);
      if (!flag) {
        return reason(fmt::format("{}: {}", kDeletion, flag.error().message));
      }
      is_deletion = *flag;
    } else if (member.key == kDeletion) {
      return reason(fmt::format("{} appears twice", kDeletion));
    } else {
      return unknown_field(entity, member.key);
    }
  }
  return {};
}

Result<void> read_fields(const Entity& entity, const Seen& seen, const FoundFields& found,
                         Record& record, Identifiers taken) {
  for (std::size_t i = 0; i < entity.fields.size(); ++i) {
    const Field& field = entity.fields[i];
    record.values[i] = std::monostate{};
    if (record.is_deletion && !field.is_key) {
      continue;
    }
    if (!seen[i] && !field.is_optional) {
      return reason(fmt::format("{} is missing", field.name));
    }
    if (!seen[i] || (field.is_optional && found[i].is_null())) {
      continue;
    }
    const Result<void> read =
        read_field(field, i, found[i], record, record.is_deletion ? Identifiers::kAny : taken);
    if (!read) {
      const std::string& message = read.error().message;
      const bool has_place = message.starts_with('[') || message.starts_with(':');
      return reason(fmt::format("{}{}{}", field.name, has_place ? "" : ": ", message));
    }
  }
  return {};
}

Result<void> check_length(const Entity& entity, std::string_view line, const Record& record) {
  if (record.is_deletion || line.size() < kRecordBytesMax / kCanonicalGrowthMax) {
    return {};
  }
  std::string canonical;
  tables::append_record(canonical, entity, record.values);
  if (canonical.size() > kRecordBytesMax) {
    return reason(fmt::format("takes {} bytes in the form that export writes, of {} at most",
                              canonical.size(), kRecordBytesMax));
  }
  return {};
}

// The table that a line of a feed is about.
Result<const Entity*> read_table(const simdjson::dom::object& object) {
  JsonElement member;
  if (object.at_key(tables::kTableMember).get(member) != simdjson::SUCCESS) {
    return reason(
        fmt::format("{} is missing: a line of a feed begins with it", tables::kTableMember));
  }
  std::string_view name;
  const Entity* const entity =
      member.get(name) == simdjson::SUCCESS ? records::find_entity(name) : nullptr;
  if (entity == nullptr) {
    return reason(fmt::format("{}: there is no table {}; the tables are {}", tables::kTableMember,
                              describe(member), joined(records::entities(), &Entity::name)));
  }
  return entity;
}

Result<std::int64_t> read_sequence(const Members& members) {
  const std::optional<JsonElement>& changed_at = members.feed[2];
  std::string_view time;
  if (changed_at && (changed_at->get(time) != simdjson::SUCCESS || !parse_time(time))) {
    return reason(fmt::format("{}: expected a time such as 2026-01-31T08:00:00Z, found {}",
                              tables::kChangedAtMember, describe(*changed_at)));
  }
  const std::optional<JsonElement>& sequence = members.feed[1];
  if (!sequence) {
    return reason(fmt::format("{} is missing", tables::kSequenceMember));
  }
  std::int64_t number = 0;
  if (sequence->get(number) != simdjson::SUCCESS || number < 1) {
    return reason(fmt::format("{}: expected a number from 1 on, found {}", tables::kSequenceMember,
                              describe(*sequence)));
  }
  return number;
}

// Empty where the line does not have the company of a deleted record, or has it in its key.
std::string_view company_of_deleted(const Entity& entity, const Members& members) {
  const std::optional<std::size_t> place = records::find_field(entity, "companyId");
  std::string_view company;
  if (!place || entity.fields[*place].is_key || !members.seen[*place] ||
      members.fields[*place].get(company) != simdjson::SUCCESS) {
    return {};
  }
  return company;
}

}  // namespace

// Parses lines in memory that it keeps.
class LineParser {
 public:
  // The members are borrowed until the next call. `line` must be readable for simdjson's padding.
  // `entity`: of the line, where that is known, for messages.
  Result<simdjson::dom::object> parse(std::string_view line, const Entity* entity = nullptr) {
    constexpr std::size_t kDepthMax = kNestingMax + 1;  // simdjson stops when it reaches this
    if (dom_.capacity() < line.size() || dom_.max_depth() != kDepthMax) {
      constexpr std::size_t kCapacityMin = 16 * 1024;
      const auto code = dom_.allocate(std::max(line.size(), kCapacityMin), kDepthMax);
      MATRICULA_ASSERT(code == simdjson::SUCCESS);
    }
    JsonElement root;
    // simdjson need not copy the line: the caller guarantees the padding.
    if (const auto code = dom_.parse(line.data(), line.size(), false).get(root);
        code != simdjson::SUCCESS) {
      return json_reason(code, line, entity);
    }
    simdjson::dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
      return unexpected_value("an object", root);
    }
    return object;
  }

 private:
  simdjson::dom::parser dom_;
};

RecordReader::RecordReader(const Entity& entity, Identifiers taken)
    : entity_(entity), taken_(taken), parser_(std::make_unique<LineParser>()) {}

RecordReader::~RecordReader() = default;

Result<void> RecordReader::read(std::string_view line, Record& record) {
  MATRICULA_TRY(const simdjson::dom::object object, parser_->parse(line, &entity_));
  Members members;
  record.is_deletion = false;
  MATRICULA_CHECK(find_members(entity_, object, members, record.is_deletion));
  MATRICULA_CHECK(read_fields(entity_, members.seen, members.fields, record, taken_));
  return check_length(entity_, line, record);
}

FeedLineReader::FeedLineReader() : parser_(std::make_unique<LineParser>()) {}

FeedLineReader::~FeedLineReader() = default;

Result<FeedLine> FeedLineReader::read(std::string_view line, Record& record) {
  MATRICULA_TRY(const simdjson::dom::object object, parser_->parse(line));
  MATRICULA_TRY(const Entity* const entity, read_table(object));
  Members members;
  members.is_feed = true;
  record.is_deletion = false;
  MATRICULA_CHECK(find_members(*entity, object, members, record.is_deletion));
  MATRICULA_TRY(const std::int64_t sequence, read_sequence(members));
  MATRICULA_CHECK(read_fields(*entity, members.seen, members.fields, record, Identifiers::kClean));
  MATRICULA_CHECK(check_length(*entity, line, record));
  return FeedLine{
      .entity = entity,
      .sequence = sequence,
      .company = record.is_deletion ? company_of_deleted(*entity, members) : std::string_view()};
}

}  // namespace matricula::exchange
